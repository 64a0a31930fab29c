"""The tiny markup: what it makes, and that nothing hostile comes out of it."""

import re
from html.parser import HTMLParser

import pytest

from cbt.bank import markup

ALLOWED = {"p", "strong", "em", "sub", "sup", "ul", "li", "br"}


class Tags(HTMLParser):
    """Every element and attribute a browser would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.others: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes.extend(attrs)

    def handle_endtag(self, tag):
        self.names.add(tag)

    def handle_comment(self, data):
        self.others.append(data)

    def handle_decl(self, decl):
        self.others.append(decl)

    def handle_pi(self, data):
        self.others.append(data)

    def unknown_decl(self, data):
        self.others.append(data)


def seen_by_a_browser(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    tags.close()
    return tags


HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x20type='text/javascript'>alert(1);</script>",
    "<script/src=data:,alert(1)>",
    "<script>/*\n*/alert(1)</script>",
    "</p><script>alert(1)</script><p>",
    "**<script>alert(1)</script>**",
    "*<script>alert(1)*</script>",
    "a~<script>~alert(1)",
    "a^<img/src=x^ onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)",
    "<img src='x' onerror='alert(1)'/>",
    '<img """><script>alert(1)</script>">',
    "<img src=`x` onerror=alert(1)>",
    "<img src=javascript:alert(1)>",
    "<image src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<svg><script href=data:,alert(1) /></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:alert(1)><text y=20>Басыңыз</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
    "<math><mi xlink:href=javascript:alert(1)>x</mi></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math href=javascript:alert(1)>CLICK</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<a href=javascript:alert(1)>Нажмите</a>",
    "<a href='jav&#x09;ascript:alert(1)'>Басыңыз</a>",
    "<a href=&#106;avascript:alert(1)>x</a>",
    '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
    "<a onmouseover=alert(1)>сұрақ</a>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//evil.example/>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>p{background:url(javascript:alert(1))}</style>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea><script>alert(1)</script></textarea>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<div style=width:expression(alert(1))>",
    "<table background=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>Жауап беру</button></form>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<xss onclick=alert(1) style=display:block>",
    "<!--<img src=x onerror=alert(1)>-->",
    "<!--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<!DOCTYPE html><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&#x3C;img src=x onerror=alert(1)&#x3E;",
    "&amp;lt;script&amp;gt;alert(1)",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\\u003cscript\\u003ealert(1)",
    "＜script＞alert(1)＜/script＞",
    "javascript:alert(1)",
    '"><script>alert(1)</script>',
    "'-alert(1)-'",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "Сұрақ <b onclick=alert(1)>мәтіні</b>",
    "Қай әрекет <strong class=x id=y>дұрыс</strong>?",
    "Вопрос <p style='position:fixed'>текст</p>",
    "- <li onclick=alert(1)>бір\n- </ul><script>alert(1)</script>",
    "Бірінші\n\n</p><svg onload=alert(1)>\n\nЕкінші",
    "<strong\n onclick=alert(1)>көп\nжол</strong>",
    "<p\x0conclick=alert(1)>x</p>",
    "<\x00script>alert(1)</script>",
]


def test_the_list_of_hostile_texts_is_long_enough():
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("render", [markup.to_html, markup.to_inline_html])
def test_a_hostile_text_leaves_no_foreign_element_and_no_attribute(render, text):
    tags = seen_by_a_browser(render(text))
    assert tags.names <= ALLOWED
    assert tags.attributes == []
    assert tags.others == []


@pytest.mark.parametrize("text", HOSTILE[:20])
def test_the_last_gate_holds_even_where_nothing_was_escaped(text, monkeypatch):
    monkeypatch.setattr(markup, "escape", lambda words: words)
    tags = seen_by_a_browser(markup.to_html(text))
    assert tags.names <= ALLOWED
    assert tags.attributes == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Қызмет алушы", "<p>Қызмет алушы</p>"),
        ("**емес**", "<p><strong>емес</strong></p>"),
        ("*екпін*", "<p><em>екпін</em></p>"),
        ("H~2~O", "<p>H<sub>2</sub>O</p>"),
        ("10 м^2^", "<p>10 м<sup>2</sup></p>"),
        ("***қалың көлбеу***", "<p><strong><em>қалың көлбеу</em></strong></p>"),
        ("**a *b* c**", "<p><strong>a </strong><strong><em>b</em></strong><strong> c</strong></p>"),
        ("**не**верно", "<p><strong>не</strong>верно</p>"),
        ("бір\n\nекі", "<p>бір</p><p>екі</p>"),
        ("бір\nекі", "<p>бір<br>екі</p>"),
        (
            "Тізім:\n- бір\n- **екі**\nсоңы",
            "<p>Тізім:</p><ul><li>бір</li><li><strong>екі</strong></li></ul><p>соңы</p>",
        ),
        ("5 * 3 * 2", "<p>5 * 3 * 2</p>"),
        ("2*3*4", "<p>2*3*4</p>"),
        ("~5, ~7 мин", "<p>~5, ~7 мин</p>"),
        ("** бос **", "<p>** бос **</p>"),
        ("**ашық", "<p>**ашық</p>"),
        ("**a\n\nb**", "<p>**a</p><p>b**</p>"),
        ("x < 5 && y > 3", "<p>x &lt; 5 &amp;&amp; y &gt; 3</p>"),
        ("-5 градус", "<p>-5 градус</p>"),
        ("<b>x</b> & <script>", "<p>&lt;b&gt;x&lt;/b&gt; &amp; &lt;script&gt;</p>"),
        ("&lt;", "<p>&amp;lt;</p>"),
        ("****a****", "<p><strong>**a**</strong></p>"),
        ("", ""),
    ],
)
def test_markup_becomes_these_elements(text, html):
    assert markup.to_html(text) == html


def test_an_option_has_no_blocks():
    assert markup.to_inline_html("- **бір**\n\nекі") == "- <strong>бір</strong>  екі"


def test_blocks_are_a_tree_for_print():
    assert markup.to_blocks("су H~2~O\n- **бір**") == (
        ("p", (("су H", frozenset()), ("2", frozenset({"sub"})), ("O", frozenset()))),
        ("ul", ((("бір", frozenset({"b"})),),)),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [("**Не** *то* H~2~O", "Не то H2O"), ("A\n\n- b\n- c", "A\nb\nc"), ("x < 5", "x < 5")],
)
def test_plain_words_have_no_markers(text, words):
    assert markup.plain(text) == words


@pytest.mark.parametrize("text", ["**" * 1000 + "a", "**a" * 700, "a~" * 1000, "***" * 600, "**~" * 600, "(" * 2000])
def test_a_text_of_markers_is_rendered_and_does_not_exhaust_the_stack(text):
    assert re.sub(r"<[^>]+>", "", markup.to_html(text))

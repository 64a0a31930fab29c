"""Templates say everything through the catalogues and hold no style or script of their own; every route has its stamp."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

from jinja2 import Environment, nodes

from tests.house.source import Finding, Source

# Names that are the same in every language, and languages by their own names.
SAME_EVERYWHERE = {
    "cbt",
    "pdf",
    "xlsx",
    "csv",
    "yaml",
    "utc",
    "қазақша",
    "русский",
    "english",
    "kk",
    "ru",
    "tab",
    "enter",
}
_SEEN_ATTRIBUTES = {"title", "aria-label", "aria-description", "placeholder", "alt", "label", "aria-roledescription"}
_WORD = re.compile(r"[^\W\d_]{2,}")
_PLACE = "\ufffc"
# Names of classes and parts of attributes that macros and blocks hand over as text.
_IDENTIFIER = re.compile(rf"[\w-]+=\"[^\"]*\"|[a-z{_PLACE}]*(?:-[a-z]+)+")
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True)
_GETTEXT = {"_", "gettext", "ngettext", "pgettext", "npgettext", "_n"}
_SENTENCE = re.compile(r"^[A-ZА-ЯӘҒҚҢӨҰҮҺІ][a-zа-яәғқңөұүһі]+($|[\s,.:!?]| [^\W\d_])")
# Literals with a capital that are not for readers, such as names of headers.
NOT_FOR_READERS: frozenset[str] = frozenset()


class _Text(HTMLParser):
    """Text and attributes that a reader sees or hears, with their lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[int, str]] = []
        self.own: list[tuple[int, str]] = []
        self._silent = ""
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        given = dict(attrs)
        if tag in {"script", "style", "kbd", "code"}:
            self._silent = tag
        if tag not in _VOID:
            # Words in an element of a fixed language are meant to stay in it, such as the choice of the language.
            self._open.append((tag, given.get("lang") in {"kk", "ru"}))
        if tag == "style" or (tag == "script" and not given.get("src") and given.get("type") != "application/json"):
            self.own.append((line, f"a <{tag}> of its own; put it into cbt/web/static"))
        for name, value in attrs:
            if name == "style":
                self.own.append((line, "an inline style; put it into the stylesheet"))
            elif name.startswith("on") and name.isalpha() and len(name) > 3:
                self.own.append((line, f"an inline {name}; put it into a script"))
            elif (value or "").strip().lower().startswith("javascript:"):
                self.own.append((line, "a javascript: address; put it into a script"))
            elif (
                name in _SEEN_ATTRIBUTES or (tag == "input" and name == "value" and given.get("type") == "submit")
            ) and value:
                self.seen.append((line, value))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
        while self._open and any(name == tag for name, _ in self._open):
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._silent and not any(fixed for _, fixed in self._open):
            line = self.getpos()[0]
            self.seen += [(line + number, part) for number, part in enumerate(data.split("\n"))]


def _html_of(template: Source) -> str:
    """The template's own HTML: expressions become a place, blocks and comments vanish, lines stay where they are."""
    pieces, unread, before = [], "", ""
    for _line, kind, value in _ENVIRONMENT.lex(template.text):
        if kind == "data" and not unread:
            pieces.append(value)
        else:
            if kind == "name":
                if value == "trans" or (before == "block" and value.endswith("_class")):
                    unread = "endtrans" if value == "trans" else "endblock"
                elif value == unread:
                    unread = ""
                before = value
            pieces.append((_PLACE if kind == "variable_begin" else "") + "\n" * value.count("\n"))
    return "".join(pieces)


def _read(template: Source) -> _Text:
    parser = _Text()
    parser.feed(_html_of(template))
    parser.close()
    return parser


def text_goes_through_gettext(template: Source) -> Iterator[Finding]:
    """No bare word in the HTML, and no sentence as a literal of an expression outside `_()`."""
    for line, text in _read(template).seen:
        words = [word for word in _WORD.findall(_IDENTIFIER.sub(" ", text)) if word.casefold() not in SAME_EVERYWHERE]
        if words:
            yield template.finding(line, f"“{' '.join(words)[:60]}” is not in `_()`")
    for node, line in _literals(_ENVIRONMENT.parse(template.text)):
        if _SENTENCE.match(node) and node not in NOT_FOR_READERS and node.casefold() not in SAME_EVERYWHERE:
            yield template.finding(line, f"the literal “{node[:60]}” is not in `_()`")


def _literals(node: nodes.Node) -> Iterator[tuple[str, int]]:
    """Literal strings of a template that do not stand inside a call of gettext."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in _GETTEXT:
        for argument in node.kwargs:
            yield from _literals(argument)
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value, node.lineno
    for child in node.iter_child_nodes():
        yield from _literals(child)


def no_style_or_script_of_its_own(template: Source) -> Iterator[Finding]:
    for line, sentence in _read(template).own:
        yield template.finding(line, sentence)


RULES = (text_goes_through_gettext, no_style_or_script_of_its_own)


def routes_without_stamp(views: Iterable[tuple[str, str | None]], known: frozenset[str]) -> list[str]:
    """`views`: endpoint and the permission its view is stamped with."""
    problems = []
    for endpoint, permission in views:
        if permission is None:
            problems.append(f"{endpoint} has no permission stamp, so it answers 403 to everybody")
        elif permission not in known:
            problems.append(f"{endpoint} asks for {permission!r}, which no role is granted")
    return problems

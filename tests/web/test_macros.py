"""The macros every page is built of: what a reader of the screen is told, and what bad input looks like."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from markupsafe import escape
from wtforms import BooleanField, Form, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from cbt.web.assets import STATIC, init_assets

FORMS = (
    '{% from "macros/forms.html" import post_form, field, radios, bilingual, post_button, error_summary, checkbox %}'
)
UI = '{% from "macros/ui.html" import data_table, distribution, empty, pagination, profile_bars, summary_list, tag %}'


class Sample(Form):
    name = StringField("Name", [InputRequired("Give a name.")])
    note = StringField("Note", [Optional()])
    language = RadioField(
        "Language",
        choices=[SelectChoice("kk", "Қазақша"), SelectChoice("ru", "Русский")],
        validators=[InputRequired("Choose one.")],
    )
    agree = BooleanField("Agree")
    stem_kk = TextAreaField("Stem in Kazakh", [InputRequired("Write it.")])
    stem_ru = TextAreaField("Stem in Russian")


@pytest.fixture
def render():
    app = Flask("cbt.web", static_folder=None, template_folder=str(STATIC.parent / "templates"))
    app.config["SECRET_KEY"] = "0123456789abcdef0123456789abcdef"
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["csrf_token"] = lambda: "token-of-the-session"
    app.add_url_rule("/list/<kind>", endpoint="list", view_func=lambda kind: kind)
    init_assets(app)

    def _render(source: str, address: str = "/list/open?area=A1&page=3", **values: object) -> str:
        with app.test_request_context(address):
            return app.jinja_env.from_string(source).render(**values)

    return _render


def _refused(**given: str) -> Sample:
    form = Sample(data=given)
    form.validate()
    return form


def test_a_wrong_field_points_at_its_hint_and_its_error_and_keeps_what_was_typed(render) -> None:
    form = _refused(name="")
    form.name.data = "<b>Әсел</b>"
    page = render(FORMS + '{{ field(form.name, hint="As in the passport") }}', form=form)
    control = re.search(r"<input[^>]*>", page)[0]
    assert 'aria-describedby="name-hint name-error"' in control
    assert 'aria-invalid="true"' in control
    assert 'id="name-hint"' in page
    assert 'id="name-error"' in page
    assert str(escape("<b>Әсел</b>")) in control


def test_a_sound_field_claims_no_error(render) -> None:
    page = render(FORMS + "{{ field(form.note) }}", form=Sample())
    assert "aria-invalid" not in page
    assert "aria-describedby" not in page
    assert "optional" in page


def test_choices_stand_in_a_fieldset_whose_legend_is_the_question(render) -> None:
    page = render(FORMS + '{{ radios(form.language, hints={"kk": "All in Kazakh"}) }}', form=_refused())
    assert re.search(r'<fieldset[^>]*aria-describedby="language-error"', page)
    assert re.search(r"<legend>Language\s*</legend>", page)
    assert 'aria-describedby="language-0-hint"' in page
    assert page.count('type="radio"') == 2
    assert "checked" not in page


def test_the_summary_leads_to_each_wrong_field_and_to_the_first_of_choices(render) -> None:
    page = render(FORMS + "{{ error_summary(form) }}", form=_refused())
    assert re.findall(r'href="#([\w-]+)"', page) == ["name", "language-0", "stem_kk"]
    assert 'role="alert"' in page


def test_the_summary_shows_reasons_that_belong_to_no_field_or_to_a_named_place(render) -> None:
    page = render(FORMS + '{{ error_summary(none, ["<Closed>", ("Row 3 is wrong", "row-3")]) }}')
    assert "&lt;Closed&gt;" in page
    assert '<a href="#row-3">Row 3 is wrong</a>' in page


def test_a_form_without_errors_has_no_summary(render) -> None:
    assert "error-summary" not in render(FORMS + "{% call post_form(form) %}{% endcall %}", form=Sample())


def test_every_post_carries_the_token_of_the_session(render) -> None:
    page = render(
        FORMS
        + '{% call post_form() %}{% endcall %}{{ post_button("/gone", "Remove", fields={"row": 4}, about="Әсел") }}'
    )
    assert page.count('name="csrf_token" value="token-of-the-session"') == page.count("<form") == 2
    assert 'name="row" value="4"' in page
    assert re.search(r'Remove\s*<span class="visually-hidden">Әсел</span>', page)


def test_both_languages_of_a_text_are_marked_for_speech_and_spelling(render) -> None:
    page = render(FORMS + '{{ bilingual(form.stem_kk, form.stem_ru, "Stem", hint="One thought") }}', form=_refused())
    assert re.search(r'<textarea aria-describedby="stem_kk-hint stem_kk-error"[^>]* lang="kk"', page)
    assert re.search(r'<textarea aria-describedby="stem_kk-hint"[^>]* lang="ru"', page)


@pytest.mark.parametrize(
    ("asked", "order", "link"),
    [
        ("", None, "sort=points"),
        ("sort=points", "ascending", "sort=-points"),
        ("sort=-points", "descending", "sort=points"),
        ("sort=name", None, "sort=points"),
    ],
)
def test_a_column_tells_its_order_and_a_press_turns_it(render, asked: str, order: str | None, link: str) -> None:
    source = UI + '{% call data_table("Scores", [{"label": "Points", "sort": "points", "num": true}]) %}{% endcall %}'
    page = render(source, address=f"/list/open?area=A1&page=3&{asked}")
    address = re.search(r'class="sort" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert (re.search(r'aria-sort="(\w+)"', page) or [None, None])[1] == order
    assert address.startswith("/list/open?")
    assert "area=A1" in address
    assert re.search(rf"[?&]{link}(&|$)", address)
    assert "page=" not in address


@dataclass
class ListPage:
    number: int
    pages: int
    total: int = 0

    def url(self, number: int) -> str:
        return f"?page={number}"


@pytest.mark.parametrize(
    ("number", "pages", "shown"),
    [
        (1, 1, ""),
        (1, 2, "1 2 next"),
        (2, 2, "prev 1 2"),
        (1, 9, "1 2 … 9 next"),
        (5, 9, "prev 1 … 4 5 6 … 9 next"),
        (9, 9, "prev 1 … 8 9"),
    ],
)
def test_pages_near_and_at_both_ends_are_offered(render, number: int, pages: int, shown: str) -> None:
    page = render(UI + "{{ pagination(page) }}", page=ListPage(number, pages))
    found = re.findall(r'rel="(prev|next)"|>(\d+|…)</', page)
    assert " ".join(a or b for a, b in found) == shown


def test_the_chart_of_points_shows_the_line_and_a_table_that_adds_up(render) -> None:
    counts = {0: 1, 49: 2, 50: 3, 80: 4}
    page = render(UI + "{{ distribution(counts) }}", counts=counts)
    rows = re.findall(r'<th scope="row">([\d–]+)</th><td class="num">(\d+)</td>', page)
    assert dict(rows) == {
        "0–9": "1",
        "10–19": "0",
        "20–29": "0",
        "30–39": "0",
        "40–49": "2",
        "50–59": "3",
        "60–69": "0",
        "70–79": "0",
        "80": "4",
    }
    assert len(re.findall(r"chart-bar is-below", page)) == 2
    assert 'class="chart-cut"' in page
    assert "7 of 10 people have 50 points or more." in page


def test_bands_of_points_never_straddle_the_line(render) -> None:
    page = render(UI + "{{ distribution(counts, cut=45, maximum=60) }}", counts={4: 1, 44: 1, 45: 1})
    assert re.findall(r'<th scope="row">([\d–]+)</th>', page) == [
        "0–4",
        "5–14",
        "15–24",
        "25–34",
        "35–44",
        "45–54",
        "55–60",
    ]


def test_the_chart_of_nobody_is_still_a_chart(render) -> None:
    assert "0 of 0 people" in render(UI + "{{ distribution({}) }}")


def test_an_area_without_items_is_no_division_by_zero(render) -> None:
    page = render(
        UI
        + '{{ profile_bars([{"label": "A1", "points": 0, "maximum": 0}, {"label": "A2", "points": 3, "maximum": 4}]) }}'
    )
    assert "0&nbsp;%" in page
    assert "75&nbsp;%" in page


def test_words_of_people_are_escaped_everywhere(render) -> None:
    evil = "<script>x</script>"
    page = render(
        UI + "{{ tag(evil) }}{{ empty(evil, evil) }}{{ summary_list([(evil, evil)]) }}"
        '{{ profile_bars([{"label": evil, "points": 1, "maximum": 2}]) }}{% call data_table(evil, [evil]) %}{% endcall %}',
        evil=evil,
    )
    assert "<script" not in page


def test_a_value_of_zero_is_shown_and_a_missing_one_is_a_dash(render) -> None:
    page = render(UI + '{{ summary_list([("Points", 0), ("Decision", none)]) }}')
    assert re.findall(r"<dd>(.*?)</dd>", page) == ["0", "—"]

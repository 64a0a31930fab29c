from __future__ import annotations

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from cbt.documents.score_list import ScoreRow, score_list_pdf
from cbt.documents.wording import language_name
from cbt.i18n import translator

from .samples import KAZAKH_NAME, POSITION, pages, score_list, solid, tags, words


def row(number: int = 1, **changes: object) -> ScoreRow:
    facts: dict[str, object] = {
        "name": f"Аты{number:03} Әбілқайырұлы",
        "position": POSITION.kk,
        "points": 57,
        "admitted": True,
        "testing_language": "kk",
        "duration": timedelta(minutes=54, seconds=51),
    }
    return ScoreRow(**facts | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [1, 60, 300])
def test_everybody_is_on_the_list_once_in_the_order_given(count: int) -> None:
    text = words(score_list_pdf(score_list([row(number) for number in range(count)]), language="kk"))
    places = [text.index(f"Аты{number:03}") for number in range(count)]
    assert places == sorted(places)
    assert text.count("Аты") == count


def test_every_page_is_landscape_and_repeats_the_header() -> None:
    pdf = score_list_pdf(score_list([row(number) for number in range(60)]), language="ru")
    _ = translator("ru").gettext
    printed = pages(pdf)
    assert len(printed) > 2
    for number, page in enumerate(printed, start=1):
        assert _("Candidate") in page
        assert _("Incidents") in page
        assert _("Page %(page)s of %(pages)s") % {"page": number, "pages": len(printed)} in page
    assert all(page.mediabox.width > page.mediabox.height for page in PdfReader(io.BytesIO(pdf)).pages)
    assert sum(kind == "/TH" for kind, _alt in tags(pdf)) == 8


def test_a_row_tells_points_gate_language_duration_and_incidents() -> None:
    incidents = ["14:02 байланыс үзілді", "Кешіккен жауаптар: 2"]
    text = words(score_list_pdf(score_list([row(name=KAZAKH_NAME, incidents=incidents)]), language="kk"))
    gate = translator("kk").gettext("Admitted")
    assert f"57 {gate} {language_name('kk', 'kk')} 54:51 {incidents[0]} {incidents[1]}" in text
    assert KAZAKH_NAME in text


def test_who_has_no_result_gets_dashes_and_a_word() -> None:
    absent = ScoreRow(name="Келмеген Адам", position="–", incidents=["Келмеді"])
    text = words(score_list_pdf(score_list([absent]), language="kk"))
    assert f"– {translator('kk').gettext('No result')} – – Келмеді" in text


def test_the_totals_count_results_and_both_sides_of_the_gate() -> None:
    rows = [row(1), row(2), row(3), row(4, points=49, admitted=False), ScoreRow(name="Келмеген", position="–")]
    text = words(score_list_pdf(score_list(rows), language="kk"))
    _ = translator("kk").gettext
    for count, label in ((5, "Registered"), (4, "With a result"), (3, "Admitted"), (1, "Not admitted")):
        assert solid(f"{count}{_(label)}") in solid(text)


def test_an_empty_list_says_so() -> None:
    expected = translator("kk").gettext("No candidate is registered for this sitting.")
    assert expected in words(score_list_pdf(score_list([]), language="kk"))

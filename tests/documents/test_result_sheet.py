from __future__ import annotations

from dataclasses import fields

import pytest

from cbt.documents.result_sheet import AreaPoints, ResultSheet, result_sheet_pdf
from cbt.documents.wording import points_of, provision
from cbt.i18n import translator

from .samples import ALPHABET, KAZAKH_NAME, POSITION, cells_of, page_count, qr_cells, sheet, solid, tags, words


def test_a_sheet_has_no_place_for_a_key_or_for_single_questions() -> None:
    assert {field.name for field in fields(ResultSheet)} == {
        "body", "name", "iin_tail", "position", "place", "testing_language", "started_at", "finished_at", "duration",
        "points", "maximum", "cut_score", "admitted", "outcome", "source", "edition", "areas", "supervisor",
        "attempt", "form_hash", "digest", "check_value", "check_address",
    }  # fmt: skip
    assert {field.name for field in fields(AreaPoints)} == {"code", "title", "points", "maximum"}


def test_a_sheet_with_nine_areas_and_long_words_is_one_page() -> None:
    assert page_count(result_sheet_pdf(sheet(), language="kk")) == 1


def test_a_sheet_says_everything_that_is_signed() -> None:
    text = words(result_sheet_pdf(sheet(), language="kk"))
    for expected in (
        KAZAKH_NAME,
        "•••••••• 4321",
        "2026 ж. 16 наурыз",
        "09:07:12",
        "10:02:03",
        "54:51",
        points_of(57, 80, "kk"),
        provision("AR r.15", "kk"),
        "Төлегенова Айгүл Серікқызы",
        "2026-0001734",
        "a3c4e1f7" * 8,
        "25-ө",
        "K7QF-2M9X-84TD",
        "https://exam.example.kz/check/K7QF-2M9X-84TD",
    ):
        assert solid(expected) in solid(text), expected
    assert solid(POSITION.kk) in solid(text)
    assert "9f2b71c09f2b" in text
    assert "9f2b71c09f2b7" not in text


def test_kazakh_letters_come_back_intact() -> None:
    assert ALPHABET in solid(words(result_sheet_pdf(sheet(name=ALPHABET), language="ru")))


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize(
    ("admitted", "outcome", "source", "expected"),
    [
        (True, None, "AR r.15", "Admitted to the interview"),
        (False, "REPEAT", "AR r.15", "Not admitted to the interview, subject to re-attestation"),
        (
            False,
            "NOT_CONFORMS_BY_VOTE",
            "AR r.15, r.20",
            "Not admitted to the interview, the commission takes the decision",
        ),
    ],
)
def test_the_verdict_stands_with_its_paragraph(
    language: str, admitted: bool, outcome: str | None, source: str, expected: str
) -> None:
    pdf = result_sheet_pdf(sheet(admitted=admitted, outcome=outcome, source=source), language=language)
    assert solid(translator(language).gettext(expected)) in solid(words(pdf))
    assert solid(provision(source, language)) in solid(words(pdf))


@pytest.mark.parametrize(("source", "numbers"), [("AR r.15", "15"), ("AR r.15, r.20", "15, 20"), ("AR r.10-1", "10-1")])
def test_a_source_is_told_in_words(source: str, numbers: str) -> None:
    assert numbers in provision(source, "kk")
    assert "AR" not in provision(source, "kk")


def test_a_source_of_another_act_stands_as_it_is() -> None:
    assert provision("002 r.9", "ru") == "002 r.9"


def test_each_area_has_a_row_with_points_and_share() -> None:
    text = words(result_sheet_pdf(sheet(), language="kk"))
    for number in range(1, 10):
        assert f"A{number} " in text
        assert f"{number} / 10 {number * 10} %" in text


def test_an_area_without_items_does_not_divide_by_nothing() -> None:
    areas = [AreaPoints(code="A1", title="Бос", points=0, maximum=0)]
    assert "0 / 0 0 %" in words(result_sheet_pdf(sheet(areas=areas), language="kk"))


def test_the_area_table_has_header_cells_and_the_qr_code_has_words() -> None:
    told = tags(result_sheet_pdf(sheet(), language="kk"))
    assert sum(kind == "/TH" for kind, _alt in told) == 3
    alt = translator("kk").gettext("QR code of the address where this sheet can be checked")
    assert ("/Figure", alt) in told


def test_the_qr_code_is_of_the_check_address() -> None:
    assert qr_cells(result_sheet_pdf(sheet(), language="kk")) == [cells_of(sheet().check_address)]


def test_the_whole_personal_number_is_refused() -> None:
    with pytest.raises(ValueError, match="iin_tail"):
        sheet(iin_tail="900101304321")

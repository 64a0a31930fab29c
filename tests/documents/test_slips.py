from __future__ import annotations

from datetime import timedelta

import pytest

from cbt.documents.slips import slips_pdf
from cbt.documents.wording import Bilingual
from cbt.i18n import translator

from .samples import (
    ALPHABET,
    CLOSES,
    OPENS,
    PLACE,
    POSITION,
    cells_of,
    heights,
    page_count,
    pages,
    qr_cells,
    slip,
    solid,
    tags,
    words,
)


@pytest.mark.parametrize(("count", "expected"), [(0, 1), (1, 1), (4, 1), (5, 2), (60, 15), (300, 75)])
def test_four_slips_fill_a_page(count: int, expected: int) -> None:
    assert page_count(slips_pdf([slip()] * count, language="kk")) == expected


def test_a_page_never_splits_a_slip_however_long_its_words_are() -> None:
    long = Bilingual("Әлеуметтік бағдарламалар басқармасы, " * 9, "Управление социальных программ области, " * 9)
    everyone = [
        slip(name=f"Аты{number:02} Константинопольская-Преображенская " * 2, code=f"{number:012}", place=long)
        for number in range(20)
    ]
    printed = pages(slips_pdf(everyone, language="ru"))
    assert len(printed) == 5
    for number in range(20):
        page = printed[number // 4]
        assert f"Аты{number:02}" in page
        assert f"0000 0000 {number:04}" in page
        assert solid(page).count(solid(long.ru)) == 4


def test_the_longest_words_stay_between_the_cut_lines() -> None:
    long = Bilingual("Әлеуметтік бағдарламалар басқармасы, " * 9, "Управление социальных программ области, " * 9)
    everyone = [slip(minutes=1000 + number, place=long, name="Константинопольская " * 4) for number in range(4)]
    quarter = 297 / 25.4 * 72 / 4
    printed = heights(slips_pdf(everyone, language="kk"), 0)
    for number in range(4):
        rules = [height for height, text in printed if f"{1000 + number}" in text]
        assert rules
        assert all((3 - number) * quarter + 12 < height < (4 - number) * quarter for height in rules)


def test_a_slip_says_who_where_when_and_how_in_both_languages_kazakh_first() -> None:
    text = words(slips_pdf([slip()], language="ru"))
    for both in (POSITION, PLACE, Bilingual("2026 ж. 16 наурыз, 09:00–13:00", "16 марта 2026 г., 09:00–13:00")):
        assert -1 < solid(text).find(solid(both.kk)) < solid(text).find(solid(both.ru))
    assert "Һәкімжанова-Өмірзақова Іңкәр Ғұмарқызы" in text
    assert "https://exam.example.kz /candidate" in text or "https://exam.example.kz/candidate" in text
    assert " 60 " in text


def test_kazakh_letters_come_back_intact() -> None:
    assert ALPHABET in solid(words(slips_pdf([slip(name=ALPHABET)], language="kk")))


def test_the_code_stands_in_three_groups_of_four() -> None:
    assert "1234 5678 9012" in words(slips_pdf([slip()], language="kk"))


def test_of_the_personal_number_only_the_last_four_digits_are_printed() -> None:
    assert "•••••••• 4321" in words(slips_pdf([slip()], language="kk"))
    with pytest.raises(ValueError, match="iin_tail"):
        slip(iin_tail="900101304321")


@pytest.mark.parametrize("code", ["12345678901", "1234567890123", "12345678901x", "1234 5678 9012", "١٢٣٤٥٦٧٨٩٠١٢", ""])
def test_a_code_has_twelve_digits(code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        slip(code=code)


def test_the_qr_code_holds_the_address_and_nothing_of_the_candidate() -> None:
    assert qr_cells(slips_pdf([slip(), slip(address="https://b.example.kz")], language="kk")) == [
        cells_of("https://exam.example.kz/candidate"),
        cells_of("https://b.example.kz"),
    ]
    assert ("/Figure", translator("kk").gettext("QR code of the address on this slip")) in tags(
        slips_pdf([slip()], language="kk")
    )


def test_a_window_over_two_days_names_both() -> None:
    text = words(slips_pdf([slip(closes_at=CLOSES + timedelta(days=1))], language="kk"))
    assert "16 марта 2026 г., 09:00 – 17 марта 2026 г., 13:00" in text.replace("\u202f", " ")


def test_the_day_is_that_of_the_country_and_not_of_greenwich() -> None:
    late = OPENS.replace(hour=20)
    text = words(slips_pdf([slip(opens_at=late, closes_at=late + timedelta(hours=2))], language="kk"))
    assert "17 марта 2026 г., 01:00–03:00" in text.replace("\u202f", " ")


def test_without_candidates_the_page_says_so() -> None:
    expected = translator("ru").gettext("No candidate is registered for this sitting.")
    assert expected in words(slips_pdf([], language="ru"))

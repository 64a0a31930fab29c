"""Both catalogues say everything the source says, and the check that holds them finds each fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages import Catalog

from tests import catalogues

SAVED = "Saved at %(time)s"
MINUTES = ("%(num)s minute left.", "%(num)s minutes left.")


def source() -> Catalog:
    catalogue = Catalog()
    catalogue.add(SAVED)
    catalogue.add(MINUTES)
    return catalogue


def russian(**changes: object) -> Catalog:
    words: dict[str, object] = {
        SAVED: "Сохранено в %(time)s",
        MINUTES[0]: ("Осталась %(num)s минута.", "Осталось %(num)s минуты.", "Осталось %(num)s минут."),
    }
    words |= {SAVED if name == "saved" else MINUTES[0]: string for name, string in changes.items()}
    catalogue = Catalog(locale="ru")
    for id_ in (SAVED, MINUTES):
        first = id_ if isinstance(id_, str) else id_[0]
        if words[first] is not None:
            catalogue.add(id_, words[first])  # type: ignore[arg-type]
    return catalogue


def found(catalogue: Catalog, locale: str = "ru") -> set[str]:
    return {finding.what for finding in catalogues.check(source(), catalogue, locale)}


def test_both_catalogues_are_complete() -> None:
    errors = [str(finding) for finding in catalogues.findings() if finding.severity == "error"]
    assert not errors, f"{len(errors)} errors, such as:\n" + "\n".join(errors[:20])


def test_a_right_catalogue_has_no_findings() -> None:
    assert found(russian()) == set()


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"saved": None}, "missing"),
        ({"saved": ""}, "empty"),
        ({"minutes": ("Осталась %(num)s минута.", "", "Осталось %(num)s минут.")}, "empty"),
        ({"saved": "Сохранено в %(tme)s"}, "places ['%(tme)s'], not ['%(time)s']"),
        ({"saved": "Сохранено"}, "places [], not ['%(time)s']"),
        ({"minutes": ("Осталась минута.",) * 3}, "places [], not ['%(num)s']"),
        ({"saved": "Сохранено в %(time)s, 50%"}, "a stray % that breaks the sentence"),
        ({"saved": "Сохранено в <b>%(time)s</b>"}, "tags differ"),
        ({"saved": "Сохранено в %(time)s "}, "begins or ends with another space"),
        ({"saved": "Saved at %(time)s"}, "no Cyrillic letter"),
        ({"minutes": ("Осталась %(num)s минута.", "Осталось %(num)s минут.")}, "2 plural forms, not 3"),
    ],
)
def test_a_fault_in_a_catalogue_is_named(changes: dict[str, object], what: str) -> None:
    assert found(russian(**changes)) == {what}


def test_a_fuzzy_entry_is_named() -> None:
    catalogue = russian()
    catalogue[SAVED].flags.add("fuzzy")
    assert found(catalogue) == {"fuzzy"}


def test_an_entry_that_the_source_no_longer_has_is_named() -> None:
    catalogue = russian()
    catalogue.add("Gone", "Ушло")
    assert found(catalogue) == {"obsolete"}


def test_a_catalogue_with_the_plural_forms_of_another_language_is_named() -> None:
    assert "3 plural forms, not 2" in found(russian(), "kk")


def test_a_kazakh_singular_may_leave_the_number_out() -> None:
    catalogue = Catalog(locale="kk")
    catalogue.add(SAVED, "%(time)s сақталды")
    catalogue.add(("One minute left.", MINUTES[1]), ("Бір минут қалды.", "%(num)s минут қалды."))
    words = Catalog()
    words.add(SAVED)
    words.add(("One minute left.", MINUTES[1]))
    assert not catalogues.check(words, catalogue, "kk")


def test_a_long_text_that_is_the_same_in_both_languages_is_pointed_at() -> None:
    same = Catalog()
    same.add("A", "Ответы сохранены на сервере, проверьте их ещё раз.")
    assert [finding.severity for finding in catalogues.alike(same, same)] == ["warning"]


def test_an_update_keeps_words_adds_new_ones_and_is_the_same_twice(tmp_path: Path) -> None:
    first = Catalog()
    first.add(SAVED)
    catalogues.update("ru", first, tmp_path)
    path = catalogues.po_of("ru", tmp_path)
    path.write_text(path.read_text("utf-8").replace('msgstr ""\n', 'msgstr "Сохранено в %(time)s"\n').replace(
        'msgid ""\nmsgstr "Сохранено в %(time)s"\n', 'msgid ""\nmsgstr ""\n'), "utf-8")  # fmt: skip
    assert catalogues.update("ru", source(), tmp_path) == 1
    once = path.read_text("utf-8")
    assert catalogues.read("ru", tmp_path).get(SAVED).string == "Сохранено в %(time)s"
    assert "://" not in once
    assert "Date" not in once
    catalogues.update("ru", source(), tmp_path)
    assert path.read_text("utf-8") == once

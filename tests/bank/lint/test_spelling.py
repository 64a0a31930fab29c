"""Hints at misspelt words, with small dictionaries of our own."""

from dataclasses import replace
from pathlib import Path

import pytest

from cbt.bank.content import ItemContent, Text
from cbt.bank.lint.spelling import dictionaries, hints_in
from tests.factories import item_content

KAZAKH = ["құқық", "қызмет", "көмек", "тұрғын", "мүгедектік", "және", "береді", "алады", "үшін"]
RUSSIAN = ["право", "помощь", "работник/A", "и", "дает", "дома"]


def folder_of(tmp_path: Path, **dictionaries_: list[str]) -> Path:
    for name, words in dictionaries_.items():
        affixes = "SET UTF-8\nSFX A Y 2\nSFX A 0 а к\nSFX A 0 у к\n"
        (tmp_path / f"{name}.aff").write_text(affixes, "utf-8")
        (tmp_path / f"{name}.dic").write_text("\n".join([str(len(words)), *words]) + "\n", "utf-8")
    return tmp_path


def saying(kk: str = "", ru: str = "") -> ItemContent:
    content = item_content()
    nothing = Text(kk="", ru="")
    blank = tuple(replace(option, text=nothing) for option in content.options)
    return replace(content, stem=Text(kk=kk, ru=ru), options=blank, rationale=nothing)


def hints(known, *contents: ItemContent) -> list[tuple[int, str, str, str]]:
    found = hints_in(contents, known)
    return [(place, p.field, str(p.facts["word"]), str(p.facts.get("like", ""))) for place, p in found]


@pytest.fixture
def known(tmp_path):
    return dictionaries(folder_of(tmp_path, kk_KZ=KAZAKH, ru_RU=RUSSIAN))


def test_a_russian_word_that_the_dictionary_lacks_is_told_once_where_it_is_met_first(known):
    assert hints(known, saying(ru="Работник дает."), saying(ru="Рабтник дома."), saying(ru="Дает рабтник.")) == [
        (1, "stem.ru", "Рабтник", "")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Дает работнику помощь и право",
        "Дома Айгуль дает помощь. Айгуль дома.",  # a name, told by its capital inside a sentence
        "СМС и ПИН-код",
        "Дает А. и Б.",
        "**По**мощь COVID Wi-Fi 12",
    ],
)
def test_known_words_names_abbreviations_and_initials_are_passed_by(known, text):
    assert hints(known, saying(ru=text)) == []


@pytest.mark.parametrize(
    ("word", "like"),
    [("кызмет", "қызмет"), ("тургын", "тұрғын"), ("мугедектік", "мүгедектік"), ("кукык", ""), ("қызметтің", "")],
)
def test_a_kazakh_word_is_doubted_only_where_kazakh_letters_make_it_known(known, word, like):
    assert hints(known, saying(kk=f"Көмек {word} береді.")) == ([(0, "stem.kk", word, like)] if like else [])


@pytest.mark.parametrize(("times", "told"), [(2, False), (3, True)])
def test_the_banks_own_usual_spelling_needs_no_dictionary(times, told):
    texts = [saying(kk="бұл қызметкер келеді")] * times + [saying(kk="бұл кызметкер келеді")]
    expected = [(times, "stem.kk", "кызметкер", "қызметкер")]
    assert hints({}, *texts) == (expected if told else [])


def test_a_name_is_no_lost_letter():
    texts = [saying(kk="ол кімнің құқығы")] * 5 + [saying(kk="Қызмет алушы Кимнің құқығы")]
    assert hints({}, *texts) == []


def test_the_word_list_teaches_words_and_how_they_are_declined(tmp_path):
    lists = [tmp_path / "words-ru.txt", tmp_path / "words-kk.txt"]
    lists[0].write_text("# a comment\nаким\nмаслик/работник # declined alike\n", "utf-8")
    lists[1].write_text("кызмет\n", "utf-8")
    known = dictionaries(folder_of(tmp_path, kk_KZ=KAZAKH, ru_RU=RUSSIAN), word_lists=lists)
    assert hints(known, saying(kk="Көмек кызмет береді.", ru="Дает аким и маслик, маслику, акиму.")) == [
        (0, "stem.ru", "акиму", "")
    ]


def test_a_language_without_both_files_of_a_dictionary_is_not_known(tmp_path):
    folder_of(tmp_path, ru_RU=RUSSIAN, kk_KZ=KAZAKH)
    (tmp_path / "kk_KZ.dic").unlink()
    assert set(dictionaries(tmp_path)) == {"ru"}
    assert dictionaries(tmp_path / "none") == {}

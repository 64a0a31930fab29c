"""What is asked twice is found whatever it is dressed in, and different questions of one topic are left alone."""

import itertools
import random
import unicodedata
from dataclasses import replace

import pytest

from cbt.bank.content import ItemContent, Picture, Text
from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.bank.formats.library import bank_files
from cbt.bank.formats.yaml import read_file
from cbt.bank.lint.repeats import repeats_in
from tests.bank.planted import question
from tests.factories import item_content

REAL = [item.content for path in bank_files(QUESTION_BANKS / "att-care") for item in read_file(path).items]
STEM_KK = "Қызмет алушы үйде құлап, аяғын ауыртып алды. Әлеуметтік қызметкер алдымен не істейді?"
STEM_RU = "Получатель услуг упал дома и повредил ногу. Что социальный работник делает сначала?"
# Not the address of the object: it is given again as soon as the object is gone.
_numbers = itertools.count()


def found(*contents: ItemContent) -> list[tuple[int, int, str, str, str]]:
    repeats = repeats_in(contents, [f"#{place}" for place in range(len(contents))])
    return [(r.later, r.earlier, r.problem.severity, r.problem.code, r.problem.field) for r in repeats]


def asked(kk: str = STEM_KK, ru: str = STEM_RU, **changes: object) -> ItemContent:
    """A question with options of its own."""
    content = item_content(stem_kk=kk, stem_ru=ru, **changes)
    own = f"№ {next(_numbers)}"
    options = tuple(replace(o, text=Text(kk=f"{o.text.kk} {own}", ru=f"{o.text.ru} {own}")) for o in content.options)
    return replace(content, options=options)


def other_ru(seed: int) -> str:
    """Russian words that no other question has."""
    return question(str(seed)).stem.ru


@pytest.mark.parametrize(
    "dressed",
    [
        STEM_KK.upper(),
        STEM_KK.replace(" ", "  ").replace(".", "!"),
        "«" + STEM_KK + "»",
        f"**{STEM_KK}**",
        unicodedata.normalize("NFD", STEM_KK),
        STEM_KK.translate(str.maketrans("аеорсух", "aeopcyx")),
        STEM_KK.replace("Қызмет", "Қыз\u200bмет"),
        STEM_KK.replace("Қызмет", "\u202eҚызмет\u202c"),
        STEM_KK.replace("ә", "ə"),
        STEM_KK.replace("і", "i"),
    ],
)
def test_a_stem_in_another_dress_is_the_same_stem(dressed):
    assert found(asked(), asked(kk=dressed, ru=other_ru(1))) == [(1, 0, "error", "stem_repeated", "stem.kk")]


def test_each_copy_is_told_once_at_itself_and_names_the_first():
    assert found(asked(), asked(), asked()) == [
        (1, 0, "error", "stem_repeated", "stem.kk"),
        (2, 0, "error", "stem_repeated", "stem.kk"),
    ]


def test_the_same_words_over_another_picture_are_another_question():
    one, other = (Picture(letter * 64, Text(kk="Сызба", ru="Схема")) for letter in "ab")
    assert found(asked(pictures=(one,)), asked(pictures=(other,))) == []
    assert found(asked(pictures=(one,)), asked(pictures=(one,)))[0][3] == "stem_repeated"


def with_two_words_changed(text: str, chance: random.Random, *, to: tuple[str, str]) -> str:
    changed = text.split()
    for place, word in zip(chance.sample(range(len(changed)), 2), to, strict=True):
        changed[place] = word
    return " ".join(changed)


@pytest.mark.parametrize("seed", range(3))
def test_a_real_stem_with_two_words_changed_is_nearly_the_same(seed):
    chance = random.Random(seed)
    for place in chance.sample(range(len(REAL)), 12):
        stem = REAL[place].stem
        if min(len(stem.kk.split()), len(stem.ru.split())) < 9:
            continue
        kk = with_two_words_changed(stem.kk, chance, to=("жапырақты", "терезеге"))
        ru = with_two_words_changed(stem.ru, chance, to=("листьями", "окошку"))
        last = found(*REAL, asked(kk=kk, ru=ru))[-1]
        assert last[:4] == (len(REAL), place, "warning", "stem_nearly_repeated"), (kk, ru)


def test_near_in_one_language_alone_is_near():
    stem = REAL[40].stem
    copy = asked(kk=stem.kk.replace("қызметкер", "маман"), ru=other_ru(2))
    assert found(*REAL, copy)[-1][3:] == ("stem_nearly_repeated", "stem.kk")


def test_the_questions_of_the_real_bank_repeat_nothing():
    assert found(*REAL) == []


def test_the_name_of_a_service_makes_no_two_questions_alike():
    asks = [
        "сапаның қай шегін белгілейді",
        "кімнің бастамасымен өзгертіледі",
        "бұзылса, отбасы қайда шағымданады",
        "мекеме басшысынан не талап етеді",
        "жаңа маманды үйреткенде неге керек",
        "туралы мәлімет қайдан табылады",
    ]
    kk = [f"Арнаулы әлеуметтік қызметтер көрсету стандарттары {each}?" for each in asks]
    assert found(*REAL, *(asked(kk=stem, ru=other_ru(number)) for number, stem in enumerate(kk))) == []


def options(kk: list[str], ru: list[str]) -> ItemContent:
    content = item_content(options=len(kk))
    texts = [Text(kk=a, ru=b) for a, b in zip(kk, ru, strict=True)]
    return replace(content, options=tuple(replace(o, text=t) for o, t in zip(content.options, texts, strict=True)))


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ((["Бірінші", "екінші.", "ҮШІНШІ"], ["а1", "а2", "а3"]), True),
        ((["Үшінші", "Бірінші", "Екінші"], ["а1", "а2", "а3"]), True),
        ((["1-ші", "2-ші", "3-ші"], ["Первый", "Второй", "Третий"]), True),
        ((["Бірінші", "Екінші", "Төртінші"], ["Первый", "Второй", "Четвертый"]), False),
    ],
)
def test_a_set_of_options_is_offered_once(second, told):
    first = options(["Бірінші", "Екінші", "Үшінші"], ["Первый", "Второй", "Третий"])
    stems = [replace(each, stem=Text(kk=kk, ru=ru)) for each, kk, ru in zip(
        (first, options(*second)), (STEM_KK, "Отбасыға қандай көмек керек?"), (STEM_RU, "Какая помощь нужна семье?"),
        strict=True,
    )]  # fmt: skip
    assert [row[3] for row in found(*stems)] == ["option_set_repeated"] * told

"""Figures of a bank: where they begin to count, where they warn and where they bar."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from cbt.bank.content import ItemContent, Text
from cbt.bank.lint.figures import figures_of, key_is_longest, problems_of_bank
from tests.factories import item_content

BALANCED = ["knowledge", "application", "knowledge", "application", "judgement"]


def with_keys(*counts: int, options: int = 4) -> list[ItemContent]:
    """So many questions with the key in the first place, the second, and so on; levels in balance."""
    keys = [letter for letter, count in zip("abcdefgh", counts, strict=False) for _ in range(count)]
    return [
        item_content(key=(letter,), options=options, level=BALANCED[number % 5]) for number, letter in enumerate(keys)
    ]


def codes(contents: Iterable[ItemContent]) -> list[tuple[str, str]]:
    return [(problem.severity, problem.code) for problem in problems_of_bank(figures_of(list(contents)))]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((10, 10, 10, 10), []),
        ((16, 10, 7, 7), []),  # chi-square 5.4, p = 0.145
        ((17, 10, 7, 6), []),  # 7.4, p = 0.060
        ((18, 9, 7, 6), [("warning", "keys_uneven")]),  # 9.0, p = 0.029
        ((20, 10, 6, 4), [("warning", "keys_uneven")]),  # 15.2, p = 0.0017
        ((21, 9, 6, 4), [("error", "keys_uneven")]),  # 17.4, p = 0.0006
        ((40, 0, 0, 0), [("error", "keys_uneven")]),
        ((19, 0, 0, 0), []),  # below five expected in a place nothing is said
        ((20, 0, 0, 0), [("error", "keys_uneven")]),
    ],
)
def test_uneven_keys_are_a_warning_and_hardly_possible_ones_an_error(counts, expected):
    assert codes(with_keys(*counts)) == expected


def test_the_figures_stand_in_the_problem():
    (problem,) = problems_of_bank(figures_of(with_keys(18, 9, 7, 6)))
    assert problem.facts == {"places": "a 18, b 9, c 7, d 6", "chi_square": "9.00", "p_value": "0.029", "limit": 0.05}


def test_only_questions_with_one_right_answer_and_the_usual_number_of_options_are_judged():
    several = [item_content(kind="multiple", key=("a", "b")) for _ in range(2)]
    five_options = with_keys(3, options=5)
    figures = figures_of([*with_keys(6, 5, 5, 5), *several, *five_options])
    assert (figures.items, figures.single, figures.judged, figures.places) == (26, 24, 21, (6, 5, 5, 5))
    assert figures.multiple == 2


def test_keys_are_counted_by_how_many_options_are_shorter():
    """In Russian the key is longer than one wrong option; in Kazakh two are as long as it, and length tells nothing."""
    content = item_content(key=("b",), options=4)
    words = {"a": ("бір", "раз"), "b": ("екі", "второй"), "c": ("төртінші", "третий вариант"), "d": ("бес", "четвёртый")}
    options = tuple(replace(option, text=Text(*words[option.id])) for option in content.options)
    figures = figures_of([replace(content, options=options)] * 3)
    assert figures.by_length == {"kk": (0, 0, 0, 0), "ru": (0, 3, 0, 0)}


def of_length(content: ItemContent, place: int) -> ItemContent:
    """The question with its right option at this place by length in Russian, one for the shortest."""
    others = iter([length for length in (5, 7, 9, 11) if length != 3 + 2 * place])
    options = tuple(
        replace(o, text=Text(kk=o.text.kk, ru=o.id + "я" * (2 + 2 * place if o.correct else next(others) - 1)))
        for o in content.options
    )
    return replace(content, options=options)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((10, 16, 10, 4), []),
        ((10, 17, 9, 4), [2]),
        ((17, 10, 9, 4), [1]),
        ((4, 9, 17, 10), [3]),
        ((13, 13, 12, 2), []),
        ((4, 16, 16, 3), []),  # below forty questions nothing is said, whatever the share
    ],
)
def test_a_place_by_length_that_holds_more_than_four_keys_in_ten_is_told(counts, told):
    contents = with_keys(10, 10, 10, sum(counts) - 30)
    places = [place for place, count in enumerate(counts, start=1) for _ in range(count)]
    contents = [of_length(content, place) for content, place in zip(contents, places, strict=True)]
    figures = figures_of(contents)
    assert figures.by_length["ru"] == counts
    found = [problem for problem in problems_of_bank(figures) if problem.code == "key_length_tells"]
    assert [(problem.field, problem.facts["place"]) for problem in found] == [("options.ru", place) for place in told]


def test_five_options_are_judged_with_five_places():
    figures = figures_of(with_keys(5, 5, 5, 5, 5, options=5))
    assert (figures.places, figures.chi_square, figures.p_value) == ((5, 5, 5, 5, 5), 0, 1)


def longest(content: ItemContent, language: str = "ru") -> ItemContent:
    """The question with one more letter in its right option."""
    options = tuple(
        replace(o, text=Text(kk=o.text.kk + "қ" * (language == "kk"), ru=o.text.ru + "я" * (language == "ru")))
        if o.correct
        else o
        for o in content.options
    )
    return replace(content, options=options)


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize(
    ("count", "total", "told"), [(3, 10, False), (4, 10, True), (6, 20, False), (7, 20, True), (9, 9, False)]
)
def test_keys_that_are_the_longest_in_more_than_three_of_ten_are_told(language, count, total, told):
    contents = [item_content(key="abcd"[n % 4]) for n in range(total)]
    contents = [longest(each, language) if n < count else each for n, each in enumerate(contents)]
    found = [p for p in problems_of_bank(figures_of(contents)) if p.code == "key_often_longest"]
    assert [problem.field for problem in found] == [f"options.{language}"] * told
    assert figures_of(contents).longest[language] == count


def test_a_key_as_long_as_another_option_or_longer_only_by_its_markup_is_not_the_longest():
    content = item_content()
    assert not key_is_longest(content, "ru")
    bold = tuple(
        replace(o, text=Text(kk=o.text.kk, ru=f"**{o.text.ru}**")) if o.correct else o for o in content.options
    )
    assert not key_is_longest(replace(content, options=bold), "ru")
    assert key_is_longest(longest(content), "ru") and not key_is_longest(longest(content), "kk")


@pytest.mark.parametrize(
    ("knowledge", "application", "judgement", "told"),
    [
        (8, 8, 4, set()),
        (10, 6, 4, set()),  # 50 and 30: ten points off
        (11, 5, 4, {"knowledge", "application"}),
        (6, 8, 6, set()),
        (5, 8, 7, {"knowledge", "judgement"}),
        (9, 9, 2, set()),
        (10, 9, 1, {"judgement"}),
        (19, 0, 0, set()),  # below twenty nothing is said
    ],
)
def test_levels_more_than_ten_points_off_are_told(knowledge, application, judgement, told):
    levels = ["knowledge"] * knowledge + ["application"] * application + ["judgement"] * judgement
    contents = [item_content(level=level, key="abcd"[n % 4]) for n, level in enumerate(levels)]
    found = [p for p in problems_of_bank(figures_of(contents)) if p.code == "levels_unbalanced"]
    assert {problem.facts["level"] for problem in found} == told


@pytest.mark.parametrize(
    ("multiple", "total", "told"), [(1, 10, False), (2, 10, True), (2, 15, False), (3, 15, True), (9, 9, False)]
)
def test_more_than_one_in_ten_with_several_right_answers_is_told(multiple, total, told):
    contents = [
        item_content(kind="multiple", key="ab") if n < multiple else item_content(key="abcd"[n % 4])
        for n in range(total)
    ]
    assert (("warning", "many_multiple") in codes(contents)) is told


def test_an_empty_bank_and_one_of_several_answers_only_have_figures_too():
    assert figures_of([]).places == ()
    assert figures_of([item_content(kind="multiple", key="ab")]).p_value is None

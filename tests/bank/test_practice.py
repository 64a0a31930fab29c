"""Practice tests from the reference library: twenty questions, balanced, and the same for a seed for ever."""

from __future__ import annotations

import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import pytest

from cbt.bank import markup
from cbt.bank.formats import reference
from cbt.bank.formats.blueprint import QUESTION_BANKS, standard_blueprint
from cbt.bank.formats.reference import bank_of, positions_in
from cbt.bank.practice import QUESTIONS, PracticePaper, positions_offered, practice_paper, shares_of_areas

POSITION, SEED = "att-care", "a1b2c3d4"


@pytest.fixture
def paper() -> PracticePaper:
    return practice_paper(QUESTION_BANKS, position=POSITION, seed=SEED)


@pytest.fixture(params=positions_offered(QUESTION_BANKS))
def position(request: pytest.FixtureRequest) -> str:
    return request.param


def test_every_position_with_enough_questions_is_offered() -> None:
    enough = [
        each for each in positions_in(QUESTION_BANKS) if len(bank_of(QUESTION_BANKS, each).practice_items) >= QUESTIONS
    ]
    assert POSITION in enough
    assert list(positions_offered(QUESTION_BANKS)) == enough


def test_a_draw_is_twenty_questions_marked_for_practice(position: str) -> None:
    stems = {markup.plain(item.content.stem.ru) for item in bank_of(QUESTION_BANKS, position).practice_items}
    for seed in map(str, range(30)):
        drawn = [
            each.stem_words["ru"] for each in practice_paper(QUESTION_BANKS, position=position, seed=seed).questions
        ]
        assert len(set(drawn)) == len(drawn) == QUESTIONS
        assert set(drawn) <= stems


def test_a_draw_is_balanced_over_the_areas(position: str) -> None:
    blueprint = standard_blueprint().position(position)
    assert blueprint is not None
    available = Counter(item.area for item in bank_of(QUESTION_BANKS, position).practice_items)
    drawn = Counter(each.area for each in practice_paper(QUESTION_BANKS, position=position, seed="1").questions)
    for area in blueprint.areas:
        share = QUESTIONS * area.items / 80
        assert drawn[area.code] <= available[area.code]
        assert drawn[area.code] >= min(available[area.code], 1)
        assert drawn[area.code] == available[area.code] or abs(drawn[area.code] - share) < 2


@pytest.mark.parametrize(
    ("weights", "available", "shares"),
    [
        ({"A": 40, "B": 40}, {"A": 20, "B": 20}, {"A": 10, "B": 10}),
        ({"A": 60, "B": 20}, {"A": 20, "B": 20}, {"A": 15, "B": 5}),
        ({"A": 60, "B": 20}, {"A": 3, "B": 20}, {"A": 3, "B": 17}),
        ({"A": 60, "B": 16, "C": 4}, {"A": 20, "C": 20}, {"A": 19, "C": 1}),
    ],
)
def test_areas_share_in_proportion_as_far_as_there_are_questions(
    weights: dict[str, int], available: dict[str, int], shares: dict[str, int]
) -> None:
    assert shares_of_areas(weights, available=available, total=20) == shares


def test_a_seed_draws_the_same_for_ever_and_another_seed_differs(paper: PracticePaper) -> None:
    assert practice_paper(QUESTION_BANKS, position=POSITION, seed=SEED) == paper
    others = [practice_paper(QUESTION_BANKS, position=POSITION, seed=str(number)) for number in range(20)]
    assert len({tuple(each.stem_words["ru"] for each in other.questions) for other in others}) == 20


def test_options_are_shuffled_so_that_the_key_stands_everywhere() -> None:
    keys = Counter(
        min(each.key)
        for number in range(60)
        for each in practice_paper(QUESTION_BANKS, position=POSITION, seed=str(number)).questions
    )
    assert set(keys) == set("abcd")
    assert min(keys.values()) > 0.2 * keys.total()


def test_the_key_names_the_right_option_after_the_shuffle(paper: PracticePaper) -> None:
    right = {
        option.text.ru for item in bank_of(QUESTION_BANKS, POSITION).practice_items
        for option in item.content.options if option.correct
    }  # fmt: skip
    for question in paper.questions:
        shown = {option.id: unescape(option.html["ru"]) for option in question.options}
        assert {shown[letter] for letter in question.key} <= right


def test_files_are_read_once_however_many_ask_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    library = tmp_path / "library"
    shutil.copytree(QUESTION_BANKS, library)
    read = []
    original = reference.read_file
    monkeypatch.setattr(reference, "read_file", lambda path: (read.append(path), original(path))[1])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda seed: practice_paper(library, position=POSITION, seed=str(seed)), range(8)))
    assert len(read) == len(set(read))

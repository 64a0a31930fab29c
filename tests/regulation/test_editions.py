"""Editions: the numbers and wordings of the 2009 rules, and an edition nobody has verified."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from cbt.errors import Refusal
from cbt.regulation import editions
from cbt.regulation.editions import (
    DEFAULT_EDITION,
    UsableEdition,
    all_editions,
    edition,
    in_force,
    require_usable,
)

RULES = require_usable(edition(DEFAULT_EDITION))
UNVERIFIED = edition("kz-mlsp-2023-210")


def test_both_editions_are_on_file_oldest_first():
    assert [known.id for known in all_editions()] == ["kz-mlsp-2009-25o", "kz-mlsp-2023-210"]


def test_an_unknown_edition_is_refused():
    with pytest.raises(Refusal) as no:
        edition("kz-mlsp-1999-1")
    assert no.value.code == "edition_unknown"


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("test", "items", 80),
        ("test", "max_minutes", 60),
        ("test", "points_per_item", 1),
        ("test", "max_points", 80),
        ("test", "admit_min_points", 50),
        ("test", "languages", ("kk", "ru")),
        ("test", "bank_owner", "oblast"),
        ("test", "announce", "same_day"),
        ("commission", "min_members", 5),
        ("commission", "chair_counts", True),
        ("commission", "secretary_counts", False),
        ("commission", "secretary_votes", False),
        ("commission", "quorum_numerator", 2),
        ("commission", "quorum_denominator", 3),
        ("commission", "tie", "chair"),
        ("absence", "min_postpone_months", 1),
        ("absence", "invalid_result", "NOT_ATTESTED"),
        ("repeat", "min_months", 3),
        ("repeat", "max_rounds", 1),
        ("decisions", "initial", ("CONFORMS", "REPEAT")),
        ("decisions", "repeat", ("CONFORMS", "NOT_CONFORMS")),
        ("certificate", "positions", ("att-needs-assessment",)),
        ("certificate", "max_years", 5),
        ("certificate", "journal", True),
        ("cycle", "years", 5),
        ("cycle", "min_months_in_post", None),
        ("cycle", "months_after_childcare", 6),
    ],
)
def test_the_2009_edition_holds_the_numbers_of_the_order(part, name, value):
    assert getattr(getattr(RULES, part), name) == value


@pytest.mark.parametrize(
    ("code", "kk", "ru"),
    [
        ("CONFORMS", "атқаратын қызметіне лайықты", "соответствует занимаемой должности"),
        ("REPEAT", "қайта аттестаттауға жатады", "подлежит повторной аттестации"),
        ("NOT_CONFORMS", "атқаратын қызметіне лайықты емес", "не соответствует занимаемой должности"),
        ("NOT_ATTESTED", "аттестатталмаған болып есептеледі", "считается неаттестованным"),
    ],
)
def test_decisions_keep_their_exact_words(code, kk, ru):
    wording = RULES.decisions.wording(code)
    assert (wording.kk, wording.ru) == (kk, ru)


def test_each_stage_offers_two_decisions_and_they_differ():
    assert len(RULES.decisions.initial) == len(RULES.decisions.repeat) == 2
    assert "NOT_CONFORMS" not in RULES.decisions.initial
    assert "REPEAT" not in RULES.decisions.repeat


def test_the_lists_of_positions_documents_and_valid_reasons_are_closed():
    assert [position.id for position in RULES.positions] == [
        "att-needs-assessment",
        "att-specialist",
        "att-consultant",
        "att-care",
    ]
    assert [document.certified_by for document in RULES.documents] == [None, None, "notary", "hr"]
    assert [reason.code for reason in RULES.absence.valid_reasons] == [
        "disability_temporary",
        "leave",
        "child_illness",
        "relative_death",
    ]
    assert RULES.stages == ("test", "interview", "decision")


def test_a_position_outside_the_list_is_refused():
    assert RULES.position("att-care").ru == "Социальный работник по уходу"
    with pytest.raises(Refusal) as no:
        RULES.position("att-director")
    assert (no.value.code, no.value.facts) == ("position_not_attested", {"position": "att-director"})


def test_the_unverified_edition_is_shown_but_cannot_be_used():
    assert (UNVERIFIED.cycle.years, UNVERIFIED.category_years, UNVERIFIED.test) == (3, 3, None)
    with pytest.raises(Refusal) as no:
        require_usable(UNVERIFIED)
    assert no.value.code == "edition_unverified"
    assert no.value.facts["edition"] == "kz-mlsp-2023-210"
    assert {"positions", "test", "commission", "decisions", "certificate", "jurisdiction"} <= set(
        no.value.facts["missing"]
    )


@pytest.mark.parametrize("part", UsableEdition.__annotations__)
def test_a_file_with_any_part_left_null_is_unusable_even_if_it_does_not_say_so(part):
    raw = next(raw for raw in editions._files() if raw["id"] == DEFAULT_EDITION)
    careless = editions._edition_from({**raw, part: None, "unverified": []})
    with pytest.raises(Refusal) as no:
        require_usable(careless)
    assert no.value.facts["missing"] == [part]


def test_a_misspelt_key_in_a_file_fails_at_start():
    raw = next(raw for raw in editions._files() if raw["id"] == DEFAULT_EDITION)
    with pytest.raises(TypeError):
        editions._edition_from({**raw, "efective_from": None})


def test_an_edition_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        RULES.test.admit_min_points = 49


@pytest.mark.parametrize(
    ("edition_id", "day", "answer"),
    [
        ("kz-mlsp-2009-25o", date(2009, 1, 25), False),  # before adoption
        ("kz-mlsp-2009-25o", date(2009, 3, 1), None),  # first publication is not on file
        ("kz-mlsp-2009-25o", date(2026, 1, 1), None),  # repealed, the day is not on file
        ("kz-mlsp-2023-210", date(2023, 6, 30), False),
        ("kz-mlsp-2023-210", date(2023, 7, 1), True),
        ("kz-mlsp-2023-210", date(2026, 1, 1), True),  # no repeal known
    ],
)
def test_in_force_says_only_what_the_dates_on_file_say(edition_id, day, answer):
    assert in_force(edition(edition_id), day) is answer


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        (date(2010, 1, 1), False),
        (date(2010, 1, 2), True),
        (date(2011, 8, 19), True),
        (date(2011, 8, 20), False),
    ],
)
def test_both_ends_of_a_known_term_belong_to_it(day, answer):
    dated = dataclasses.replace(RULES, effective_from=date(2010, 1, 2), effective_to=date(2011, 8, 19))
    assert in_force(dated, day) is answer


def test_a_repealed_edition_without_a_known_last_day_is_left_open():
    dated = dataclasses.replace(RULES, effective_from=date(2010, 1, 2))
    assert in_force(dated, date(2010, 1, 1)) is False
    assert in_force(dated, date(2026, 1, 1)) is None


def test_the_2009_edition_confers_conformity_and_no_category():
    assert (RULES.confers, RULES.category_years) == ("conformity", None)
    assert UNVERIFIED.confers == "category"

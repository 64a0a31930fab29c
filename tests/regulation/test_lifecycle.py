"""Every pair of state and deed of every table: the moves written here, and a refusal for all others."""

from __future__ import annotations

import itertools

import pytest

from cbt.errors import Refusal
from cbt.regulation import lifecycle
from cbt.regulation.lifecycle import (
    ATTEMPT,
    BLUEPRINT,
    FORM,
    INITIAL_CASE,
    ITEM_VERSION,
    REGISTRY_APPLICATION,
    REPEAT_CASE,
    SITTING,
    TABLES,
    allowed_deeds,
    next_state,
)

ROAD = """
    draft complete_documents documents_complete
    documents_complete schedule_test scheduled_test
    scheduled_test excuse_absence test_postponed
    scheduled_test record_absence not_attested
    scheduled_test record_test tested
    test_postponed schedule_test scheduled_test
    tested schedule_session scheduled_session
    scheduled_session excuse_absence session_postponed
    scheduled_session record_absence not_attested
    scheduled_session interview interviewed
    session_postponed schedule_session scheduled_session
    interviewed vote voted
    voted decide_conforms conforms
"""
# Written a second time on purpose: the tables decide who may be examined and how.
MOVES = {
    ITEM_VERSION: """
        draft edit draft
        draft submit submitted
        submitted return returned
        submitted approve approved
        returned edit returned
        returned submit submitted
        approved retire retired
    """,
    BLUEPRINT: """
        drafted edit drafted
        drafted approve approved
        drafted withdraw withdrawn
        approved withdraw withdrawn
    """,
    FORM: """
        drafted approve approved
        drafted withdraw withdrawn
        approved use in_use
        approved withdraw withdrawn
        in_use use in_use
        in_use withdraw withdrawn
    """,
    SITTING: """
        planned edit planned
        planned open open
        planned cancel cancelled
        open close closed
    """,
    ATTEMPT: """
        issued start started
        issued annul annulled
        started pause paused
        started submit submitted
        started expire expired
        started annul annulled
        paused resume started
        paused expire expired
        paused annul annulled
        submitted annul annulled
        expired annul annulled
    """,
    INITIAL_CASE: ROAD + "tested record_low_points repeat\nvoted decide_repeat repeat",
    REPEAT_CASE: ROAD + "tested decide_not_conforms not_conforms\nvoted decide_not_conforms not_conforms",
    REGISTRY_APPLICATION: """
        draft submit received
        received register registered
        received return returned
        received refuse refused
        returned submit received
        returned close closed
    """,
}
EXPECTED = {
    table: {(before, deed): after for before, deed, after in map(str.split, filter(str.strip, text.splitlines()))}
    for table, text in MOVES.items()
}
PAIRS = [
    pytest.param(table, state, deed, id=f"{table.thing}-{state}-{deed}")
    for table in TABLES
    for state, deed in itertools.product(table.states, table.deeds)
]


@pytest.mark.parametrize(("table", "state", "deed"), PAIRS)
def test_a_move_is_as_written_or_refused(table, state, deed):
    after = EXPECTED[table].get((state, deed))
    if after is not None:
        assert next_state(table, state, deed) == after
        return
    with pytest.raises(Refusal) as no:
        next_state(table, state, deed)
    assert no.value.code == "move_not_allowed"
    assert no.value.facts == {"thing": table.thing, "state": state, "deed": deed}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.thing)
def test_every_written_move_and_no_other_state_is_in_the_table(table):
    assert dict(table.moves) == EXPECTED[table]


@pytest.mark.parametrize(
    ("table", "states"),
    [
        (ITEM_VERSION, {"draft", "submitted", "returned", "approved", "retired"}),
        (BLUEPRINT, {"drafted", "approved", "withdrawn"}),
        (FORM, {"drafted", "approved", "in_use", "withdrawn"}),
        (SITTING, {"planned", "open", "closed", "cancelled"}),
        (ATTEMPT, {"issued", "started", "paused", "submitted", "expired", "annulled"}),
    ],
    ids=lambda value: getattr(value, "thing", ""),
)
def test_the_states_are_those_of_the_design(table, states):
    assert set(table.states) == states


@pytest.mark.parametrize(
    ("table", "final"),
    [
        (ITEM_VERSION, {"retired"}),
        (BLUEPRINT, {"withdrawn"}),
        (FORM, {"withdrawn"}),
        (SITTING, {"closed", "cancelled"}),
        (ATTEMPT, {"annulled"}),
        (INITIAL_CASE, {"not_attested", "conforms", "repeat"}),
        (REPEAT_CASE, {"not_attested", "conforms", "not_conforms"}),
        (REGISTRY_APPLICATION, {"registered", "refused", "closed"}),
    ],
    ids=lambda value: getattr(value, "thing", ""),
)
def test_final_states_allow_nothing_more(table, final):
    assert set(table.final_states) == final


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.thing)
def test_every_state_can_be_reached(table):
    reached = {table.start}
    while more := {after for (before, _), after in table.moves.items() if before in reached} - reached:
        reached |= more
    assert reached == set(table.states)


def test_an_unknown_state_or_deed_is_refused_too():
    with pytest.raises(Refusal):
        next_state(ATTEMPT, "lost", "start")
    with pytest.raises(Refusal):
        next_state(ATTEMPT, "issued", "restart")


def test_a_closed_attempt_takes_no_more_work():
    assert allowed_deeds(ATTEMPT, "submitted") == allowed_deeds(ATTEMPT, "expired") == ("annul",)


def test_an_approved_question_is_never_edited_again():
    assert allowed_deeds(ITEM_VERSION, "approved") == ("retire",)


def test_a_decision_needs_an_interview_and_each_stage_has_its_own_wordings():
    assert "decide_not_conforms" not in INITIAL_CASE.deeds
    assert "decide_repeat" not in REPEAT_CASE.deeds
    for case in (INITIAL_CASE, REPEAT_CASE):
        assert [before for (before, _), after in case.moves.items() if after == "voted"] == ["interviewed"]
        assert [before for (before, _), after in case.moves.items() if after == "conforms"] == ["voted"]


def test_the_tables_cannot_be_changed_at_run_time():
    with pytest.raises(TypeError):
        lifecycle.ATTEMPT.moves["expired", "start"] = "started"

"""Points once more, straight from the rows, by a script that shares no line with the product."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from cbt.db import Database
from cbt.errors import Refusal
from cbt.results.actions import close_overdue
from tests import exam as exams
from tests.results.answers import Seated, seat

CUT = 50


def rescore(connection: Connection, attempt_id: str) -> tuple[int, bool]:
    """Points and whether they reach the cut, from the answers as they arrived and the pinned versions."""
    found = connection.execute(
        text("SELECT permutation, form_id FROM attempt WHERE id = :id"), {"id": attempt_id}
    ).one()
    order = json.loads(found.permutation)
    events = connection.execute(
        text("SELECT slot, choice FROM answer_event WHERE attempt_id = :id ORDER BY seq"), {"id": attempt_id}
    )
    last = {slot: [letter for letter in choice.split(",") if letter] for slot, choice in events}
    versions = connection.execute(
        text(
            "SELECT i.slot, v.content FROM form_item i JOIN item_version v ON v.id = i.version_id WHERE i.form_id = :form"
        ),
        {"form": found.form_id},
    )
    points = 0
    for form_slot, content in versions:
        shown = order["items"].index(form_slot) + 1
        options = order["options"][form_slot - 1]
        chosen = {options["abcdefgh".index(letter)] for letter in last.get(shown, [])}
        right = {option["id"] for option in json.loads(content)["options"] if option["correct"]}
        points += chosen == right
    return points, points >= CUT


def answer_at_random(seated: Seated, dice: random.Random, *, multiple: tuple[int, ...], now: datetime) -> None:
    """Right and wrong answers, changed, cleared and flagged, in any order, with a clock that lies, some too late."""
    keys = seated.exam.keys
    skill = dice.random()
    batch = []
    for _ in range(dice.randint(80, 200)):
        slot = dice.randint(1, len(keys))
        many = slot in multiple
        guess = dice.sample("abcd", dice.randint(0, 3)) if many else dice.sample("abcd", dice.randint(0, 9) and 1)
        choice = keys[slot] if dice.random() < skill else guess
        batch.append(seated.event(slot, choice, flagged=dice.random() < 0.2, at_ms=dice.randint(-(10**9), 10**9)))
    half = len(batch) // 2
    seated.save(*batch[:half], now=now + timedelta(minutes=20))
    seated.save(*batch[half:], now=now + timedelta(minutes=59))
    late = [seated.event(slot, keys[slot]) for slot in dice.sample(sorted(keys), 20)]
    with pytest.raises(Refusal, match="attempt_closed"):
        seated.save(*late, now=now + timedelta(hours=1, seconds=1))


@pytest.mark.parametrize("seed", range(3))
def test_an_independent_script_gives_the_same_points_and_verdict(db: Database, now: datetime, seed: int) -> None:
    multiple = (2, 17, 40, 41, 80)
    exam = exams.build(db, now=now, candidates=4, multiple=multiple)
    dice = random.Random(seed)
    attempts = []
    for number in range(4):
        seated = seat(db, exam, number, now=now, language=dice.choice(["kk", "ru"]))
        answer_at_random(seated, dice, multiple=multiple, now=now)
        attempts.append(seated.attempt.id)
    assert close_overdue(db, now=now + timedelta(hours=2)) == 4
    with db.engine.connect() as connection:
        announced = {
            row.attempt_id: (row.points, bool(row.admitted))
            for row in connection.execute(text("SELECT attempt_id, points, admitted FROM result"))
        }
        assert announced == {attempt: rescore(connection, attempt) for attempt in attempts}
    assert len({points for points, _ in announced.values()}) > 1, "all the same: the test shows nothing"

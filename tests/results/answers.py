"""Answers of a test's candidate: given by form slot and bank identity, sent as the places this attempt shows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

from cbt.db import Database
from cbt.delivery.actions import saving
from cbt.delivery.models import Attempt
from cbt.delivery.sheet import LETTERS, read_permutation
from cbt.results import actions as results
from cbt.results.models import Result
from tests import exam as exams
from tests.exam import Exam

Choices = Mapping[int, Collection[str]]


@dataclass(frozen=True, kw_only=True)
class Seated:
    """A started attempt with the session that runs it."""

    db: Database
    exam: Exam
    attempt: Attempt
    session_key: str

    def shown(self, slot: int) -> int:
        """The place in this attempt of a slot of the form."""
        return read_permutation(self.attempt.permutation).items.index(slot) + 1

    def letters(self, slot: int, ids: Collection[str]) -> tuple[str, ...]:
        order = read_permutation(self.attempt.permutation).options[slot - 1]
        return tuple(sorted(LETTERS[order.index(each)] for each in ids))

    def event(
        self, slot: int, ids: Collection[str], *, flagged: bool = False, at_ms: int = 0, language: str = "kk"
    ) -> saving.Event:
        return saving.Event(
            key=str(uuid.uuid4()), slot=self.shown(slot), choice=",".join(self.letters(slot, ids)), flagged=flagged,
            language=language, at_ms=at_ms,
        )  # fmt: skip

    def save(self, *events: saving.Event, now: datetime) -> saving.Saved:
        return saving.save(self.db, attempt_id=self.attempt.id, session_key=self.session_key, events=events, now=now)

    def answer(self, choices: Choices, *, now: datetime) -> None:
        if choices:
            self.save(*(self.event(slot, ids) for slot, ids in choices.items()), now=now)

    def submit(self, choices: Choices, *, now: datetime) -> Result:
        """Finish, telling the server that these are the answers."""
        told = {self.shown(slot): self.letters(slot, ids) for slot, ids in choices.items() if ids}
        with self.db.transaction() as session:
            return results.submit_attempt(
                session, attempt_id=self.attempt.id, session_key=self.session_key, count=len(told),
                digest=results.answers_digest(told), answers=told, now=now,
            )  # fmt: skip

    def expire(self, *, now: datetime) -> Result | None:
        with self.db.transaction() as session:
            return results.expire_attempt(session, attempt_id=self.attempt.id, now=now)


def seat(db: Database, exam: Exam, number: int = 0, *, now: datetime, language: str = "kk") -> Seated:
    attempt, key = exams.start(db, exam, number, now=now, language=language)
    return Seated(db=db, exam=exam, attempt=attempt, session_key=key)


def right(exam: Exam, count: int) -> dict[int, frozenset[str]]:
    """The right answers to the first `count` slots of the form."""
    return {slot: exam.keys[slot] for slot in range(1, count + 1)}


def sit(
    db: Database, exam: Exam, number: int = 0, *, points: int, now: datetime, minutes: int = 40, language: str = "kk"
) -> Result:
    """A candidate who answers `points` questions right, the others not at all, and finishes after `minutes`."""
    seated = seat(db, exam, number, now=now, language=language)
    chosen = right(exam, points)
    seated.answer(chosen, now=now + timedelta(minutes=minutes - 1))
    return seated.submit(chosen, now=now + timedelta(minutes=minutes))


def in_threads(*deeds: Callable[[], Any]) -> list[Any]:
    """Every deed at the same moment, each in a thread; what each gave back, or the exception that stopped it."""
    gate = Barrier(len(deeds))
    outcomes: list[Any] = [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        gate.wait()
        try:
            outcomes[place] = deed()
        except Exception as error:
            outcomes[place] = error

    threads = [Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes

"""Whatever a browser and its owner do, in any order, the server holds what a dictionary would."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from cbt.accounts.actor import Actor
from cbt.accounts.models import Account
from cbt.db import Database
from cbt.delivery.actions import attempts, entering, saving
from cbt.delivery.models import AnswerEvent, Attempt, LateAnswer, Registration
from cbt.delivery.queries_attempt import SETTLING, current_answers
from cbt.errors import Refusal
from cbt.results import actions as results
from cbt.results.queries import latest_result
from tests import exam as exams

ITEMS = 80
SEVERAL = tuple(range(1, ITEMS + 1, 4))
LENGTH = timedelta(minutes=60)
HOME, AWAY = "the candidate's computer", "another computer"
# The same runs every time. A failing run is shown as it was found: making it shorter would take minutes.
FIXED = settings(
    max_examples=20,
    stateful_step_count=40,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Sitting(RuleBasedStateMachine):
    """One attempt: `held` is what the candidate would say the server holds."""

    db: Database
    exam: exams.Exam
    start_of_day: datetime
    candidates: int = 0

    @initialize(language=st.sampled_from(["kk", "ru"]))
    def start(self, language: str) -> None:
        number = type(self).candidates
        type(self).candidates += 1
        self.now = self.start_of_day
        self.number = number
        with self.db.transaction() as session:
            exams._register(session, self.exam, number, "initial", self.author, self.now)
        entry = exams.enter(self.db, self.exam, number, device=HOME, now=self.now)
        self.live: str | None = exams.token_hash(entry.token)
        self.here = HOME
        self.others: list[str] = []
        with self.db.transaction() as session:
            attempt = attempts.start_attempt(
                session, registration_id=entry.registration_id, language=language, session_key=self.live, now=self.now
            )
        self.id, self.registration = attempt.id, entry.registration_id
        self.deadline = self.now + LENGTH
        order = json.loads(attempt.permutation)
        self.slots: list[int] = order["items"]
        self.options: list[list[str]] = order["options"]
        self.held: dict[int, tuple[tuple[str, ...], bool]] = {}
        self.sent: dict[str, tuple[dict[str, object], int]] = {}
        self.late: set[str] = set()
        self.closed: datetime | None = None

    author: int = 0

    # What a candidate does

    def event(self, slot: int, choice: tuple[str, ...], *, flagged: bool) -> dict[str, object]:
        return {
            "key": str(uuid.uuid4()), "slot": slot, "choice": list(choice), "flagged": flagged, "language": "kk",
            "at_ms": 0,
        }  # fmt: skip

    def send(self, *events: dict[str, object]) -> None:
        """Save through the browser that runs the attempt, and expect what the rules say."""
        assert self.live
        known = all(str(event["key"]) in self.sent for event in events)
        if self.now < self.deadline and self.closed is None:
            saved = self.save(self.live, *events)
            for event in events:
                key = str(event["key"])
                if key in self.sent:
                    assert saved.seqs[key] == self.sent[key][1]
                else:
                    assert all(saved.seqs[key] > seq for _, seq in self.sent.values())
                    self.sent[key] = (event, saved.seqs[key])
                    self.held[int(str(event["slot"]))] = (tuple(sorted(event["choice"])), bool(event["flagged"]))  # type: ignore[call-overload]
        elif known:
            assert self.save(self.live, *events).seqs == {str(e["key"]): self.sent[str(e["key"])][1] for e in events}
        else:
            self.refused("attempt_closed", self.live, *events)
            self.late |= {str(event["key"]) for event in events if str(event["key"]) not in self.sent}

    def save(self, session_key: str, *events: dict[str, object]) -> saving.Saved:
        return saving.save_body(
            self.db, attempt_id=self.id, session_key=session_key, body={"events": list(events)}, now=self.now
        )

    def refused(self, code: str, session_key: str, *events: dict[str, object]) -> None:
        with pytest.raises(Refusal, match=code):
            self.save(session_key, *events)

    def choice(self, slot: int, places: list[int]) -> tuple[str, ...]:
        letters = sorted({"abcd"[place] for place in places})
        return tuple(letters if self.slots[slot - 1] in SEVERAL else letters[:1])

    slot = st.integers(1, ITEMS)
    few_slots = st.integers(1, 6)
    places = st.lists(st.integers(0, 3), min_size=1, max_size=4)

    @precondition(lambda self: self.live)
    @rule(slot=few_slots, places=places, flagged=st.booleans())
    def answer(self, slot: int, places: list[int], flagged: bool) -> None:
        self.send(self.event(slot, self.choice(slot, places), flagged=flagged))

    @precondition(lambda self: self.live)
    @rule(answers=st.lists(st.tuples(slot, places), min_size=1, max_size=30))
    def answer_many_at_once(self, answers: list[tuple[int, list[int]]]) -> None:
        """The queue of a browser that was offline: the last answer to a question counts."""
        self.send(*[self.event(slot, self.choice(slot, places), flagged=False) for slot, places in answers])

    @precondition(lambda self: self.live and self.held)
    @rule(data=st.data())
    def clear(self, data: st.DataObject) -> None:
        self.send(self.event(data.draw(st.sampled_from(sorted(self.held))), (), flagged=False))

    @precondition(lambda self: self.live)
    @rule(slot=few_slots)
    def flag(self, slot: int) -> None:
        choice, flagged = self.held.get(slot, ((), False))
        self.send(self.event(slot, choice, flagged=not flagged))

    @precondition(lambda self: self.live and self.sent)
    @rule(data=st.data(), other=st.booleans())
    def send_a_key_again(self, data: st.DataObject, other: bool) -> None:
        """The answer was lost on the way back, or a key is used for something else: the first stays."""
        event, _ = self.sent[data.draw(st.sampled_from(sorted(self.sent, key=lambda key: self.sent[key][1])))]
        self.send(event | {"choice": []} if other else event)

    @rule(seconds=st.sampled_from([1, 30, 600, 1500]))
    def tick(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(before=st.booleans())
    def wait_for_the_deadline(self, before: bool) -> None:
        """To the last microsecond in which an answer counts, or to the first in which it does not."""
        self.now = max(self.now, self.deadline - timedelta(microseconds=1 if before else 0))

    # Browsers

    @rule()
    def reopen_the_browser(self) -> None:
        old = self.live
        entry = exams.enter(self.db, self.exam, self.number, device=self.here, now=self.now)
        assert not entry.read_only
        self.live = exams.token_hash(entry.token)
        if old:
            self.others.append(old)

    @rule()
    def sign_in_at_another_computer(self) -> None:
        entry = exams.enter(self.db, self.exam, self.number, device=AWAY if self.here == HOME else HOME, now=self.now)
        assert entry.read_only == (self.closed is None and self.live is not None)
        if self.live:
            self.others.append(exams.token_hash(entry.token))
        else:
            self.here = AWAY if self.here == HOME else HOME
            self.live = exams.token_hash(entry.token)

    @precondition(lambda self: self.closed is None)
    @rule()
    def let_another_computer_take_over(self) -> None:
        with self.db.transaction() as session:
            registration = session.get_one(Registration, self.registration)
            entering.release_device(
                session, registration=registration, body_id=self.exam.body_id, actor=self.invigilator, now=self.now
            )
        if self.live:
            self.others.append(self.live)
        self.live = None

    invigilator = Actor(account_id=1, name="Бақылаушы", body_id=1, body_kind="oblast", roles=frozenset({"invigilator"}))

    @precondition(lambda self: self.others)
    @rule(data=st.data(), slot=slot)
    def answer_from_a_browser_that_only_looks(self, data: st.DataObject, slot: int) -> None:
        key = data.draw(st.integers(0, len(self.others) - 1))
        self.refused("read_only_here", self.others[key], self.event(slot, ("a",), flagged=False))

    # The end

    @precondition(lambda self: self.live)
    @rule(right=st.booleans())
    def submit(self, right: bool) -> None:
        answers = {slot: choice for slot, (choice, _) in self.held.items() if choice}
        digest = results.answers_digest(answers) if right else results.answers_digest({**answers, 81: ("a",)})
        act = self.deed(
            lambda session: results.submit_attempt(
                session, attempt_id=self.id, session_key=str(self.live), count=len(answers), digest=digest,
                answers=None, now=self.now,
            )
        )  # fmt: skip
        if self.closed is None and self.now < self.deadline and not right:
            with pytest.raises(Refusal, match="answers_differ"):
                act()
        else:
            act()
            self.closed = self.closed or min(self.now, self.deadline)

    def deed(self, work: Callable[..., object]) -> Callable[[], None]:
        def act() -> None:
            with self.db.transaction() as session:
                work(session)

        return act

    @rule()
    def close_what_is_overdue(self) -> None:
        closed = results.close_overdue(self.db, now=self.now)
        is_due = self.closed is None and self.deadline + SETTLING <= self.now
        assert closed == is_due
        if is_due:
            self.closed = self.deadline

    # What must hold after every step

    @invariant()
    def the_server_holds_what_the_candidate_saved(self) -> None:
        with self.db.reading() as session:
            found = current_answers(session, self.id)
            assert {slot: (answer.choice, answer.flagged) for slot, answer in found.items()} == self.held
            count = session.scalar(
                select(func.count()).select_from(AnswerEvent).where(AnswerEvent.attempt_id == self.id)
            )
            assert count == len(self.sent)
            late = set(session.scalars(select(LateAnswer.key).where(LateAnswer.attempt_id == self.id)))
            assert late == self.late

    @invariant()
    def the_result_is_what_anyone_would_count(self) -> None:
        with self.db.reading() as session:
            attempt = session.get_one(Attempt, self.id)
            result = latest_result(session, self.id)
            if self.closed is None:
                assert (attempt.state, result) == ("started", None)
                return
            assert attempt.finished_at == self.closed
            assert attempt.state == ("submitted" if self.closed < self.deadline else "expired")
            assert result is not None
            assert result.points == self.points()
            assert result.admitted == (result.points >= 50)

    def points(self) -> int:
        """Counted from the paper order and the keys alone."""
        total = 0
        for slot, (choice, _) in self.held.items():
            place = self.slots[slot - 1]
            chosen = frozenset(self.options[place - 1]["abcd".index(letter)] for letter in choice)
            total += bool(choice) and chosen == self.exam.keys[place]
        return total

    def teardown(self) -> None:
        """However the run ended, the attempt is closed at its deadline at the latest, so that no run meets another's."""
        if hasattr(self, "id") and self.closed is None:
            self.now = self.deadline + timedelta(minutes=1)
            self.close_what_is_overdue()
            self.the_server_holds_what_the_candidate_saved()
            self.the_result_is_what_anyone_would_count()


def test_an_attempt_is_a_dictionary_that_forgets_nothing(db: Database, now: datetime) -> None:
    exam = exams.build(db, now=now, candidates=0, items=ITEMS, multiple=SEVERAL)
    with db.reading() as session:
        author = session.scalars(select(Account.id).order_by(Account.id)).first()

    class Here(Sitting):
        pass

    Here.db, Here.exam, Here.start_of_day, Here.author = db, exam, now, author or 0
    run_state_machine_as_test(Here, settings=FIXED)
    assert Here.candidates >= FIXED.max_examples

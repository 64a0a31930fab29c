"""Signing in of staff: guessing is stopped for one account, an unknown login answers like a known one."""

from __future__ import annotations

import threading
from datetime import timedelta
from statistics import median
from time import process_time

import pytest
from sqlalchemy import func, select

from cbt.accounts import actions, queries, vault
from cbt.accounts.actor import Actor
from cbt.accounts.models import Account, SignInFailure, WebSession
from cbt.audit.models import AuditEntry
from cbt.db import Database
from cbt.errors import Refusal
from tests.factories import NOW, PASSWORD, make_body, make_staff

WRONG = "wrong horse battery"
ANOTHER = "quite another words"


@pytest.fixture
def person(db: Database) -> Actor:
    with db.transaction() as session:
        return make_staff(session, make_body(session), "author", login="saule")


def attempt(db: Database, login: str, password: str, *, after: timedelta = timedelta(), **more: str) -> str:
    """`in`, or the code of the refusal."""
    with db.transaction() as session:
        outcome = actions.sign_in(session, login=login, password=password, now=NOW + after, **more)
    return outcome.code if isinstance(outcome, Refusal) else "in"


def test_the_right_password_opens_a_session_and_is_recorded(db: Database, person: Actor) -> None:
    with db.transaction() as session:
        token = actions.sign_in(session, login=" SAULE ", password=PASSWORD, now=NOW)
        assert isinstance(token, str)
        row = queries.session_of(session, token, now=NOW)
        assert row is not None
        assert row.token_hash == vault.token_hash(token) != token
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.tag, entry.subject) == ("account.signed_in", person.label)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("saule", WRONG),
        ("saule", ""),
        ("nobody", PASSWORD),
        ("", ""),
        ("a\x00b", "x"),
        ("ә" * 500, "x"),
        ("saule'--", "x"),
    ],
)
def test_what_is_wrong_is_refused_in_the_same_words(db: Database, person: Actor, login: str, password: str) -> None:
    assert attempt(db, login, password) == "sign_in_wrong"


def test_ten_wrong_tries_lock_the_account_even_for_the_right_password(db: Database, person: Actor) -> None:
    tries = [attempt(db, "saule", WRONG) for _ in range(14)]
    assert tries == ["sign_in_wrong"] * 10 + ["too_many_tries"] * 4
    assert attempt(db, "saule", PASSWORD) == "too_many_tries"


def test_a_thousand_passwords_meet_the_hash_ten_times_in_a_quarter_of_an_hour(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    def watched(kept: str | None, password: str) -> bool:
        verified.append(password)
        return False

    monkeypatch.setattr(vault, "password_matches", watched)
    with sqlite_db.transaction() as session:
        make_staff(session, make_body(session), "author", login="saule")
        for number in range(1_000):
            actions.sign_in(
                session, login="saule", password=f"p{number}", now=NOW + timedelta(milliseconds=800 * number)
            )
    assert len(verified) == 10


@pytest.mark.parametrize(("minutes", "code"), [(14, "too_many_tries"), (15, "in"), (60, "in")])
def test_the_lock_opens_by_itself_after_fifteen_minutes(db: Database, person: Actor, minutes: int, code: str) -> None:
    for _ in range(10):
        attempt(db, "saule", WRONG)
    assert attempt(db, "saule", PASSWORD, after=timedelta(minutes=minutes)) == code


def test_another_account_and_an_unknown_login_are_not_touched_by_the_lock(db: Database, person: Actor) -> None:
    with db.transaction() as session:
        make_staff(session, make_body(session), "author", login="marat")
    for _ in range(12):
        attempt(db, "saule", WRONG)
    assert attempt(db, "marat", PASSWORD) == "in"
    assert attempt(db, "nobody", WRONG) == "sign_in_wrong"


def test_an_unknown_login_is_locked_like_a_known_one(db: Database, person: Actor) -> None:
    assert [attempt(db, "nobody", WRONG) for _ in range(11)][-1] == "too_many_tries"


def test_the_right_password_forgives_the_tries_before_it(db: Database, person: Actor) -> None:
    for _ in range(3):
        for _ in range(9):
            assert attempt(db, "saule", WRONG) == "sign_in_wrong"
        assert attempt(db, "saule", PASSWORD) == "in"


def test_tries_sent_at_once_are_counted_one_after_another(db: Database, person: Actor) -> None:
    gate, codes = threading.Barrier(20), []

    def work() -> None:
        gate.wait(timeout=20)
        codes.append(attempt(db, "saule", WRONG))

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(codes) == ["sign_in_wrong"] * 10 + ["too_many_tries"] * 10
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInFailure)) == 10


def test_every_refused_try_is_in_the_record_without_the_password(db: Database, person: Actor) -> None:
    attempt(db, "saule", WRONG)
    attempt(db, "nobody", WRONG)
    with db.reading() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.tag == "account.sign_in_refused")).all()
        assert [row.subject for row in rows] == [person.label, "account:unknown"]
        assert all(WRONG not in row.facts for row in rows)


def test_a_closed_account_is_refused_like_a_wrong_password(db: Database, person: Actor) -> None:
    with db.transaction() as session:
        session.get_one(Account, person.account_id).disabled_at = NOW
    assert attempt(db, "saule", PASSWORD) == "sign_in_wrong"


def test_an_account_without_a_role_is_told_so_only_after_the_right_password(db: Database) -> None:
    with db.transaction() as session:
        make_staff(session, make_body(session), login="guest")
    assert attempt(db, "guest", WRONG) == "sign_in_wrong"
    assert attempt(db, "guest", PASSWORD) == "no_role_held"


def test_a_new_sign_in_kills_the_session_it_replaces(db: Database, person: Actor) -> None:
    with db.transaction() as session:
        old = actions.sign_in(session, login="saule", password=PASSWORD, now=NOW)
        new = actions.sign_in(session, login="saule", password=PASSWORD, replaces=str(old), now=NOW)
        assert old != new
        assert queries.session_of(session, str(old), now=NOW) is None
        assert queries.session_of(session, str(new), now=NOW) is not None


def test_a_session_ends_by_itself_after_its_life(db: Database, person: Actor) -> None:
    with db.transaction() as session:
        token = str(actions.sign_in(session, login="saule", password=PASSWORD, now=NOW))
        last = NOW + actions.SESSION_LIFE - timedelta(seconds=1)
        assert queries.session_of(session, token, now=last) is not None
        assert queries.session_of(session, token, now=last + timedelta(seconds=1)) is None


def test_old_sessions_and_tries_are_forgotten_and_live_ones_stay(db: Database, person: Actor) -> None:
    attempt(db, "saule", WRONG)
    attempt(db, "saule", PASSWORD)
    with db.transaction() as session:
        actions.drop_old_sessions(session, now=NOW + timedelta(hours=30))
        assert session.scalar(select(func.count()).select_from(WebSession)) == 1
        actions.drop_old_sessions(session, now=NOW + timedelta(hours=37))
        assert session.scalar(select(func.count()).select_from(WebSession)) == 0


# One's own password


def change(db: Database, person: Actor, current: str, password: str = ANOTHER) -> str:
    try:
        with db.transaction() as session:
            outcome = actions.change_password(session, current=current, password=password, actor=person, now=NOW)
    except Refusal as refusal:
        return refusal.code
    return outcome.code if isinstance(outcome, Refusal) else "changed"


def test_a_new_password_ends_all_other_sessions(db: Database, person: Actor) -> None:
    with db.transaction() as session:
        old = str(actions.sign_in(session, login="saule", password=PASSWORD, now=NOW))
        new = actions.change_password(session, current=PASSWORD, password=ANOTHER, actor=person, now=NOW)
        assert queries.session_of(session, old, now=NOW) is None
        row = queries.session_of(session, str(new), now=NOW)
        assert row is not None
        assert row.body_id == person.body_id
    assert attempt(db, "saule", PASSWORD) == "sign_in_wrong"
    assert attempt(db, "saule", ANOTHER) == "in"


def test_the_current_password_cannot_be_guessed_from_an_open_session(db: Database, person: Actor) -> None:
    assert [change(db, person, WRONG) for _ in range(11)] == ["password_wrong_now"] * 10 + ["too_many_tries"]
    assert change(db, person, PASSWORD) == "too_many_tries"


@pytest.mark.parametrize(
    ("password", "code"),
    [("short", "password_short"), ("aaaaaaaaaaaa", "password_weak"), ("x1y2" * 99, "password_long")],
)
def test_a_weak_new_password_is_refused_and_the_old_one_stays(
    db: Database, person: Actor, password: str, code: str
) -> None:
    assert change(db, person, PASSWORD, password) == code
    assert attempt(db, "saule", PASSWORD) == "in"


def test_an_unknown_login_costs_a_check_of_a_password_too(sqlite_db: Database) -> None:
    """Counted in time of the processor, which no other work of the machine lengthens; a missing check takes most of it."""
    rounds = 25
    with sqlite_db.transaction() as session:
        body = make_body(session)
        for number in range(rounds):
            make_staff(session, body, "author", login=f"known{number}")
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(rounds):
        for kind in times:
            start = process_time()
            attempt(sqlite_db, f"{kind}{number}", WRONG)
            times[kind].append(1000 * (process_time() - start))
    known, unknown = median(times["known"]), median(times["unknown"])
    assert unknown > known / 2

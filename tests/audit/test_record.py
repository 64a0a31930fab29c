"""The record in a database: sealing, tampering past the triggers, and many writers at once, on both engines."""

from __future__ import annotations

import argparse
import random
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from cbt.audit import actions, chain, queries
from cbt.audit.actions import record, seal
from cbt.audit.queries import Reach, Sought
from cbt.cli import audit as command
from cbt.cli.context import Context
from cbt.db import Database
from tests.conftest import settings_for

NOW = datetime(2026, 3, 16, 5, 0, 0, 123456, tzinfo=UTC)
ROUNDS = 40


def deed(session: Session, number: int, *, at: datetime = NOW) -> None:
    record(session, "account.signed_in", actor=f"account:{number}", subject=f"account:{number}", now=at)


def filled(db: Database, sizes: tuple[int, ...] = (1, 3, 5, 4, 7)) -> str:
    """Some sealed batches; the head of the last one."""
    number = 0
    for size in sizes:
        with db.transaction() as session:
            for _ in range(size):
                number += 1
                deed(session, number, at=NOW + timedelta(seconds=number))
        with db.transaction() as session:
            seal(session, now=NOW + timedelta(minutes=number))
    with db.reading() as session:
        return queries.head(session)


def verified(db: Database, *heads: str) -> chain.Verified:
    with db.reading() as session:
        return queries.verified(session, expected_heads=heads)


def test_what_is_recorded_is_sealed_and_holds(db: Database) -> None:
    head = filled(db)
    found = verified(db, head)
    assert (found.entries, found.unsealed, found.batches, found.head, found.broken) == (20, 0, 5, head, None)


def test_sealing_nothing_makes_no_batch(db: Database) -> None:
    with db.transaction() as session:
        assert seal(session, now=NOW) == 0
    assert verified(db).batches == 0


def test_a_deed_undone_leaves_no_entry(db: Database) -> None:
    with db.reading() as session:
        deed(session, 1)
        session.flush()
    assert verified(db).unsealed == 0


def test_the_facts_must_be_those_the_tag_declares(db: Database) -> None:
    with db.reading() as session, pytest.raises(ValueError, match="carries"):
        record(session, "account.created", actor="system", subject="account:1", now=NOW, login="a")


def test_a_moment_in_another_zone_is_sealed_as_the_same_moment(db: Database) -> None:
    with db.transaction() as session:
        deed(session, 1, at=NOW.astimezone(timezone(timedelta(hours=5))))
        session.flush()
        seal(session, now=NOW.astimezone(timezone(timedelta(hours=5))))
    assert verified(db).broken is None


def test_a_large_backlog_is_sealed_batch_after_batch(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "LARGEST_BATCH", 7)
    with db.transaction() as session:
        for number in range(20):
            deed(session, number)
    sealed = []
    for _ in range(4):
        with db.transaction() as session:
            sealed.append(seal(session, now=NOW))
    assert sealed == [7, 7, 6, 0]
    assert verified(db).broken is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'account:9' WHERE batch = 2",
        "UPDATE audit_entry SET batch = NULL WHERE batch = 2",
        "DELETE FROM audit_entry WHERE batch = 2",
        "UPDATE audit_batch SET root = head",
        "DELETE FROM audit_batch WHERE number = 5",
    ],
)
def test_the_database_itself_refuses_to_change_the_record(db: Database, statement: str) -> None:
    filled(db)
    with pytest.raises(DBAPIError, match="may not change"), db.transaction() as session:
        session.execute(text(statement))


def _without_guards(db: Database) -> None:
    """What an owner of the database can do first: drop the triggers, switch foreign keys off."""
    with db.engine.connect() as connection:
        if db.is_sqlite:
            names = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'keep_audit%'"
            ).scalars()
            for name in list(names):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
            connection.exec_driver_sql("ALTER TABLE audit_batch DISABLE TRIGGER ALL")
        connection.commit()


def _run(session: Session, statement: str, **values: object) -> None:
    session.execute(text(statement), values)


def _tamper(session: Session, name: str, ids: list[int], rng: random.Random) -> tuple[str, int]:
    """One tamper; the kind of break and the row that must be named."""
    row = rng.choice(ids)
    if name == "edit":
        column = rng.choice(["actor", "subject", "facts", "tag"])
        _run(session, f"UPDATE audit_entry SET {column} = {column} || 'x' WHERE id = :row", row=row)
        return "row_changed", row
    if name == "delete":
        _run(session, "DELETE FROM audit_entry WHERE id = :row", row=row)
        return "row_removed", row
    if name == "insert":
        forged = -row
        _run(
            session,
            "INSERT INTO audit_entry (id, at, tag, actor, body_id, subject, facts, batch) "
            "SELECT :forged, at, tag, actor, body_id, subject, facts, batch FROM audit_entry WHERE id = :row",
            row=row,
            forged=forged,
        )
        return "row_inserted", forged
    if name == "swap":
        one, two = sorted(rng.sample(ids, 2))
        _run(
            session,
            "UPDATE audit_entry SET actor = CASE WHEN id = :one THEN (SELECT actor FROM audit_entry WHERE id = :two) "
            "ELSE (SELECT actor FROM audit_entry WHERE id = :one) END WHERE id IN (:one, :two)",
            one=one,
            two=two,
        )
        return "row_changed", one
    _run(session, "DELETE FROM audit_entry WHERE id >= :row", row=row)
    return "row_removed", row


@pytest.mark.parametrize("name", ["edit", "delete", "insert", "swap", "truncate"])
def test_a_row_tampered_with_past_the_triggers_is_named(db: Database, name: str) -> None:
    head = filled(db)
    _without_guards(db)
    rng = random.Random(name)
    with db.reading() as session:
        ids = list(session.scalars(text("SELECT id FROM audit_entry ORDER BY id")))
    for _ in range(ROUNDS):
        with db.reading() as session:
            kind, row = _tamper(session, name, ids, rng)
            found = queries.verified(session, expected_heads=[head]).broken
        assert found is not None
        assert (found.kind, found.row) == (kind, row)
    assert verified(db, head).broken is None


def test_newest_batches_deleted_with_their_rows_are_found_with_the_printed_head(db: Database) -> None:
    head = filled(db)
    _without_guards(db)
    with db.transaction() as session:
        _run(session, "DELETE FROM audit_entry WHERE batch > 3")
        _run(session, "DELETE FROM audit_batch WHERE number > 3")
    assert verified(db).broken is None
    assert verified(db, head).broken == chain.Break(kind="head_unknown", head=head)


def test_leaves_that_are_no_leaves_do_not_stop_the_check(db: Database) -> None:
    filled(db)
    _without_guards(db)
    with db.transaction() as session:
        _run(session, "UPDATE audit_batch SET leaves = 'zz:' || substr(leaves, 4) WHERE number = 2")
    assert verified(db).broken == chain.Break(kind="seal_changed", batch=2)


def test_entries_committed_out_of_the_order_of_their_ids_are_sealed_too(db: Database) -> None:
    """Two transactions take ids 1 and 2; the second commits and is sealed before the first commits."""
    with db.transaction() as session:
        _run_entry(session, 2)
    with db.transaction() as session:
        assert seal(session, now=NOW) == 1
    with db.transaction() as session:
        _run_entry(session, 1)
    with db.transaction() as session:
        assert seal(session, now=NOW) == 1
    found = verified(db)
    assert (found.entries, found.unsealed, found.broken) == (2, 0, None)


def _run_entry(session: Session, row: int) -> None:
    _run(
        session,
        "INSERT INTO audit_entry (id, at, tag, actor, subject, facts) "
        "VALUES (:row, '2026-03-16 05:00:00.000000', 'account.signed_in', 'account:1', 'account:1', '{}')",
        row=row,
    )


def test_many_writers_and_sealers_at_once_make_one_chain(db: Database) -> None:
    faults: list[BaseException] = []
    gate = threading.Barrier(8)

    def work(number: int) -> None:
        try:
            gate.wait(timeout=20)
            for turn in range(12):
                with db.transaction() as session:
                    deed(session, number * 100 + turn)
                with db.transaction() as session:
                    seal(session, now=NOW)
        except BaseException as fault:
            faults.append(fault)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not faults
    with db.transaction() as session:
        seal(session, now=NOW)
    found = verified(db)
    assert (found.entries, found.unsealed, found.broken) == (96, 0, None)


def test_the_chain_holds_while_others_seal(db: Database) -> None:
    """Batches and entries are read at one moment, so that a seal made in between is not taken for a break."""
    filled(db)
    stop = threading.Event()

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with db.transaction() as session:
                deed(session, number)
            with db.transaction() as session:
                seal(session, now=NOW)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        found = [verified(db) for _ in range(25)]
    finally:
        stop.set()
        thread.join(timeout=30)
    assert [one.broken for one in found] == [None] * 25


@pytest.mark.parametrize("seed", range(6))
def test_any_interleaving_of_deeds_and_seals_holds(db: Database, seed: int) -> None:
    rng = random.Random(seed)
    written = 0
    for _ in range(rng.randrange(5, 25)):
        with db.transaction() as session:
            for _ in range(rng.randrange(4)):
                written += 1
                deed(session, written)
            if rng.random() < 0.4:
                session.flush()
                seal(session, now=NOW)
    found = verified(db)
    assert (found.entries + found.unsealed, found.broken) == (written, None)


def test_line_breaks_in_facts_forge_no_line_of_the_export(db: Database) -> None:
    name = 'x\r\n{"entry":{"id":1}}\u2028\u0085\nAUDIT ok'
    with db.transaction() as session:
        record(session, "account.created", actor="system", subject="account:1", now=NOW, login="x", name=name)
        session.flush()
        seal(session, now=NOW)
    with db.reading() as session:
        lines = list(queries.export_lines(session))
    assert len(lines) == 2
    assert not any("\n" in line or "\r" in line for line in lines)
    assert queries.verified_export(lines).broken is None


# The reader's list.


def test_a_reader_sees_the_entries_of_their_body_and_of_its_accounts_only(db: Database) -> None:
    with db.transaction() as session:
        _run(
            session,
            "INSERT INTO body (id, kind, kato, name_kk, name_ru, name_en) VALUES (1, 'ministry', '0', 'а', 'а', 'a')",
        )
        _run(
            session,
            "INSERT INTO body (id, kind, parent_id, kato, name_kk, name_ru, name_en) VALUES (2, 'oblast', 1, '1', 'б', 'б', 'b')",
        )
        for body, subject in [
            (1, "item:1"),
            (2, "item:2"),
            (None, "account:1"),
            (None, "account:2"),
            (None, "account:9"),
        ]:
            record(session, "account.signed_in", actor="account:1", subject=subject, body_id=body, now=NOW)
    reach = Reach(body_id=2, labels=["account:2", "account:7"])
    with db.reading() as session:
        seen = [row.subject for row in queries.list_entries(session, reach, Sought(), limit=9, offset=0)]
        assert sorted(seen) == ["account:2", "item:2"]
        assert queries.count_entries(session, reach, Sought()) == 2


@pytest.mark.parametrize(
    ("sought", "count"),
    [
        (Sought(), 20),
        (Sought(tag="account.signed_in"), 20),
        (Sought(tag="account.signed_out"), 0),
        (Sought(actor="account:3"), 1),
        (Sought(subject="account:4"), 1),
        (Sought(since=NOW + timedelta(seconds=5)), 16),
        (Sought(until=NOW + timedelta(seconds=5)), 4),
        (Sought(since=NOW + timedelta(seconds=5), until=NOW + timedelta(seconds=6)), 1),
    ],
)
def test_a_reader_finds_by_tag_actor_subject_and_day(db: Database, sought: Sought, count: int) -> None:
    filled(db)
    reach = Reach(body_id=0, labels=[f"account:{number}" for number in range(1, 21)])
    with db.reading() as session:
        assert queries.count_entries(session, reach, sought) == count


# The commands.


@pytest.fixture
def context(db: Database) -> Context:
    return Context(settings_for(db.engine.url.render_as_string(hide_password=False)))


def run(context: Context, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_commands(parser.add_subparsers())
    args = parser.parse_args(["audit", *arguments])
    try:
        return args.run(args, context)
    finally:
        context.database.dispose()


def test_the_command_says_that_the_chain_holds(
    db: Database, context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    head = filled(db)
    spaced = " ".join(head[at : at + 8] for at in range(0, 64, 8)).upper()
    assert run(context, "verify", "--head", head, spaced) == 0
    assert "The chain holds: 20 entries in 5 batches, 0 not sealed yet." in capsys.readouterr().out


def test_the_command_names_the_first_broken_row(
    db: Database, context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(db)
    _without_guards(db)
    with db.transaction() as session:
        _run(session, "UPDATE audit_entry SET facts = '[]' WHERE id IN (9, 12)")
    assert run(context, "verify") == 1
    assert "BROKEN: entry 9 of batch 3 was changed after it was sealed." in capsys.readouterr().err


def test_the_command_shows_the_outside_head_and_its_own(
    db: Database, context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    head = filled(db)
    assert run(context, "verify", "--head", "ab" * 32) == 1
    said = capsys.readouterr().err
    assert "ab" * 32 in said
    assert head in said


def test_an_export_is_checked_without_the_database(
    db: Database, context: Context, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = filled(db)
    file = tmp_path / "record.jsonl"
    assert run(context, "export", str(file)) == 0
    assert run(context, "verify", "--export", str(file), "--head", head) == 0
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(lines[:7] + lines[8:]) + "\n", encoding="utf-8")
    assert run(context, "verify", "--export", str(file)) == 1
    assert "BROKEN: entry 3 of batch 2 was removed." in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_an_export_that_cannot_be_read_is_refused_in_a_sentence(
    context: Context, tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "record.jsonl"
    if content is not None:
        file.write_bytes(content)
    assert run(context, "verify", "--export", str(file)) == 2
    assert "cannot read" in capsys.readouterr().err


def test_a_head_that_is_no_head_is_refused(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(context, "verify", "--head", "abc")
    assert "64 hexadecimal digits" in capsys.readouterr().err


def test_the_command_seals_everything_that_waits(
    db: Database, context: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(actions, "LARGEST_BATCH", 4)
    with db.transaction() as session:
        for number in range(10):
            deed(session, number)
    assert run(context, "seal") == 0
    assert "Sealed entries: 10" in capsys.readouterr().out
    assert verified(db).unsealed == 0


def test_every_break_has_its_sentence() -> None:
    kinds = {"row_changed", "row_removed", "row_inserted", "row_moved", "seal_changed", "batch_removed", "link_broken"}
    kinds |= {"head_unknown", "line_unreadable"}
    assert set(command._BREAKS) == kinds

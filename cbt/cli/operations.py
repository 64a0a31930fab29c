"""Commands of the machine room: migrations, overdue attempts, backup."""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from sqlalchemy import URL

from cbt.cli.context import Context
from cbt.errors import Refusal
from cbt.migrations import state
from cbt.results.actions import close_overdue


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    database = subparsers.add_parser("db", help="migrations").add_subparsers(dest="deed", required=True)
    database.add_parser("upgrade", help="bring the database to the newest tables").set_defaults(run=_upgrade)
    overdue = subparsers.add_parser("close-overdue", help="close attempts whose time is over")
    overdue.set_defaults(run=_close_overdue)
    backup = subparsers.add_parser("backup", help="write a consistent copy of the database to a file")
    backup.add_argument("file", type=Path)
    backup.set_defaults(run=_backup)


def _upgrade(args: argparse.Namespace, context: Context) -> int:
    state.upgrade(context.database)
    print("The database is up to date.")
    return 0


def _close_overdue(args: argparse.Namespace, context: Context) -> int:
    closed = close_overdue(context.database, now=context.now())
    print(f"Closed attempts: {closed}")
    return 0


def _backup(args: argparse.Namespace, context: Context) -> int:
    """A copy that is whole even while answers are being saved; an existing file is never overwritten."""
    if args.file.exists():
        raise Refusal("backup_exists", file=str(args.file))
    args.file.parent.mkdir(parents=True, exist_ok=True)
    part = args.file.with_name(args.file.name + ".part")
    if context.database.is_sqlite:
        _copy_sqlite(context.database.engine.url.database or "", part)
    else:
        _dump_postgres(context, part)
    part.replace(args.file)
    print(f"Backup: {args.file} ({args.file.stat().st_size} bytes)")
    return 0


def _copy_sqlite(source: str, target: Path) -> None:
    target.unlink(missing_ok=True)
    with sqlite3.connect(source) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
        if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise Refusal("backup_damaged", file=str(target))
    live.close()
    copy.close()


def _dump_postgres(context: Context, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise Refusal("backup_needs_pg_dump")
    url = context.database.engine.url.set(drivername="postgresql")
    # Arguments of a program can be seen by everybody on the machine, its environment cannot.
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    address = URL.create(
        url.drivername, username=url.username, host=url.host, port=url.port, database=url.database, query=url.query
    ).render_as_string()
    done = subprocess.run(
        [program, "--format=custom", f"--file={target}", address],
        check=False, stderr=sys.stderr, env=os.environ | secret,
    )  # fmt: skip
    if done.returncode:
        target.unlink(missing_ok=True)
        raise Refusal("backup_damaged", file=str(target))

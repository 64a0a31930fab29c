"""The keeper: beside the server, it closes attempts at their deadline and seals the record every few seconds."""

from __future__ import annotations

import argparse
import logging
import os
import time
from collections.abc import Callable
from datetime import datetime

from cbt import logs
from cbt.accounts.actions import drop_old_sessions
from cbt.audit.actions import seal
from cbt.cli.context import Context
from cbt.db import Database
from cbt.results.actions import close_overdue

log = logging.getLogger("cbt.keeper")
PAUSE_SECONDS = 1.0
SEAL_EVERY_S = 3
CLEAN_EVERY_S = 3600


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    keep = subparsers.add_parser("keep", help="close overdue attempts and seal the record until stopped")
    keep.add_argument("--parent", type=int, default=0, help="stop when this process is gone")
    keep.set_defaults(run=_keep)


def _keep(args: argparse.Namespace, context: Context) -> int:
    logs.configure(context.settings.log_level)
    database = context.database
    rounds = (
        _Round(0, lambda now: close_overdue(database, now=now)),
        _Round(SEAL_EVERY_S, lambda now: _in_transaction(database, seal, now)),
        _Round(CLEAN_EVERY_S, lambda now: _in_transaction(database, drop_old_sessions, now)),
    )
    while not args.parent or os.getppid() == args.parent:
        for each in rounds:
            each.go(context.now())
        time.sleep(PAUSE_SECONDS)
    return 0


def _in_transaction(database: Database, deed: Callable[..., object], now: datetime) -> None:
    with database.transaction() as session:
        deed(session, now=now)


class _Round:
    """A deed done again and again, `every_s` seconds apart by a clock that nobody sets; a failure is told and waits
    for the next turn, and the other deeds go on."""

    def __init__(self, every_s: float, deed: Callable[[datetime], object]) -> None:
        self._every_s = every_s
        self._deed = deed
        self._due = time.monotonic()

    def go(self, now: datetime) -> None:
        if time.monotonic() < self._due:
            return
        try:
            self._deed(now)
        except Exception:  # the database may be away for a while; the work is done when it is back
            log.exception("the keeper could not do its round")
        self._due = time.monotonic() + self._every_s

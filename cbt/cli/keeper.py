"""The keeper: beside the server, it closes attempts at their deadline and seals the record every few seconds."""

from __future__ import annotations

import argparse
import logging
import os
import time
from datetime import timedelta

from cbt import logs
from cbt.accounts.actions import drop_old_sessions
from cbt.audit.actions import seal
from cbt.cli.context import Context
from cbt.results.actions import close_overdue

log = logging.getLogger("cbt.keeper")
PAUSE_SECONDS = 1.0
SEAL_EVERY = timedelta(seconds=3)
CLEAN_EVERY = timedelta(hours=1)


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    keep = subparsers.add_parser("keep", help="close overdue attempts and seal the record until stopped")
    keep.add_argument("--parent", type=int, default=0, help="stop when this process is gone")
    keep.set_defaults(run=_keep)


def _keep(args: argparse.Namespace, context: Context) -> int:
    logs.configure(context.settings.log_level)
    sealed_at = cleaned_at = context.now() - CLEAN_EVERY
    while not args.parent or os.getppid() == args.parent:
        now = context.now()
        try:
            close_overdue(context.database, now=now)
            if now - sealed_at >= SEAL_EVERY:
                with context.database.transaction() as session:
                    seal(session, now=now)
                sealed_at = now
            if now - cleaned_at >= CLEAN_EVERY:
                with context.database.transaction() as session:
                    drop_old_sessions(session, now=now)
                cleaned_at = now
        except Exception:  # the database may be away for a while; the work is done when it is back
            log.exception("the keeper could not do its round")
        time.sleep(PAUSE_SECONDS)
    return 0

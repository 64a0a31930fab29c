"""The production server with its keeper beside it."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading

from granian import Granian
from granian.constants import Interfaces

from cbt.cli.context import Context
from cbt.errors import Refusal
from cbt.migrations import state

# More threads in a process wait for each other more than they work (docs/decisions/0006).
BLOCKING_THREADS = 8
BACKLOG = 8192
KEEPER_BACK_S = 2
# Granian counts open connections here, not requests: below the candidates of a region it would hang.
BACKPRESSURE = 16000


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    serve = subparsers.add_parser("serve", help="serve until stopped")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--workers", type=int, default=0, help="processes; 0 = one for SQLite, else one a core")
    serve.set_defaults(run=_serve)


def _serve(args: argparse.Namespace, context: Context) -> int:
    return serve(context, host=args.host, port=args.port, workers=args.workers)


def workers_for(context: Context, asked: int) -> int:
    """SQLite has one writer, so one process queues for it fairly; PostgreSQL takes one process a core."""
    if context.database.is_sqlite:
        return 1
    return asked or os.cpu_count() or 1


def serve(context: Context, *, host: str, port: int, workers: int) -> int:
    """Check everything that must hold, then serve until stopped. Refusals: setting_unsafe, database_behind."""
    context.settings.require_sound()
    context.database.check()
    if not state.is_current(context.database):
        raise Refusal("database_behind")
    number = workers_for(context, workers)
    context.database.dispose()
    keeper = _Keeper()
    try:
        Granian(
            "cbt.cli.wsgi:app",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            websockets=False,
            workers=number,
            blocking_threads=BLOCKING_THREADS,
            backlog=BACKLOG,
            backpressure=BACKPRESSURE,
            respawn_failed_workers=True,
            log_access=False,
        ).serve()
    finally:
        keeper.end()
    return 0


class _Keeper:
    """The keeper's process, started again where it ends before the server does: without it nothing is closed in time."""

    def __init__(self) -> None:
        self._is_over = threading.Event()
        self._process = self._started()
        threading.Thread(target=self._watch, daemon=True).start()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "cbt", "keep", "--parent", str(os.getpid())])

    def _watch(self) -> None:
        self._process.wait()
        while not self._is_over.wait(KEEPER_BACK_S):
            self._process = self._started()
            self._process.wait()

    def end(self) -> None:
        self._is_over.set()
        self._process.terminate()
        self._process.wait(timeout=10)

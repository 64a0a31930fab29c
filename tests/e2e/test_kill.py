"""The server is killed without warning, again and again, under fifty savers: nothing acknowledged may be missing."""

from __future__ import annotations

import http.client
import random
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from cbt.db import Database
from tests import live
from tests.client import Client, event

SAVERS = 50
KILLS = 30


@dataclass
class Saver:
    """One candidate who never stops answering; `acknowledged` and `unknown` are the history to be judged."""

    client: Client
    acknowledged: list[tuple[str, int, str]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    refused: list[object] = field(default_factory=list)

    def run(self, stop: threading.Event, chance: random.Random) -> None:
        while not stop.is_set():
            slot, letter = chance.randint(1, 80), chance.choice("abcd")
            sent = event(slot, letter)
            while not stop.is_set():
                try:
                    status, answer = self.client.post_json("/api/attempt/events", {"events": [sent]})
                except (OSError, http.client.HTTPException, ValueError):
                    self.unknown.add(sent["key"])
                    time.sleep(0.05)
                    continue
                if status == 200:
                    self.acknowledged.append((answer["saved"][0]["key"], slot, letter))
                    self.unknown.discard(sent["key"])
                else:
                    self.refused.append((status, answer))
                break


@dataclass
class Verdict:
    """What the database holds of what was acknowledged."""

    acknowledged: int
    lost: int
    wrong: int
    duplicates: int
    stale: int


def judge(database_url: str, savers: list[Saver]) -> Verdict:
    database = Database(database_url)
    with database.reading() as session:
        rows = session.execute(text("SELECT key, slot, choice, seq, attempt_id FROM answer_event")).all()
    database.dispose()
    held = {row.key: row for row in rows}
    acknowledged = [each for saver in savers for each in saver.acknowledged]
    lost = [key for key, _slot, _letter in acknowledged if key not in held]
    wrong = [
        key
        for key, slot, letter in acknowledged
        if key in held and (held[key].slot, held[key].choice) != (slot, letter)
    ]
    return Verdict(
        acknowledged=len(acknowledged),
        lost=len(lost),
        wrong=len(wrong),
        duplicates=len(rows) - len(held),
        stale=sum(_stale(saver, held, rows) for saver in savers),
    )


def _stale(saver: Saver, held: dict, rows: list) -> int:
    """Slots whose current answer is older than the last acknowledged one. Unknown outcomes may be newer."""
    own = {held[key].attempt_id for key, _, _ in saver.acknowledged if key in held}
    current: dict[int, int] = {}
    for row in rows:
        if row.attempt_id in own:
            current[row.slot] = max(current.get(row.slot, 0), row.seq)
    last = {slot: key for key, slot, _ in saver.acknowledged}
    return sum(1 for slot, key in last.items() if key in held and held[key].seq > current.get(slot, 0))


def bare(site: live.Site) -> tuple[str, ...]:
    """The same application on the same server without the keeper beside it: it is up again in half the time."""
    return (
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(site.port), "--workers", "1",
        "--blocking-threads", "8", "--backpressure", "16000", "cbt.cli.wsgi:app",
    )  # fmt: skip


def under_fire(site: live.Site, *, kills: int, whole: int = 0, command: tuple[str, ...] = ()) -> list[Saver]:
    """Fifty savers; the server is killed and started again `kills` times, at first `whole` times as `cbt serve`."""
    site.start()
    savers = []
    for row in site.demo["candidates"][:SAVERS]:
        client = Client(site.port)
        client.sign_in(row["iin"], row["code"])
        client.start()
        savers.append(Saver(client))
    site.kill()
    stop = threading.Event()
    threads = [
        threading.Thread(target=saver.run, args=(stop, random.Random(place)), daemon=True)
        for place, saver in enumerate(savers)
    ]
    site.start(command=command)
    for thread in threads:
        thread.start()
    chance = random.Random(7)
    for number in range(kills):
        time.sleep(chance.uniform(0.2, 0.7))
        site.kill()
        site.start(command=() if number < whole else command)
    time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join(timeout=30)
    site.stop()
    return savers


@pytest.mark.slow
def test_no_acknowledged_answer_is_lost_in_thirty_kills(tmp_path: Path) -> None:
    with live.site(tmp_path, candidates=60) as site:
        savers = under_fire(site, kills=KILLS, whole=6, command=bare(site))
        verdict = judge(site.database_url, savers)
        print(f"\n{KILLS} kills: {verdict}")
        assert verdict.acknowledged > 1000
        assert (verdict.lost, verdict.wrong, verdict.duplicates, verdict.stale) == (0, 0, 0, 0)
        assert not [refusal for saver in savers for refusal in saver.refused]
        assert site.run("audit", "verify").returncode == 0


@pytest.mark.slow
def test_the_kill_test_catches_a_server_that_speaks_too_early(tmp_path: Path) -> None:
    with live.site(tmp_path, candidates=60) as site:
        mutant = (sys.executable, "-m", "tests.mutants.ack_before_commit", str(site.port))
        verdict = judge(site.database_url, under_fire(site, kills=4, command=mutant))
        print(f"\nplanted fault: {verdict}")
        assert verdict.lost > 0

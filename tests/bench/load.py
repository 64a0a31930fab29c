"""A closed loop of savers over raw connections, and the CPU that server and database spend on them."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.client import Client

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Timings:
    """Seconds of each request, printed as percentiles in milliseconds."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def number(self) -> int:
        return len(self.seconds)

    @contextmanager
    def one(self) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds.append(time.perf_counter() - begun)

    def __str__(self) -> str:
        ranked = sorted(self.seconds)

        def at(share: float) -> float:
            return ranked[min(len(ranked) - 1, int(share * len(ranked)))] * 1000

        return f"p50 {at(0.5):.1f} ms, p95 {at(0.95):.1f} ms, p99 {at(0.99):.1f} ms, max {ranked[-1] * 1000:.1f} ms"


class Usage:
    """CPU of the server's process group and of the PostgreSQL behind it, by /proc."""

    def __init__(self, group: int, *, engine: str) -> None:
        self.group = group
        self.engine = engine

    @contextmanager
    def over(self, number: int, what: str) -> Iterator[Callable[[int], None]]:
        """Print CPU milliseconds a deed; the block may say the number of deeds itself."""
        counted = [number]
        server, database = self._server(), self._database()
        yield lambda value: counted.__setitem__(0, value)
        spent, behind = self._server() - server, self._database() - database
        deeds = max(1, counted[0])
        line = f"{what}: {spent / deeds * 1000:.2f} CPU ms in the server"
        if self.engine == "PostgreSQL":
            line += f", {behind / deeds * 1000:.2f} in PostgreSQL"
        print(line + f" each ({counted[0]})")

    def _server(self) -> float:
        return sum(cpu for _name, group, cpu in _processes() if group == self.group)

    def _database(self) -> float:
        return sum(cpu for name, _group, cpu in _processes() if name.startswith("postgres"))


def _processes() -> Iterator[tuple[str, int, float]]:
    """Name, process group and CPU seconds of every process."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                head, _, tail = (entry / "stat").read_text().rpartition(")")
            except OSError:
                continue
            fields = tail.split()
            yield head.partition("(")[2], int(fields[2]), (int(fields[11]) + int(fields[12])) / _TICK


async def saves(clients: list[Client], *, seconds: float, batch: int) -> Timings:
    """Every client saves one request after another for so many seconds."""
    timings = Timings()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_saver(client, until, batch, timings, place) for place, client in enumerate(clients)))
    return timings


async def _saver(client: Client, until: float, batch: int, timings: Timings, place: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = (
        f"POST /api/attempt/events HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\nCookie: {cookies}\r\n"
        f"X-CSRFToken: {client.csrf}\r\nContent-Type: application/json\r\nContent-Length: "
    ).encode()
    chance = random.Random(place)
    while time.perf_counter() < until:
        events = [
            {
                "key": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "slot": chance.randint(1, 80),
                "choice": [chance.choice("abcd")], "flagged": False, "language": "kk", "at_ms": 1,
            }
            for _ in range(batch)
        ]  # fmt: skip
        body = json.dumps({"events": events}).encode()
        begun = time.perf_counter()
        writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
        status = await reader.readline()
        length = 0
        while (line := await reader.readline()) not in {b"\r\n", b""}:
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        await reader.readexactly(length)
        timings.seconds.append(time.perf_counter() - begun)
        if b" 200 " not in status:
            timings.refused += 1
    writer.close()

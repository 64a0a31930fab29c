"""The same closed loop by wrk, where it is installed: its own work hardly weighs on the machine it shares."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.client import Client

_SCRIPT = """
local cookies = {%(cookies)s}
local tokens = {%(tokens)s}
local random = math.random
math.randomseed(os.time())
local function key()
  return (string.gsub("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx", "x", function() return string.format("%%x", random(0, 15)) end))
end
request = function()
  local who = random(1, #cookies)
  local body = string.format(
    '{"events":[{"key":"%%s","slot":%%d,"choice":["%%s"],"flagged":false,"language":"kk","at_ms":1}]}',
    key(), random(1, 80), string.sub("abcd", random(1, 4)):sub(1, 1))
  return wrk.format("POST", "/api/attempt/events",
    {["Cookie"] = cookies[who], ["X-CSRFToken"] = tokens[who], ["Content-Type"] = "application/json"}, body)
end
done = function(summary, latency, requests)
  print(string.format("RESULT %%d %%d %%d %%.3f %%.3f %%.3f %%.3f", summary.requests, summary.duration,
    summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
"""


@dataclass(frozen=True)
class Outcome:
    """Saves, seconds, failures, and percentiles in milliseconds."""

    saves: int
    seconds: float
    failed: int
    p50: float
    p95: float
    p99: float
    longest: float

    def __str__(self) -> str:
        return (
            f"{self.saves / self.seconds:,.0f} saves/s; p50 {self.p50:.1f} ms, p95 {self.p95:.1f} ms, "
            f"p99 {self.p99:.1f} ms, max {self.longest:.1f} ms; failed {self.failed}"
        )


def is_installed() -> bool:
    return shutil.which("wrk") is not None


def saves(clients: list[Client], *, folder: Path, seconds: int, connections: int) -> Outcome:
    """One answer a request, from random candidates, over so many connections."""
    cookies = ["; ".join(f"{name}={value}" for name, value in client.cookies.items()) for client in clients]
    script = folder / "saves.lua"
    script.write_text(
        _SCRIPT
        % {
            "cookies": ", ".join(f'"{cookie}"' for cookie in cookies),
            "tokens": ", ".join(f'"{client.csrf}"' for client in clients),
        }
    )
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{clients[0].port}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\S+) (\S+) (\S+) (\S+)", done.stdout)
    assert found, done.stdout
    saved, microseconds, failed, *latency = found.groups()
    return Outcome(int(saved), int(microseconds) / 1e6, int(failed), *(float(each) for each in latency))

"""A server that says "saved" before the answer is durable: the fault that the kill test exists for."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

from granian import Granian
from granian.constants import Interfaces

from cbt.app import create_app
from cbt.delivery.actions import saving

_honest = saving.save


def _hasty(database: Any, *, attempt_id: str, session_key: str, events: Any, now: Any) -> saving.Saved:
    def later() -> None:
        time.sleep(0.005)
        _honest(database, attempt_id=attempt_id, session_key=session_key, events=events, now=now)

    threading.Thread(target=later, daemon=True).start()
    return saving.Saved(seqs={event.key: 1 for event in events}, deadline=now)


saving.save = _hasty  # type: ignore[assignment]

if __name__ == "__main__":
    Granian(
        "tests.mutants.ack_before_commit:app", port=int(sys.argv[1]), interface=Interfaces.WSGI, workers=1,
        blocking_threads=4,
    ).serve()  # fmt: skip
else:
    app = create_app()

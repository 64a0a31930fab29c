"""The gate between the test and the interview. Source: AR r.15."""

from __future__ import annotations

from dataclasses import dataclass

from cbt.regulation.editions import Edition, require_usable

INITIAL = "initial"
REPEAT = "repeat"


@dataclass(frozen=True)
class Verdict:
    """Admitted to the interview, or the outcome that follows instead, with its paragraph.

    `REPEAT` is recorded without a vote; `NOT_CONFORMS_BY_VOTE` is put to the commission, which decides.
    """

    admitted: bool
    outcome: str | None
    source: str


def gate(*, points: int, stage: str, edition: Edition) -> Verdict:
    """The verdict on whole points at a stage, "initial" or "repeat". Source: AR r.15, r.20."""
    test = require_usable(edition).test
    if isinstance(points, bool) or not isinstance(points, int) or not 0 <= points <= test.max_points:
        raise ValueError(f"points are whole, from 0 to {test.max_points}: {points!r}")
    below = {INITIAL: test.below_at_initial, REPEAT: test.below_at_repeat}
    if stage not in below:
        raise ValueError(f"no such stage: {stage!r}")
    if points >= test.admit_min_points:
        return Verdict(admitted=True, outcome=None, source=test.admission_source)
    return Verdict(admitted=False, outcome=below[stage].outcome, source=below[stage].source)

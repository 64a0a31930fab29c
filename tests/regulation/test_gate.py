"""The gate at 50 of 80, at both stages."""

from __future__ import annotations

import pytest

from cbt.errors import Refusal
from cbt.regulation.editions import DEFAULT_EDITION, edition
from cbt.regulation.gate import Verdict, gate

EDITION = edition(DEFAULT_EDITION)


@pytest.mark.parametrize(
    ("points", "stage", "verdict"),
    [
        (0, "initial", Verdict(False, "REPEAT", "AR r.15")),
        (49, "initial", Verdict(False, "REPEAT", "AR r.15")),
        (50, "initial", Verdict(True, None, "AR r.15")),
        (51, "initial", Verdict(True, None, "AR r.15")),
        (80, "initial", Verdict(True, None, "AR r.15")),
        (0, "repeat", Verdict(False, "NOT_CONFORMS_BY_VOTE", "AR r.15, r.20")),
        (49, "repeat", Verdict(False, "NOT_CONFORMS_BY_VOTE", "AR r.15, r.20")),
        (50, "repeat", Verdict(True, None, "AR r.15")),
        (51, "repeat", Verdict(True, None, "AR r.15")),
        (80, "repeat", Verdict(True, None, "AR r.15")),
    ],
)
def test_fifty_passes_and_forty_nine_does_not(points, stage, verdict):
    assert gate(points=points, stage=stage, edition=EDITION) == verdict


@pytest.mark.parametrize("points", [-1, 81, 50.0, "50", None, True])
def test_points_that_no_test_can_give_are_a_fault(points):
    with pytest.raises(ValueError):
        gate(points=points, stage="initial", edition=EDITION)


def test_a_third_stage_does_not_exist():
    with pytest.raises(ValueError):
        gate(points=80, stage="third", edition=EDITION)


def test_no_verdict_stands_on_an_unverified_edition():
    with pytest.raises(Refusal) as no:
        gate(points=80, stage="initial", edition=edition("kz-mlsp-2023-210"))
    assert no.value.code == "edition_unverified"

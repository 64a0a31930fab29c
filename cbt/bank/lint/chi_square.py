"""Pearson's test of even spread, with the upper tail of the chi-square distribution for whole degrees of freedom."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, exp, gamma, sqrt

# Below five expected in a place the distribution is no longer near chi-square.
# Source: W. G. Cochran, Some methods for strengthening the common chi-square tests, Biometrics 10 (1954), 417-451.
LEAST_EXPECTED = 5


def even_spread(counts: Sequence[int]) -> float:
    """Pearson's statistic against equal expected counts: the sum of (observed - expected)^2 / expected.

    Source: K. Pearson, Philosophical Magazine 50 (1900), 157-175.
    """
    expected = sum(counts) / len(counts)
    return sum((count - expected) ** 2 / expected for count in counts)


def upper_tail(statistic: float, degrees: int) -> float:
    """The probability of a statistic at least as great, if the spread is even.

    Source: M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions (1964), 26.4.4, 26.4.5 and 26.4.8.
    """
    half = statistic / 2
    tail = erfc(sqrt(half)) if degrees % 2 else exp(-half)
    for lower in range(2 - degrees % 2, degrees, 2):
        tail += exp(-half) * half ** (lower / 2) / gamma(lower / 2 + 1)
    return tail

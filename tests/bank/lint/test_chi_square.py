"""The test of even spread against printed tables and by its own laws."""

from math import isclose

import pytest

from cbt.bank.lint.chi_square import even_spread, upper_tail

# Critical values as printed in NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4.
TABLE = {
    1: {0.10: 2.706, 0.05: 3.841, 0.025: 5.024, 0.01: 6.635, 0.001: 10.828},
    2: {0.10: 4.605, 0.05: 5.991, 0.025: 7.378, 0.01: 9.210, 0.001: 13.816},
    3: {0.10: 6.251, 0.05: 7.815, 0.025: 9.348, 0.01: 11.345, 0.001: 16.266},
    4: {0.10: 7.779, 0.05: 9.488, 0.025: 11.143, 0.01: 13.277, 0.001: 18.467},
    5: {0.10: 9.236, 0.05: 11.070, 0.025: 12.833, 0.01: 15.086, 0.001: 20.515},
    7: {0.10: 12.017, 0.05: 14.067, 0.025: 16.013, 0.01: 18.475, 0.001: 24.322},
    10: {0.10: 15.987, 0.05: 18.307, 0.025: 20.483, 0.01: 23.209, 0.001: 29.588},
    20: {0.10: 28.412, 0.05: 31.410, 0.025: 34.170, 0.01: 37.566, 0.001: 45.315},
}


@pytest.mark.parametrize(
    ("degrees", "tail", "statistic"),
    [(degrees, tail, statistic) for degrees, row in TABLE.items() for tail, statistic in row.items()],
)
def test_the_upper_tail_is_the_one_of_the_printed_table(degrees, tail, statistic):
    # The table rounds to three decimals, so the tail is right within what half of the last one makes.
    assert upper_tail(statistic - 0.0005, degrees) >= tail >= upper_tail(statistic + 0.0005, degrees)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 7])
def test_no_deviation_has_tail_one_and_a_huge_one_tail_nought(degrees):
    assert upper_tail(0, degrees) == 1
    assert upper_tail(1500, degrees) < 1e-300


@pytest.mark.parametrize(
    ("counts", "statistic"),
    [((10, 10, 10, 10), 0), ((40, 0, 0, 0), 120), ((13, 9, 8, 10), 1.4), ((5, 5), 0), ((30, 20, 25, 25), 2)],
)
def test_the_statistic_is_pearsons(counts, statistic):
    assert isclose(even_spread(counts), statistic, abs_tol=1e-12)

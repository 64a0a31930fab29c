"""The report says errors, warnings and hints apart, and the same as plain data of a steady shape."""

import json

import pytest

from cbt.bank.check import error, hint, warning
from cbt.bank.lint.figures import figures_of
from cbt.bank.lint.report import AreaCount, Report, as_plain, render
from tests.factories import item_content

MIXED = (
    warning("area_short", "items", area="D1", count=1, needed=10),
    hint("word_unknown", "stem.ru", word="рабтник"),
    error("key_missing", "options"),
    warning("markup_unclosed", "stem.kk"),
)
COUNTS = (AreaCount("att-care", "D1", items=24, practice=3, needed=12),)


def report(*problems, bank: int = 24) -> Report:
    contents = [item_content(key="abcd"[n % 4]) for n in range(bank)]
    return Report(problems, COUNTS, files=1, banks={"att-care": figures_of(contents)}, unchecked=("kk",))


def test_errors_come_first_then_warnings_then_hints_each_group_apart():
    lines = render(report(*MIXED), str).splitlines()
    assert lines[:7] == [
        "options: error: No option is marked as right.",
        "",
        "items: warning: Area D1 has 1 questions; a form needs 10.",
        "stem.kk: warning: Two asterisks are left over: bold text is opened but not closed.",
        "",
        "stem.ru: hint: The dictionary does not know the word “рабтник”.",
        "",
    ]
    assert lines[7:] == [
        "att-care D1: 24 of 12 questions, practice questions: 3",
        "att-care: right options: a 6, b 6, c 6, d 6 (chi-square 0.00, p = 1.000)",
        "att-care: right options by length, from the shortest: kk 0/0/0/0 %, ru 0/0/0/0 %",
        "att-care: the right option is the longest: kk 0 %, ru 0 %",
        "att-care: knowledge 100 %, application 0 %, judgement 0 %, several right answers 0 %",
        "The spelling of kk was not checked: there is no dictionary. Set CBT_DICTIONARIES to its folder.",
        "Files: 1. Errors: 1. Warnings: 2. Hints: 1.",
    ]


def test_a_bank_too_small_for_the_test_says_so():
    assert "att-care: right options: a 2, b 2, c 2, d 2 (too few for a test)" in render(report(bank=8), str)


@pytest.mark.parametrize(
    ("problems", "status", "strict"),
    [((), 0, 0), ((MIXED[1],), 0, 0), ((MIXED[0],), 0, 1), ((MIXED[2],), 1, 1), (MIXED, 1, 1)],
)
def test_hints_never_count_and_warnings_only_where_it_is_strict(problems, status, strict):
    assert (report(*problems).exit_status, report(*problems).strict_exit_status) == (status, strict)


def test_the_plain_report_has_the_shape_that_is_written_down():
    plain = json.loads(json.dumps(as_plain(report(*MIXED), str), default=str))
    assert {name: plain[name] for name in ("files", "errors", "warnings", "hints")} == {
        "files": 1, "errors": 1, "warnings": 2, "hints": 1,
    }  # fmt: skip
    assert [problem["severity"] for problem in plain["problems"]] == ["error", "warning", "warning", "hint"]
    assert plain["problems"][0] == {
        "severity": "error", "code": "key_missing", "field": "options", "facts": {}, "file": "", "item": "",
        "line": None, "message": "No option is marked as right.",
    }  # fmt: skip
    assert plain["areas"] == [{"position": "att-care", "area": "D1", "items": 24, "practice": 3, "needed": 12}]
    assert plain["banks"] == [
        {
            "position": "att-care",
            "items": 24,
            "single": 24,
            "multiple": 0,
            "levels": {"knowledge": 24, "application": 0, "judgement": 0},
            "keys": {"a": 6, "b": 6, "c": 6, "d": 6},
            "keys_judged": 24,
            "by_length": {"kk": [0, 0, 0, 0], "ru": [0, 0, 0, 0]},
            "chi_square": 0,
            "p_value": 1,
            "longest": {"kk": {"count": 0, "share": 0}, "ru": {"count": 0, "share": 0}},
        }
    ]
    assert plain["spelling_not_checked"] == ["kk"]

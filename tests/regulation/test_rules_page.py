"""docs/rules.md names every requirement once, and names nothing that does not exist."""

from __future__ import annotations

import importlib
import re
from functools import reduce
from pathlib import Path

import pytest

HERE = Path(__file__).resolve()
PAGE = (HERE.parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1:]
    for line in PAGE.splitlines()
    if re.match(r"\| (R|REG)-\d", line)
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}
IDS = [f"R-{n:03}" for n in range(1, 58)] + [f"REG-{n:03}" for n in range(1, 18)]
FUNCTIONS = sorted(set(re.findall(r"`cbt\.regulation\.(\w+)\.([\w.]+)`", PAGE)))
TESTS = sorted(set(re.findall(r"`(test_\w+)\.(test_\w+)`", PAGE)))
ELSEWHERE = sorted(set(re.findall(r"`((?:cbt|tests)\.(?!regulation\.)[\w.]+)`", PAGE)))
CAPABILITIES = set(re.findall(r"\*\*([\w ]+)\*\* \(", PAGE))


@pytest.mark.parametrize("rule_id", IDS)
def test_every_requirement_stands_on_the_page_once(rule_id):
    assert len(re.findall(rf"^\| {rule_id} \|", PAGE, re.MULTILINE)) == 1


def test_the_page_has_no_requirement_of_its_own():
    assert list(ROWS) == IDS


@pytest.mark.parametrize("rule_id", IDS)
def test_a_requirement_has_a_place_and_a_test_or_says_what_will_bring_it(rule_id):
    paragraph, asks, where, test, state = ROWS[rule_id]
    assert paragraph and asks
    assert bool(where) == bool(test)
    assert where or state.startswith("not yet: ")
    promised = re.search(r"not yet: ([\w ]+?)(?: \(|$)", state)
    assert state.startswith("done") if promised is None else promised[1] in CAPABILITIES


@pytest.mark.parametrize(("module", "name"), FUNCTIONS)
def test_a_named_function_exists(module, name):
    assert reduce(getattr, name.split("."), importlib.import_module(f"cbt.regulation.{module}")) is not None


@pytest.mark.parametrize(("module", "name"), TESTS)
def test_a_named_test_exists(module, name):
    assert callable(getattr(importlib.import_module(f"{__package__}.{module}"), name))


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_is_named_outside_the_rules_exists(name):
    module, _, thing = name.rpartition(".")
    assert getattr(importlib.import_module(module), thing) is not None


def test_every_public_function_of_the_rules_is_on_the_page_or_serves_one_that_is():
    named = {name.split(".")[0] for _, name in FUNCTIONS}
    helpers = {
        "all_editions",
        "next_state",
        "allowed_deeds",
        "permutation",
        "require_minutes",
        "remaining_ms",
        "duration",
        "local_day",
        "add_months",
    }
    package = HERE.parents[2] / "cbt" / "regulation"
    public = {name for file in package.glob("*.py") for name in re.findall(r"^def ([a-z]\w+)", file.read_text(), re.M)}
    assert public == (named & public) | helpers

"""`cbt bank check` as it is typed: what it prints and with which status it ends."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.cli import main as cli
from tests.bank.lint.test_spelling import folder_of

BANK = QUESTION_BANKS / "att-care"


@pytest.fixture(autouse=True)
def terminal(monkeypatch, tmp_path):
    """An English terminal, and a machine of which no dictionary is known."""
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setenv("CBT_DICTIONARIES", str(tmp_path / "no dictionaries"))


def run(*arguments: object) -> int:
    return cli.main(["bank", "check", *map(str, arguments)])


def spoiled(tmp_path: Path, old: str, new: str) -> Path:
    text = (BANK / "D7.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "D7.yaml").write_text(text.replace(old, new, 1), "utf-8")
    return tmp_path / "D7.yaml"


def test_the_banks_of_the_product_hold_what_make_check_asks_of_them(capsys):
    started = time.process_time()
    status = run(QUESTION_BANKS, "--strict", "--depth", 2, "--practice", 20)
    assert status == 0, capsys.readouterr().out
    assert time.process_time() - started < 8


@pytest.mark.parametrize(
    ("old", "new", "plain", "strict"),
    [
        ("level: knowledge", "level: knowledge", 0, 0),
        ("level: knowledge", "level: wisdom", 1, 1),
        ('ru: "', 'ru: "Инвалид: ', 0, 1),
    ],
)
def test_a_warning_ends_in_status_one_only_where_it_is_strict(tmp_path, capsys, old, new, plain, strict):
    path = spoiled(tmp_path, old, new)
    assert (run(path), run(path, "--strict")) == (plain, strict)


def test_the_json_holds_problems_areas_and_figures(tmp_path, capsys):
    assert run(BANK, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {"files", "errors", "warnings", "hints", "problems", "areas", "banks", "spelling_not_checked"}
    (bank,) = report["banks"]
    assert bank["position"] == "att-care" and bank["items"] == sum(area["items"] for area in report["areas"])
    assert sum(bank["keys"].values()) == bank["keys_judged"] and 0 < bank["p_value"] <= 1
    assert set(bank["longest"]) == {"kk", "ru"} and sum(bank["levels"].values()) == bank["items"]


def test_what_is_asked_of_depth_and_practice_is_told_by_area_and_position(tmp_path, capsys):
    shutil.copy(BANK / "D7.yaml", tmp_path)
    assert run(tmp_path, "--depth", 3, "--practice", 20, "--strict") == 1
    out = capsys.readouterr().out
    assert "att-care items: warning: Area D1 has 0 questions; a form needs 10." in out
    assert "att-care items: warning: Area D7 has 12 questions; 18 are wanted, 3 times what a form takes." in out
    assert "att-care items: warning: The position has 3 practice questions; at least 20 are wanted." in out


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", ""])
def test_a_depth_that_is_no_whole_number_is_refused(capsys, number):
    with pytest.raises(SystemExit) as ended:
        run(BANK, "--depth", number)
    assert ended.value.code == 2
    assert "a whole number above zero" in capsys.readouterr().err or number == "-1"


def test_spelling_is_looked_at_only_on_request_and_missing_dictionaries_are_told(tmp_path, capsys):
    run(BANK / "D7.yaml")
    assert "spelling" not in capsys.readouterr().out
    assert run(BANK / "D7.yaml", "--spelling", "--strict") == 0
    out = capsys.readouterr().out
    assert "The spelling of kk was not checked" in out and "The spelling of ru was not checked" in out


def test_hints_of_a_dictionary_stand_apart_and_never_change_the_status(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CBT_DICTIONARIES", str(folder_of(tmp_path, ru_RU=["работник"])))
    assert run(BANK / "D7.yaml", "--spelling", "--strict") == 0
    out = capsys.readouterr().out
    assert " hint: The dictionary does not know the word “" in out
    assert "The spelling of kk was not checked" in out and "The spelling of ru" not in out


def test_words_of_the_folder_checked_are_known(tmp_path, capsys, monkeypatch):
    spoiled(tmp_path, 'ru: "', 'ru: "Кракозябра: ')
    dictionaries = tmp_path / "dictionaries"
    dictionaries.mkdir()
    monkeypatch.setenv("CBT_DICTIONARIES", str(folder_of(dictionaries, ru_RU=["работник"])))
    run(tmp_path, "--spelling")
    assert "“Кракозябра”" in capsys.readouterr().out
    (tmp_path / "words-ru.txt").write_text("кракозябра\n", "utf-8")
    run(tmp_path, "--spelling")
    assert "“Кракозябра”" not in capsys.readouterr().out


@pytest.mark.parametrize(("language", "words"), [("kk_KZ.UTF-8", "Ескерту: 0"), ("ru_RU.UTF-8", "Предупреждений: 0")])
def test_the_report_is_in_the_language_of_the_terminal(capsys, monkeypatch, language, words):
    monkeypatch.setenv("LANG", language)
    run(BANK / "D7.yaml")
    assert words in capsys.readouterr().out

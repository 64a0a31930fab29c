"""The commands of the banks: check, import, export, as they are typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from cbt.bank.actions import authoring, reviewing
from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.bank.formats.yaml import read_file, write_file
from cbt.bank.models import Item, ItemVersion
from cbt.cli import main as cli
from tests.conftest import DATA_KEY, SECRET_KEY
from tests.factories import NOW, make_body, make_staff

BANK = QUESTION_BANKS / "att-care"


@pytest.fixture
def office(sqlite_db, monkeypatch):
    """A body with two authors and a reviewer; the commands work on its database."""
    monkeypatch.setenv("CBT_DATABASE_URL", sqlite_db.url)
    monkeypatch.setenv("CBT_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("CBT_DATA_KEY", DATA_KEY)
    monkeypatch.setenv("LANG", "C")
    with sqlite_db.transaction() as session:
        body = make_body(session)
        people = [make_staff(session, body, "author", login=login) for login in ("first", "second")]
        return {"kato": body.kato, "people": people, "reviewer": make_staff(session, body, "reviewer", login="third")}


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


def place(office) -> tuple[str, ...]:
    return ("--body", office["kato"], "--position", "att-care")


def count(db) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Item))


def two_files(folder: Path) -> Path:
    folder.mkdir()
    for name in ("D1.yaml", "D7.yaml"):
        shutil.copy(BANK / name, folder / name)
    return folder


def spoiled(folder: Path, old: str, new: str) -> Path:
    two_files(folder)
    path = folder / "D1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    return folder


def test_check_passes_the_banks_that_come_with_the_product(capsys):
    assert run("bank", "check", BANK) == 0
    assert "Errors: 0." in capsys.readouterr().out


def test_check_names_the_file_the_line_and_the_question_and_fails(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LANG", "C")
    folder = spoiled(tmp_path / "bank", "correct: true", "correct: false")
    assert run("bank", "check", folder) == 1
    assert "D1.yaml:" in (out := capsys.readouterr().out) and "CA-D1-001" in out
    assert run("bank", "check", "--json", folder) == 1
    report = json.loads(capsys.readouterr().out)
    (problem,) = [problem for problem in report["problems"] if problem["severity"] == "error"]
    assert (problem["code"], problem["item"], report["errors"]) == ("key_missing", "CA-D1-001", 1)
    assert problem["line"] > 1 and problem["message"]


def test_import_takes_a_folder_in_as_drafts_of_the_first_author_and_twice_is_once(office, sqlite_db, tmp_path, capsys):
    folder = two_files(tmp_path / "bank")
    assert run("bank", "import", folder, *place(office)) == 0
    total = count(sqlite_db)
    assert total == sum(len(read_file(path).items) for path in folder.iterdir())
    with sqlite_db.reading() as session:
        assert set(session.scalars(select(ItemVersion.author_id))) == {office["people"][0].account_id}
        assert set(session.scalars(select(ItemVersion.state))) == {"draft"}
    capsys.readouterr()
    assert run("bank", "import", folder, *place(office)) == 0
    assert count(sqlite_db) == total
    assert all("0 new, 0 new versions, 0 drafts updated" in line for line in capsys.readouterr().out.splitlines())


def test_a_dry_run_tells_what_would_happen_and_keeps_nothing(office, sqlite_db, capsys):
    assert run("bank", "import", BANK / "D1.yaml", *place(office), "--dry-run") == 0
    assert " new, " in (out := capsys.readouterr().out) and "nothing was kept" in out
    assert count(sqlite_db) == 0


def test_import_in_the_name_of_another_author(office, sqlite_db):
    assert run("bank", "import", BANK / "D1.yaml", *place(office), "--as", "second") == 0
    with sqlite_db.reading() as session:
        assert set(session.scalars(select(ItemVersion.author_id))) == {office["people"][1].account_id}


def test_one_bad_file_keeps_the_whole_folder_out(office, sqlite_db, tmp_path, capsys):
    folder = spoiled(tmp_path / "bank", "correct: true", "correct: false")
    assert run("bank", "import", folder, *place(office)) == 1
    assert "CA-D1-001" in capsys.readouterr().err
    assert count(sqlite_db) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--body", "000000000", "--position", "att-care"), "000000000"),
        (("--position", "att-consultant"), "att-consultant"),
        (("--position", "att-care", "--as", "third"), "third"),
        (("--position", "att-care", "--as", "nobody"), "nobody"),
        (("--position", "att-care", "--format", "gift"), "gift"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_one_sentence(office, sqlite_db, capsys, arguments, words):
    if "--body" not in arguments:
        arguments = ("--body", office["kato"], *arguments)
    assert run("bank", "import", BANK / "D7.yaml", *arguments) == 2
    assert capsys.readouterr().err.startswith("cbt: ") and count(sqlite_db) == 0


def test_export_writes_what_import_reads(office, sqlite_db, tmp_path):
    folder, out = two_files(tmp_path / "bank"), tmp_path / "out"
    run("bank", "import", folder, *place(office))
    total = count(sqlite_db)
    assert run("bank", "export", *place(office), "--out", out) == 0
    assert {path.name for path in out.iterdir()} == {"D1.yaml", "D7.yaml"}
    for path in out.iterdir():
        assert path.read_text(encoding="utf-8") == write_file(read_file(folder / path.name))
    assert run("bank", "import", out, *place(office)) == 0
    assert count(sqlite_db) == total


def test_export_prefers_the_approved_version_and_leaves_out_the_retired(office, sqlite_db, tmp_path):
    run("bank", "import", BANK / "D1.yaml", *place(office))
    author, reviewer = office["people"][0], office["reviewer"]
    with sqlite_db.transaction() as session:
        first, second = session.scalars(select(ItemVersion).order_by(ItemVersion.id).limit(2)).all()
        for version in (first, second):
            authoring.submit(session, version_id=version.id, actor=author, now=NOW)
            reviewing.approve(
                session, version_id=version.id, content_hash=version.content_hash, area="D1", actor=reviewer, now=NOW
            )
        renewed = authoring.open_new_version(session, item_id=first.item_id, actor=author, now=NOW)
        reviewing.retire(session, version_id=second.id, reason="Old", actor=author, now=NOW)
        assert renewed.number == 2
    assert run("bank", "export", *place(office), "--out", tmp_path) == 0
    codes = [item.code for item in read_file(tmp_path / "D1.yaml").items]
    assert "CA-D1-001" in codes and "CA-D1-002" not in codes and len(codes) == len(set(codes))


def test_export_into_a_file_or_another_format_is_refused(office, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    assert run("bank", "export", *place(office), "--out", tmp_path / "file") == 2
    assert run("bank", "export", *place(office), "--format", "qti3", "--out", tmp_path / "new") == 2
    assert not (tmp_path / "new").exists()
    assert capsys.readouterr().err.count("cbt: ") == 2

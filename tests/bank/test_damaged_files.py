"""Files from the regions: look-alikes, invisible signs and damaged rows come in whole and once, or not at all."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from cbt.bank.content import parse
from cbt.bank.formats.yaml import BankFile, FileItem, write_file
from cbt.bank.models import Item, ItemEdit, ItemVersion
from cbt.cli import main as cli
from tests.bank.planted import question
from tests.conftest import DATA_KEY, SECRET_KEY
from tests.factories import make_body, make_staff

Damage = Callable[[str], str]


@pytest.fixture
def office(sqlite_db, monkeypatch):
    """A body with an author; the command works on its database."""
    for name, value in {"DATABASE_URL": sqlite_db.url, "SECRET_KEY": SECRET_KEY, "DATA_KEY": DATA_KEY}.items():
        monkeypatch.setenv(f"CBT_{name}", value)
    monkeypatch.setenv("LANG", "C")
    with sqlite_db.transaction() as session:
        body = make_body(session)
        make_staff(session, body, "author")
        return body.kato


def rows(db) -> tuple[int, ...]:
    with db.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in (Item, ItemVersion, ItemEdit))


def take_in(path: Path, kato: str) -> int:
    return cli.main(["bank", "import", str(path), "--body", kato, "--position", "att-care"])


def bank_text(count: int, start: str = "") -> str:
    items = tuple(FileItem(f"CA-D1-{number:04}", question(f"{start}{number}")) for number in range(count))
    return write_file(BankFile("D1.yaml", "att-care", "D1", items))


def split(text: str) -> tuple[str, list[str]]:
    """The head of a file and the text of each question."""
    head, *questions = re.split(r"(?m)^(?=  - code: )", text)
    return head, questions


def without(field: str) -> Damage:
    return lambda question: re.sub(rf"(?m)^    {field}:.*\n(?:      .*\n)*", "", question)


def swapped(pattern: str, new: str) -> Damage:
    return lambda question: re.sub(pattern, new, question, count=1)


# Each leaves a file that can be read, so the question and the field must be named.
DAMAGE: dict[str, tuple[Damage, str]] = {
    "no stem": (without("stem"), "stem"),
    "no options": (without("options"), "options"),
    "no basis": (without("basis"), "basis"),
    "no rationale": (without("rationale"), "rationale"),
    "no key": (swapped(", correct: true", ""), "options"),
    "two keys": (lambda question: re.sub(r'"}', '", correct: true}', question, count=2), "options"),
    "no Russian stem": (swapped(r'(?m)^      ru: ".*"$', '      ru: ""'), "stem.ru"),
    "no Kazakh option": (swapped(r'id: c, kk: "[^"]*"', 'id: c, kk: ""'), "options.c.kk"),
    "two options the same": (swapped(r"id: b, kk: (\"[^\"]*\")(.*\n.*)id: c, kk: \"[^\"]*\"", r"id: b, kk: \1\2id: c, kk: \1"), "options.c.kk"),
    "a strange level": (swapped("level: .*", "level: expert"), "level"),
    "a number as text": (swapped("difficulty: .*", "difficulty: easy"), "difficulty"),
    "a list as text": (swapped("kind: single", "kind: [single]"), "kind"),
    "a day that is none": (swapped("as_of: [0-9-]*", "as_of: 2025-02-30"), "basis.as_of"),
    "a mistyped field": (swapped("difficulty:", "dificulty:"), "difficulty"),
    "a script": (swapped(r'id: a, kk: "', 'id: a, kk: "<script>alert(1)</script>'), "options.a.kk"),
    "a zero-width space": (swapped(r'id: a, kk: "(.)', 'id: a, kk: "\\1\u200b'), "options.a.kk"),
    "a direction override": (swapped(r'id: b, kk: "', 'id: b, kk: "\u202e'), "options.b.kk"),
    "a Latin letter in a word": (swapped(r'(?m)^      kk: "(.)', r'      kk: "\1a'), "stem.kk"),
}  # fmt: skip
# Each breaks the file itself: only the place can be named.
RUIN: dict[str, Damage] = {
    "an open quote": swapped(r'"\n', "\n"),
    "a lost indent": swapped(r"(?m)^    kind", "kind"),
    "a tab": swapped(r"(?m)^    level", "\t    level"),
    "a null character": swapped("level", "le\x00vel"),
    "an alias": swapped("kind: single", "kind: *one"),
    "a field twice": swapped(r"(?m)^(    kind: .*\n)", r"\1\1"),
    "cut off": lambda question: question[: len(question) // 2],
}


@pytest.mark.parametrize("name", DAMAGE)
def test_one_damaged_question_is_named_with_its_field_and_nothing_of_the_file_comes_in(
    office, sqlite_db, tmp_path, capsys, name
):
    damage, field = DAMAGE[name]
    head, questions = split(bank_text(5))
    questions[2] = damage(questions[2])
    path = tmp_path / "D1.yaml"
    path.write_text(head + "".join(questions), "utf-8")
    assert take_in(path, office) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if ": error: " in line]
    assert errors and all(re.match(rf"{re.escape(str(path))}:\d+: CA-D1-0002\b", line) for line in errors)
    assert any(f": CA-D1-0002 {field}: error: " in line for line in errors), errors
    assert rows(sqlite_db) == (0, 0, 0)


@pytest.mark.parametrize("name", RUIN)
def test_a_ruined_file_is_named_and_nothing_of_it_or_of_its_neighbours_comes_in(
    office, sqlite_db, tmp_path, capsys, name
):
    (tmp_path / "D2.yaml").write_text(bank_text(3, "n").replace("D1", "D2"), "utf-8")
    head, questions = split(bank_text(5))
    questions[-1] = RUIN[name](questions[-1])
    (tmp_path / "D1.yaml").write_text(head + "".join(questions), "utf-8")
    assert take_in(tmp_path, office) == 1
    assert f"{tmp_path / 'D1.yaml'}" in capsys.readouterr().err
    assert rows(sqlite_db) == (0, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_of_two_thousand_rows_with_one_in_a_hundred_damaged_none_comes_in_and_each_is_named(
    office, sqlite_db, tmp_path, capsys, seed
):
    chance = random.Random(seed)
    head, questions = split(bank_text(2000))
    damaged = sorted(chance.sample(range(2000), 20))
    for number in damaged:
        questions[number] = chance.choice(list(DAMAGE.values()))[0](questions[number])
    path = tmp_path / "D1.yaml"
    path.write_text(head + "".join(questions), "utf-8")
    assert take_in(path, office) == 1
    named = set(re.findall(r"(?m)^\S+:\d+: (CA-D1-\d{4})\b.*?: error: ", capsys.readouterr().err))
    assert named == {f"CA-D1-{number:04}" for number in damaged}
    assert rows(sqlite_db) == (0, 0, 0)


@pytest.mark.slow
def test_two_thousand_sound_rows_come_in_and_the_same_file_twice_is_once(office, sqlite_db, tmp_path, capsys):
    path = tmp_path / "D1.yaml"
    path.write_text(bank_text(2000), "utf-8")
    assert take_in(path, office) == 0
    before = rows(sqlite_db)
    assert before[:2] == (2000, 2000)
    capsys.readouterr()
    assert take_in(path, office) == 0
    assert "0 new, 0 new versions, 0 drafts updated, 2000 unchanged" in capsys.readouterr().out
    assert rows(sqlite_db) == before


def test_kazakh_letters_come_back_byte_by_byte_after_nfc(office, sqlite_db, tmp_path):
    letters = "Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі Йй Ёё"
    text = bank_text(1).replace('kk: "', f'kk: "{letters} ', 1)
    for name, form in (("NFC", unicodedata.normalize("NFC", text)), ("NFD", unicodedata.normalize("NFD", text))):
        path = tmp_path / f"{name}.yaml"
        path.write_text(form, "utf-8")
        assert take_in(path, office) == 0
    with sqlite_db.reading() as session:
        (content,) = session.scalars(select(ItemVersion.content))
    assert parse(content).stem.kk.encode().startswith(f"{letters} ".encode())


LATIN = str.maketrans("аеорсухАЕОРСХ", "aeopcyxAEOPCX")


@pytest.mark.parametrize(
    "twin",
    [
        lambda stem: stem.translate(LATIN),
        lambda stem: "\u202e" + stem,
        lambda stem: stem[:4] + "\u200b" + stem[4:],
        lambda stem: unicodedata.normalize("NFD", stem),
        lambda stem: stem.upper() + " !",
    ],
)
def test_a_twin_in_look_alikes_is_reported_as_a_repeat(tmp_path, capsys, monkeypatch, twin):
    monkeypatch.setenv("LANG", "C")
    head, questions = split(bank_text(2))
    stem = question("0").stem.kk
    questions[1] = re.sub(r'(?m)^      kk: ".*"$', f'      kk: "{twin(stem)}"', questions[1], count=1)
    (tmp_path / "D1.yaml").write_text(head + "".join(questions), "utf-8")
    assert cli.main(["bank", "check", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "CA-D1-0001 stem.kk: error: The same stem is used before, in CA-D1-0000." in out
    assert not re.search("[\u200b\u202e]", out)

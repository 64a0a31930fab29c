"""The reference library on disk: its edition, and per position a bank that a body can adopt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cbt.bank.check import Problem, error
from cbt.bank.content import ItemContent, content_hash, forbidden_character, tidy_line
from cbt.bank.formats import safe_yaml
from cbt.bank.formats.blueprint import QUESTION_BANKS, standard_blueprint
from cbt.bank.formats.reading import Reading
from cbt.bank.formats.yaml import BankFile, read_file
from cbt.bank.images import CleanPicture
from cbt.errors import Refusal

EDITION_NAME = "edition.yaml"
# Hidden files are an editor's or a system's own.
BANK_FILES = "[!.]*.y*ml"
LONGEST_EDITION = 40  # as long as the record of an adoption takes


@dataclass(frozen=True)
class Edition:
    name: str
    published: date


@dataclass(frozen=True)
class LibraryItem:
    area: str
    code: str
    practice: bool
    content: ItemContent
    content_hash: str


@dataclass(frozen=True)
class LibraryBank:
    """All questions of a position in one edition, by area and code; `digest` is SHA-256 over what they say."""

    position: str
    edition: Edition
    digest: str
    items: tuple[LibraryItem, ...]
    pictures: Mapping[str, CleanPicture] = field(default_factory=dict, compare=False)

    @property
    def practice_items(self) -> tuple[LibraryItem, ...]:
        return tuple(item for item in self.items if item.practice)


@dataclass(frozen=True)
class _Damage:
    """The file because of which a bank cannot be read."""

    file: str


def library_folder(setting: str) -> Path:
    """The folder that `CBT_LIBRARY` names, else the library that comes with the product."""
    return Path(setting) if setting else QUESTION_BANKS


def positions_in(folder: Path) -> tuple[str, ...]:
    """The positions that have a bank in the library, in the order of the blueprint."""
    positions = (each.position for each in standard_blueprint().positions)
    return tuple(position for position in positions if any((folder / position).glob(BANK_FILES)))


def read_edition(path: Path) -> tuple[Edition | None, list[Problem]]:
    """What a file names as the edition, or else all that is wrong with it."""
    reading = Reading(str(path))
    try:
        fields = reading.fields(safe_yaml.load(safe_yaml.bytes_of(path)), "", ("edition", "published"))
    except safe_yaml.Broken as broken:
        reading.say(error(broken.code, **broken.facts), broken.line)
        return None, reading.problems
    name, published = reading.text(fields, "edition"), reading.day(fields, "published")
    if not 0 < len(name) <= LONGEST_EDITION or name != tidy_line(name) or forbidden_character(name):
        reading.say(error("edition_name", "edition", most=LONGEST_EDITION), fields.lines.get("edition"))
    return (None if reading.problems or published is None else Edition(name, published)), reading.problems


def edition_of(folder: Path) -> Edition:
    """Refusals: library_missing, library_wrong."""
    path = folder / EDITION_NAME
    if not path.is_file():
        raise Refusal("library_missing")
    edition, _problems = read_edition(path)
    if edition is None:
        raise Refusal("library_wrong", file=path.name)
    return edition


def bank_of(folder: Path, position: str) -> LibraryBank:
    """The bank of a position. Refusals: unknown (no such bank in the library), library_missing, library_wrong."""
    if position not in positions_in(folder):
        raise Refusal("unknown")
    bank = _read(position, edition_of(folder), _files_in(folder / position))
    if isinstance(bank, _Damage):
        raise Refusal("library_wrong", file=bank.file)
    return bank


def _files_in(folder: Path) -> tuple[tuple[Path, int, int, int], ...]:
    """Files, each with what differs once it changed on disk; hidden ones are an editor's or a system's own."""
    path, found = folder, []
    try:
        for path in sorted(folder.iterdir()):
            if not path.name.startswith("."):
                known = path.stat()
                found.append((path, known.st_mtime_ns, known.st_ctime_ns, known.st_size))
    except OSError:  # gone or closed since it was listed, or a link that leads nowhere
        raise Refusal("library_wrong", file=path.name) from None
    return tuple(found)


@lru_cache(maxsize=16)
def _read(position: str, edition: Edition, files: tuple[tuple[Path, int, int, int], ...]) -> LibraryBank | _Damage:
    """Read once as long as no file changes; a damaged bank too, since everybody may ask for a practice test."""
    banks = [read_file(path) for path, *_ in files if path.match(BANK_FILES)]
    if closed := next((bank for bank in banks if any(each.code == "path_missing" for each in bank.problems)), None):
        raise Refusal("library_wrong", file=Path(closed.name).name)  # not kept: it may well open the next time
    codes: set[str] = set()
    for bank in banks:
        mine = {item.code for item in bank.items}
        if bank.has_errors or bank.position != position or not codes.isdisjoint(mine):
            return _Damage(Path(bank.name).name)
        codes |= mine
    items = sorted((item for bank in banks for item in _items(bank)), key=lambda item: (item.area, item.code))
    pictures = {sha: picture for bank in banks for sha, picture in bank.pictures.items()}
    return LibraryBank(position, edition, _digest(items), tuple(items), pictures)


def _items(bank: BankFile) -> list[LibraryItem]:
    return [
        LibraryItem(bank.area, item.code, item.practice, item.content, content_hash(item.content)) for item in bank.items
    ]


def _digest(items: list[LibraryItem]) -> str:
    lines = (f"{item.area} {item.code} {item.practice:d} {item.content_hash}\n" for item in items)
    return sha256("".join(lines).encode()).hexdigest()

"""The reference library on disk: its edition, and per position a bank that a body can adopt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cbt.bank.content import ItemContent, content_hash
from cbt.bank.formats import safe_yaml
from cbt.bank.formats.blueprint import QUESTION_BANKS, standard_blueprint
from cbt.bank.formats.reading import Reading
from cbt.bank.formats.yaml import BankFile, read_file
from cbt.bank.images import CleanPicture
from cbt.errors import Refusal

EDITION_NAME = "edition.yaml"


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


def library_folder(setting: str) -> Path:
    """The folder that `CBT_LIBRARY` names, else the library that comes with the product."""
    return Path(setting) if setting else QUESTION_BANKS


def positions_in(folder: Path) -> tuple[str, ...]:
    """The positions that have a bank in the library, in the order of the blueprint."""
    return tuple(each.position for each in standard_blueprint().positions if any((folder / each.position).glob("*.yaml")))


def edition_of(folder: Path) -> Edition:
    """Refusals: library_missing, library_wrong."""
    path = folder / EDITION_NAME
    if not path.is_file():
        raise Refusal("library_missing")
    reading = Reading(str(path))
    try:
        fields = reading.fields(safe_yaml.load(safe_yaml.bytes_of(path)), "", ("edition", "published"))
    except safe_yaml.Broken:
        raise Refusal("library_wrong", file=path.name) from None
    name, published = reading.text(fields, "edition"), reading.day(fields, "published")
    if reading.problems or not name or published is None:
        raise Refusal("library_wrong", file=path.name)
    return Edition(name, published)


def bank_of(folder: Path, position: str) -> LibraryBank:
    """The bank of a position. Refusals: unknown (no such bank in the library), library_missing, library_wrong."""
    if position not in positions_in(folder):
        raise Refusal("unknown")
    # A file that changed on disk is read anew, one that did not is read once.
    files = tuple(sorted((folder / position).iterdir()))
    return _read(position, edition_of(folder), tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files))


@lru_cache(maxsize=16)
def _read(position: str, edition: Edition, files: tuple[tuple[Path, int, int], ...]) -> LibraryBank:
    banks = [read_file(path) for path, _, _ in files if path.suffix == ".yaml"]
    for bank in banks:
        if bank.has_errors or bank.position != position:
            raise Refusal("library_wrong", file=Path(bank.name).name)
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

"""What a question says in both languages, its one canonical form and the hash that stands for it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from cbt.bank import markup
from cbt.errors import Refusal

LANGUAGES = ("kk", "ru")
# Of an act or a provision that is written in both languages.
_BETWEEN_LANGUAGES = " / "
SINGLE, MULTIPLE = "single", "multiple"
KINDS = (SINGLE, MULTIPLE)
LEVELS = ("knowledge", "application", "judgement")

_SPACES = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_UNSEEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Fillers, joiners and variation selectors: letters or marks by category, yet nobody can see them.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")


def tidy(text: str) -> str:
    """NFC, one kind of line end, single spaces, no space at the ends of lines, at most one blank line."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    joined = "\n".join(_SPACES.sub(" ", line).strip(" ") for line in lines)
    return _BLANK_LINES.sub("\n\n", joined).strip("\n")


def tidy_line(text: str) -> str:
    """`tidy` for a text of one line."""
    return _SPACES.sub(" ", tidy(text).replace("\n", " "))


def forbidden_character(text: str) -> str | None:
    """The first control, zero-width, direction or otherwise invisible character, as `U+200B`; None in a clean text."""
    if text.isprintable() and not _UNSEEN.search(text):
        return None
    for character in text:
        if character != "\n" and (unicodedata.category(character) in _UNSEEN_CATEGORIES or _UNSEEN.match(character)):
            return f"U+{ord(character):04X}"
    return None


@dataclass(frozen=True)
class Text:
    """The same words in both languages."""

    kk: str
    ru: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "kk", tidy(self.kk))
        object.__setattr__(self, "ru", tidy(self.ru))

    def of(self, language: str) -> str:
        return {"kk": self.kk, "ru": self.ru}[language]


@dataclass(frozen=True)
class Option:
    """One answer to choose; `id` is shared by both languages."""

    id: str
    text: Text
    correct: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", Text(kk=tidy_line(self.text.kk), ru=tidy_line(self.text.ru)))


@dataclass(frozen=True)
class Basis:
    """The act and provision that make the key right, and the day for which that was checked (None in a draft)."""

    act: str
    provision: str
    as_of: date | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "act", tidy_line(self.act))
        object.__setattr__(self, "provision", tidy_line(self.provision))

    def of(self, language: str) -> str:
        """Act and provision for a reader of one language; what is not written as «kk / ru» is shown as it is."""
        place = LANGUAGES.index(language)
        sides = [text.split(_BETWEEN_LANGUAGES) for text in (self.act, self.provision)]
        return ", ".join(side[place] if len(side) == len(LANGUAGES) else _BETWEEN_LANGUAGES.join(side) for side in sides)


@dataclass(frozen=True)
class Picture:
    """A cleaned picture by the hash of its PNG, with alternative text."""

    sha256: str
    alt: Text


@dataclass(frozen=True)
class ItemContent:
    """All that an author writes in one question; `difficulty` is the expected share (0 to 1) answering right."""

    kind: str
    level: str
    difficulty: float
    basis: Basis
    stem: Text
    options: tuple[Option, ...]
    rationale: Text
    pictures: tuple[Picture, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "difficulty", float(self.difficulty))
        object.__setattr__(self, "options", tuple(self.options))
        object.__setattr__(self, "pictures", tuple(self.pictures))


def texts_of(content: ItemContent) -> Iterator[tuple[str, Text]]:
    """Every bilingual text with its field: `stem`, `options.b`, `rationale`, `pictures.1`."""
    yield "stem", content.stem
    for option in content.options:
        yield f"options.{option.id}", option.text
    yield "rationale", content.rationale
    for place, picture in enumerate(content.pictures, start=1):
        yield f"pictures.{place}", picture.alt


def strings_of(content: ItemContent) -> Iterator[tuple[str, str]]:
    """Every string with its field, down to the language: `stem.kk`, `options.b.ru`, `basis.act`."""
    for field, text in texts_of(content):
        yield f"{field}.kk", text.kk
        yield f"{field}.ru", text.ru
    yield "basis.act", content.basis.act
    yield "basis.provision", content.basis.provision


def canonical(content: ItemContent) -> str:
    """The one JSON text of a content: sorted keys, no spaces, NFC.

    Refuses `forbidden_character`: what nobody can see must not reach a table or a hash.
    """
    for field, string in strings_of(content):
        if unseen := forbidden_character(string):
            raise Refusal("forbidden_character", field=field, character=unseen)
    return json.dumps(_as_plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def parse(canonical_json: str) -> ItemContent:
    """The content back from its canonical form."""
    plain = json.loads(canonical_json)
    basis = plain["basis"]
    return ItemContent(
        kind=plain["kind"],
        level=plain["level"],
        difficulty=plain["difficulty"],
        basis=Basis(
            act=basis["act"],
            provision=basis["provision"],
            as_of=date.fromisoformat(basis["as_of"]) if basis["as_of"] else None,
        ),
        stem=Text(**plain["stem"]),
        options=tuple(
            Option(id=option["id"], text=Text(kk=option["kk"], ru=option["ru"]), correct=option["correct"])
            for option in plain["options"]
        ),
        rationale=Text(**plain["rationale"]),
        pictures=tuple(Picture(sha256=picture["sha256"], alt=Text(**picture["alt"])) for picture in plain["pictures"]),
    )


def stem_of(canonical_json: str) -> Text:
    """The stem alone, for who reads hundreds of them."""
    return Text(**json.loads(canonical_json)["stem"])


def content_hash(content: ItemContent) -> str:
    """SHA-256 (hex) over the canonical form: both languages, options and their order, key, pictures, basis."""
    return sha256(canonical(content).encode()).hexdigest()


def key(content: ItemContent) -> frozenset[str]:
    """The ids of the right options."""
    return frozenset(option.id for option in content.options if option.correct)


def search_text(content: ItemContent) -> str:
    """All words of both languages without markup, casefolded, one text a line; match it against `casefold()`."""
    return "\n".join(markup.plain(string) for _, string in strings_of(content)).casefold()


def _as_plain(content: ItemContent) -> dict[str, object]:
    basis = content.basis
    return {
        "kind": content.kind,
        "level": content.level,
        "difficulty": content.difficulty,
        "basis": {
            "act": basis.act,
            "provision": basis.provision,
            "as_of": basis.as_of.isoformat() if basis.as_of else None,
        },
        "stem": _both(content.stem),
        "options": [{"id": option.id, "correct": option.correct, **_both(option.text)} for option in content.options],
        "rationale": _both(content.rationale),
        "pictures": [{"sha256": picture.sha256, "alt": _both(picture.alt)} for picture in content.pictures],
    }


def _both(text: Text) -> dict[str, str]:
    return {"kk": text.kk, "ru": text.ru}

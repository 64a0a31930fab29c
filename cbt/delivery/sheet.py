"""The form as one attempt shows it: items and options in the order drawn for it, options named by their place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from cbt.assembly.models import FormContent
from cbt.assembly.sheet import SheetItem, unpack
from cbt.delivery.models import LANGUAGES, Attempt
from cbt.errors import Refusal
from cbt.regulation.draw import Permutation

LETTERS = "abcdefgh"


@dataclass(frozen=True)
class ShownOption:
    """`id` is the place, so that it says nothing of what the author wrote first."""

    id: str
    text: dict[str, str]


@dataclass(frozen=True)
class ShownPicture:
    """`number` is the picture's place in the attempt; its address says nothing else."""

    number: int
    sha256: str
    width: int
    height: int
    alt: dict[str, str]


@dataclass(frozen=True)
class ShownItem:
    """One question as the candidate sees it, in the languages that are allowed."""

    slot: int
    kind: str
    stem: dict[str, str]
    options: tuple[ShownOption, ...]
    pictures: tuple[ShownPicture, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "slot": self.slot,
            "kind": self.kind,
            "stem": self.stem,
            "options": [{"id": option.id, **option.text} for option in self.options],
            "pictures": [
                {"src": f"/candidate/picture/{each.number}", "width": each.width, "height": each.height, "alt": each.alt}
                for each in self.pictures
            ],
        }


def write_permutation(permutation: Permutation) -> str:
    return json.dumps({"items": permutation.items, "options": permutation.options}, separators=(",", ":"))


def read_permutation(text: str) -> Permutation:
    raw = json.loads(text)
    return Permutation(items=tuple(raw["items"]), options=tuple(tuple(ids) for ids in raw["options"]))


def shape_of(items: Sequence[SheetItem], permutation: Permutation) -> str:
    """One character a shown slot: how many options, and whether several may be chosen."""
    return "".join(
        str(len(items[place - 1].options))
        if items[place - 1].kind == "single"
        else LETTERS[len(items[place - 1].options) - 1].upper()
        for place in permutation.items
    )


def require_choice(shape: str, *, slot: int, choice: Sequence[str]) -> str:
    """The choice as it is stored: letters in order, joined by commas.

    Refusals: unknown_slot, unknown_option, one_choice_only.
    """
    if not 1 <= slot <= len(shape):
        raise Refusal("unknown_slot", slot=slot)
    mark = shape[slot - 1]
    options = int(mark) if mark.isdecimal() else LETTERS.index(mark.lower()) + 1
    if len(set(choice)) != len(choice) or any(letter not in LETTERS[:options] or len(letter) != 1 for letter in choice):
        raise Refusal("unknown_option", slot=slot)
    if mark.isdecimal() and len(choice) > 1:
        raise Refusal("one_choice_only", slot=slot)
    return ",".join(sorted(choice))


def bank_choice(permutation: Permutation, *, slot: int, choice: str) -> frozenset[str]:
    """The identities in the bank of the letters stored for a slot."""
    shown = permutation.options[permutation.items[slot - 1] - 1]
    return frozenset(shown[LETTERS.index(letter)] for letter in choice.split(",") if letter)


# Frozen content by its hash: unpacked once in a process, whichever attempt asks first.
_UNPACKED: dict[str, tuple[SheetItem, ...]] = {}
_MOST_FORMS = 256


def form_items(session: Session, *, form_id: int, form_hash: str) -> tuple[SheetItem, ...]:
    """The frozen content of a form in slot order."""
    items = _UNPACKED.get(form_hash)
    if items is None:
        row = session.get_one(FormContent, form_id)
        if row.content_hash != form_hash:
            raise ValueError(f"form {form_id} is not the one that was handed out")
        if len(_UNPACKED) >= _MOST_FORMS:
            _UNPACKED.clear()
        items = _UNPACKED[form_hash] = unpack(row.content)
    return items


def languages_of(attempt: Attempt) -> tuple[str, ...]:
    if attempt.both_languages:
        return LANGUAGES
    return (attempt.language,) if attempt.language else ()


def shown_items(session: Session, attempt: Attempt) -> list[ShownItem]:
    """All questions of a started attempt, in its order."""
    items = form_items(session, form_id=attempt.form_id, form_hash=attempt.form_hash)
    permutation, languages = read_permutation(attempt.permutation), languages_of(attempt)
    shown: list[ShownItem] = []
    pictures = 0
    for slot in range(1, len(permutation.items) + 1):
        shown.append(_shown(items, permutation, languages, slot=slot, pictures_before=pictures))
        pictures += len(shown[-1].pictures)
    return shown


def shown_item(session: Session, attempt: Attempt, *, slot: int) -> ShownItem:
    """One question of a started attempt, by its place in it."""
    items = form_items(session, form_id=attempt.form_id, form_hash=attempt.form_hash)
    permutation = read_permutation(attempt.permutation)
    before = sum(len(items[place - 1].pictures) for place in permutation.items[: slot - 1])
    return _shown(items, permutation, languages_of(attempt), slot=slot, pictures_before=before)


def _shown(
    items: Sequence[SheetItem], permutation: Permutation, languages: Sequence[str], *, slot: int, pictures_before: int
) -> ShownItem:
    place = permutation.items[slot - 1]
    item = items[place - 1]
    options = tuple(
        ShownOption(LETTERS[index], _only(item.options[bank_id], languages))
        for index, bank_id in enumerate(permutation.options[place - 1])
    )
    pictures = tuple(
        ShownPicture(number, picture.sha256, picture.width, picture.height, _only(picture.alt, languages))
        for number, picture in enumerate(item.pictures, start=pictures_before + 1)
    )
    return ShownItem(slot, item.kind, _only(item.stem, languages), options, pictures)


def _only(texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    return {language: texts[language] for language in languages}

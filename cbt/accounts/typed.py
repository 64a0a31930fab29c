"""Names of people and bodies as they are kept: one line, one form of each letter, nothing invisible."""

from __future__ import annotations

import unicodedata

from cbt.errors import Refusal

LONGEST_NAME = 200
# Control, direction and zero-width marks, half characters, private and unassigned ones, ends of lines and paragraphs.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean_name(typed: str, *, field: str) -> str:
    """A name in NFC with single spaces. Refusals at `field`: forbidden_character, text_missing, text_short, text_long."""
    name = unicodedata.normalize("NFC", typed.strip())
    unseen = next((letter for letter in name if unicodedata.category(letter) in _UNSEEN), None)
    if unseen:
        raise Refusal("forbidden_character", field=field, character=f"U+{ord(unseen):04X}")
    name = " ".join(name.split())
    if not name:
        raise Refusal("text_missing", field=field)
    if len(name) < 2:
        raise Refusal("text_short", field=field, shortest=2)
    if len(name) > LONGEST_NAME:
        raise Refusal("text_long", field=field, longest=LONGEST_NAME)
    return name

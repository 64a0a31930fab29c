"""What staff type or load: a person for the list, and lines with one form of each letter and nothing invisible."""

from __future__ import annotations

from dataclasses import dataclass

from cbt.bank.content import forbidden_character, tidy_line
from cbt.errors import Refusal


@dataclass(frozen=True, kw_only=True)
class Person:
    """A candidate as typed or read from a list; `territory` is a body's id, KATO code or name, or empty."""

    iin: str
    name: str
    position: str
    stage: str
    workplace: str
    territory: str


def clean_line(typed: str, *, field: str, shortest: int = 2, longest: int = 200) -> str:
    """One line in NFC with single spaces.

    Refusals at `field`: forbidden_character, text_missing, text_short, text_long.
    """
    if unseen := forbidden_character(typed.strip()):
        raise Refusal("forbidden_character", field=field, character=unseen)
    line = tidy_line(typed)
    if not line:
        raise Refusal("text_missing", field=field)
    if len(line) < shortest:
        raise Refusal("text_short", field=field, shortest=shortest)
    if len(line) > longest:
        raise Refusal("text_long", field=field, longest=longest)
    return line


def folded(text: str) -> str:
    """What two typed names share when only case and spaces differ."""
    return tidy_line(text).casefold()

"""Lines that staff type or load: one form of each letter, nothing invisible, a sensible length."""

from __future__ import annotations

from cbt.bank.content import forbidden_character, tidy_line
from cbt.errors import Refusal


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

"""Questions of invented words that no rule of the check has anything to say about, until a fault is planted."""

from __future__ import annotations

import random
from datetime import date

from cbt.bank.content import LANGUAGES, LEVELS, Basis, ItemContent, Option, Text

# Two letters each, so that all options are of one length.
_SYLLABLES = {
    "kk": "қа ма ша ты лы бы сы ра да на ғы ұл үм өр ән ең іс ақ ой ер".split(),
    "ru": "ка ма ша ты лы бы сы ра да на го ул ум ор ан ен ис ак ой ер".split(),
}


def question(seed: str, *, key: str = "", longest: str = "") -> ItemContent:
    """The same question for the same seed; `longest` is a language in which the right option is the longest."""
    chance = random.Random(seed)

    def say(count: int, end: str = "", ends: tuple[str, ...] = LANGUAGES) -> Text:
        said = {}
        for language in LANGUAGES:
            words = ["".join(chance.choices(_SYLLABLES[language], k=3)) for _ in range(count)]
            said[language] = " ".join(words).capitalize() + (end if language in ends else "")
        return Text(**said)

    right = key or chance.choice("abcd")
    return ItemContent(
        kind="single",
        level=chance.choices(LEVELS, weights=(2, 2, 1))[0],
        difficulty=0.6,
        basis=Basis(act="Әлеуметтік кодекс", provision="133-бап", as_of=date(2025, 1, 1)),
        stem=say(9, "?"),
        options=tuple(
            Option(letter, say(3, "а" * (letter == right), (longest,)), correct=letter == right) for letter in "abcd"
        ),
        rationale=say(6, "."),
    )

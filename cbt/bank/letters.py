"""Kazakh letters and their look-alikes: which words mix alphabets, and which texts are the same to the eye."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# The 42 letters include all 33 of Russian, so one alphabet serves both languages.
ALPHABET = frozenset("аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя")
KAZAKH_ONLY = frozenset("әғқңөұүһі")

_WORD = re.compile(r"[^\W\d_]+")
# Latin and Greek letters that look like Cyrillic ones in the case given; the last ones stand for Kazakh letters.
_LOOK_ALIKES = str.maketrans(
    "aceiopxyhABCEHIKMOPTXYəƏɵƟкκοΟΑΒΕΗΙΚΜΡΤΧΥ",
    "асеіорхуһАВСЕНІКМОРТХУәӘөӨккоОАВЕНІКМРТХУ",
)
# Latin letters that look Cyrillic in both cases: a word of these alone may be a Cyrillic word to the eye.
_BOTH_CASES = frozenset("aceiopxy")
_MINUS = re.compile(r"(?<!\w)[-−–](?=\d)")
_DASHES = str.maketrans("–—", "--")
_MEANT = frozenset("%‰&@#§\\")


def mixed_words(text: str) -> Iterator[tuple[str, str]]:
    """Words with a Cyrillic letter and a letter outside the Kazakh alphabet, with the letters that do not belong."""
    for word in _WORD.findall(text):
        if any(_is_cyrillic(letter) for letter in word):
            strange = "".join(dict.fromkeys(letter for letter in word if letter.lower() not in ALPHABET))
            if strange:
                yield word, strange


def lookalike_words(text: str) -> Iterator[str]:
    """Small-letter Latin words that could be read as Cyrillic ones, as the Latin `a` for `а`, in a Cyrillic text."""
    words = _WORD.findall(text)
    if any(_is_cyrillic(letter) for word in words for letter in word):
        for word in words:
            # A lone x is far more often a variable than a letter ha.
            if word.islower() and word != "x" and _BOTH_CASES.issuperset(word):
                yield word


def cyrillic_letters(text: str) -> int:
    return sum(map(_is_cyrillic, text))


def kazakh_letters(text: str) -> int:
    return sum(letter in KAZAKH_ONLY for letter in text.lower())


def fold(text: str) -> str:
    """What two texts share when they look the same: no case, spaces, punctuation, ё or look-alikes.

    What changes a number stays: signs, `%`, and points, colons and dashes between digits.
    """
    folded = _WORD.sub(lambda match: _fold_word(match[0]), unicodedata.normalize("NFC", text))
    folded = _MINUS.sub("−", folded).replace("ё", "е").translate(_DASHES)
    folded = "".join(folded.split())
    return "".join(
        "." if character == "," else character
        for place, character in enumerate(folded)
        if not _is_punctuation(character)
        or (folded[place - 1 : place].isdigit() and folded[place + 1 : place + 2].isdigit())
    )


def folded_words(text: str) -> str:
    """The words alone in one line, each as `fold` sees it: no case, no punctuation, no ё, no look-alikes."""
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    return " ".join(_fold_word(word).replace("ё", "е") for word in words)


def _fold_word(word: str) -> str:
    if any(_is_cyrillic(letter) for letter in word):
        return word.translate(_LOOK_ALIKES).casefold()
    small = word.casefold()
    return small.translate(_LOOK_ALIKES) if _BOTH_CASES.issuperset(small) else small


def _is_cyrillic(letter: str) -> bool:
    return "\u0400" <= letter <= "\u052f"


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character).startswith("P") and character not in _MEANT

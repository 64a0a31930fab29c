"""Kazakh letters and their look-alikes: which words mix alphabets, and which texts are the same to the eye."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# The 42 letters include all 33 of Russian, so one alphabet serves both languages.
ALPHABET = frozenset("аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя")
KAZAKH_ONLY = frozenset("әғқңөұүһі")

_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_KAZAKH = re.compile(f"[{''.join(sorted(KAZAKH_ONLY))}]", re.IGNORECASE)
_OUTSIDE_THE_ALPHABET = re.compile(rf"[^\W\d_{''.join(sorted(ALPHABET))}]", re.IGNORECASE)
_SIGN = re.compile(r"[\W_]")
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
    if not _OUTSIDE_THE_ALPHABET.search(text):
        return
    for word in _WORD.findall(text):
        if _CYRILLIC.search(word):
            strange = "".join(dict.fromkeys(letter for letter in word if letter.lower() not in ALPHABET))
            if strange:
                yield word, strange


def lookalike_words(text: str) -> Iterator[str]:
    """Small-letter Latin words that could be read as Cyrillic ones, as the Latin `a` for `а`, in a Cyrillic text."""
    if _OUTSIDE_THE_ALPHABET.search(text) and _CYRILLIC.search(text):
        for word in _WORD.findall(text):
            # A lone x is far more often a variable than a letter ha.
            if word.islower() and word != "x" and _BOTH_CASES.issuperset(word):
                yield word


def cyrillic_letters(text: str) -> int:
    return len(_CYRILLIC.findall(text))


def kazakh_letters(text: str) -> int:
    return len(_KAZAKH.findall(text))


def fold(text: str) -> str:
    """What two texts share when they look the same: no case, spaces, punctuation, ё or look-alikes.

    What changes a number stays: signs, `%`, and points, colons and dashes between digits.
    """
    folded = _WORD.sub(lambda match: _fold_word(match[0]), unicodedata.normalize("NFC", text))
    folded = _MINUS.sub("−", folded).replace("ё", "е").translate(_DASHES)
    return _SIGN.sub(_kept_sign, "".join(folded.split()))


def _kept_sign(match: re.Match[str]) -> str:
    """A sign that changes what is said, else nothing; nobody sees a format character."""
    sign, (start, end) = match[0], match.span()
    category = unicodedata.category(sign)
    if category == "Cf":
        return ""
    if category.startswith("P") and sign not in _MEANT:
        between_digits = match.string[start - 1 : start].isdigit() and match.string[end : end + 1].isdigit()
        return "." if between_digits and sign == "," else sign if between_digits else ""
    return sign


def folded_words(text: str) -> str:
    """The words alone in one line, each as `fold` sees it: no case, no punctuation, no ё, no look-alikes."""
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    return " ".join(_fold_word(word).replace("ё", "е") for word in words)


def _fold_word(word: str) -> str:
    if _CYRILLIC.search(word):
        return word.translate(_LOOK_ALIKES).casefold()
    small = word.casefold()
    return small.translate(_LOOK_ALIKES) if _BOTH_CASES.issuperset(small) else small

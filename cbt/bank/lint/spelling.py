"""Hints at words that may be misspelt: by hunspell dictionaries, and by how the bank itself writes a word elsewhere."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path

from hunspell import Hunspell

from cbt.bank import markup
from cbt.bank.check import Problem, hint
from cbt.bank.content import LANGUAGES, ItemContent, texts_of
from cbt.bank.letters import cyrillic_letters

Knows = Callable[[str], bool]

DICTIONARY_NAMES = {"kk": "kk_KZ", "ru": "ru_RU"}
SYSTEM_FOLDERS = tuple(
    map(
        Path,
        (
            "/usr/share/hunspell",
            "/usr/share/myspell/dicts",
            "/usr/local/share/hunspell",
            "/opt/homebrew/share/hunspell",
            "/Library/Spelling",
        ),
    )
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_OPENS, _CLOSES = " «„“\"(", ".!?…:;\n–—"
# What a keyboard without Kazakh letters leaves of a word; ң is left out, since н and ң both end many right words.
_LOST = {"а": "ә", "о": "ө", "у": "ұү", "к": "қ", "г": "ғ", "х": "һ"}
_MOST_LOST = 3
_SHORTEST, _TIMES_AS_OFTEN = 5, 3


def dictionaries(folder: Path | None = None, *, word_lists: Iterable[Path] = ()) -> dict[str, Knows]:
    """What tells a known word, by language, where the folder (else the machine) has a dictionary.

    A line of a word list is a word, or `word/example` for a word that is declined as the example is.
    """
    folders = [folder] if folder else SYSTEM_FOLDERS
    lists = list(word_lists)
    known = {}
    for language, name in DICTIONARY_NAMES.items():
        homes = [home for home in folders if all((home / f"{name}{end}").is_file() for end in (".aff", ".dic"))]
        if homes:
            hunspell = Hunspell(name, hunspell_data_dir=str(homes[0]))
            for path in lists:
                if path.stem.endswith(f"-{language}"):
                    _teach(hunspell, path)
            known[language] = _test_of(hunspell)
    return known


def hints_in(contents: Sequence[ItemContent], known: Mapping[str, Knows]) -> Iterator[tuple[int, Problem]]:
    """Each doubtful word once, at the question (by its place in the list) where it is met first.

    The Kazakh dictionary refuses one right word in three, so a Kazakh word is doubted only where it becomes known by
    giving back its Kazakh letters.
    """
    for language in LANGUAGES:
        places = _places_of_words(contents, language)
        usual = Counter({word: len(found) for word, found in places.items()})
        knows = known.get(language)
        for word, ((place, field, written), *_) in places.items():
            if language == "kk":
                if like := _more_usual(word, usual) or (knows and _known_with_kazakh_letters(word, knows)):
                    yield place, hint("word_like_another", field, word=written[:60], like=like[:60])
            elif knows and not knows(word):
                yield place, hint("word_unknown", field, word=written[:60])


def _places_of_words(contents: Sequence[ItemContent], language: str) -> dict[str, list[tuple[int, str, str]]]:
    """Words by their form in small letters, each with question, field and the word as written.

    Names, abbreviations and initials are left out.
    """
    places: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    names = set()
    for place, content in enumerate(contents):
        for field, text in texts_of(content):
            string = markup.plain(text.of(language))
            for match in _WORD.finditer(string):
                word = match[0]
                if len(word) == 1 or not cyrillic_letters(word) or any(part.isupper() for part in word.split("-")):
                    continue
                small = word[0].lower() + word[1:]
                before = string[: match.start()].rstrip(_OPENS)
                if small != word and before and before[-1] not in _CLOSES:
                    names.add(small)
                else:
                    places[small].append((place, f"{field}.{language}", word))
    return {word: found for word, found in places.items() if word not in names}


def _more_usual(word: str, usual: Mapping[str, int]) -> str | None:
    """A spelling of the word with Kazakh letters that the bank uses several times as often."""
    if len(word) < _SHORTEST:
        return None
    often = _TIMES_AS_OFTEN * usual[word]
    return next((other for other in _with_kazakh_letters(word) if usual.get(other, 0) >= often), None)


def _known_with_kazakh_letters(word: str, knows: Knows) -> str | None:
    if len(word) < _SHORTEST or knows(word):
        return None
    return next(filter(knows, _with_kazakh_letters(word)), None)


def _with_kazakh_letters(word: str) -> Iterator[str]:
    """The word with up to three letters given back that a Russian keyboard does not have."""
    lost = [place for place, letter in enumerate(word) if letter in _LOST]
    for count in range(1, _MOST_LOST + 1):
        for places in combinations(lost, count):
            for letters in product(*(_LOST[word[place]] for place in places)):
                spelled = list(word)
                for place, letter in zip(places, letters, strict=True):
                    spelled[place] = letter
                yield "".join(spelled)


def _teach(hunspell: Hunspell, path: Path) -> None:
    for line in path.read_text("utf-8").splitlines():
        word, _, example = line.partition("#")[0].strip().partition("/")
        if example:
            hunspell.add_with_affix(word, example)
        elif word:
            hunspell.add(word)


def _test_of(hunspell: Hunspell) -> Knows:
    return lambda word: hunspell.spell(word) or hunspell.spell(word.capitalize())

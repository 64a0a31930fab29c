"""Questions that were asked before: stems that are the same or nearly the same to the eye, and sets of options."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

from cbt.bank.check import Problem, error, warning
from cbt.bank.content import LANGUAGES, ItemContent
from cbt.bank.letters import fold

_LETTERS = 4
# Two of twelve words changed leave more than half of the letter groups; different questions share a third at most.
NEAR_IN_ONE_LANGUAGE = 0.5
NEAR_IN_BOTH = 0.4
FEWEST_OPTIONS_OF_A_SET = 3


class Repeat(NamedTuple):
    """A question that repeats an earlier one; both by their place in the list."""

    later: int
    earlier: int
    problem: Problem


def repeats_in(contents: Sequence[ItemContent], names: Sequence[str]) -> Iterator[Repeat]:
    """Every question that says again what an earlier one says, with the name of the earlier; one problem a pair."""
    same = dict(_same_stems(contents))
    for later, (earlier, language) in same.items():
        yield Repeat(later, earlier, error("stem_repeated", f"stem.{language}", first=names[earlier]))
    for later, earlier, language, likeness in _near_stems(contents):
        if later not in same:
            facts = {"first": names[earlier], "percent": round(likeness * 100)}
            yield Repeat(later, earlier, warning("stem_nearly_repeated", f"stem.{language}", **facts))
    for later, earlier in _same_option_sets(contents):
        if later not in same:
            yield Repeat(later, earlier, warning("option_set_repeated", "options", first=names[earlier]))


def _same_stems(contents: Sequence[ItemContent]) -> Iterator[tuple[int, tuple[int, str]]]:
    """Stems that look the same in a language; over different pictures the same words are another question."""
    first: dict[tuple[str, str, frozenset[str]], int] = {}
    for place, content in enumerate(contents):
        pictures = frozenset(picture.sha256 for picture in content.pictures)
        for language in LANGUAGES:
            folded = fold(content.stem.of(language))
            if folded and (earlier := first.setdefault((language, folded, pictures), place)) != place:
                yield place, (earlier, language)
                break


def _near_stems(contents: Sequence[ItemContent]) -> Iterator[tuple[int, int, str, float]]:
    """Pairs whose stems share most groups of letters, in one language by far or in both."""
    likeness: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
    groups = {language: [_groups(content.stem.of(language)) for content in contents] for language in LANGUAGES}
    for language in LANGUAGES:
        for later, earlier in _candidates(groups[language]):
            for each in LANGUAGES:
                likeness[later, earlier][each] = _jaccard(groups[each][later], groups[each][earlier])
    told = set()
    for (later, earlier), shares in sorted(likeness.items()):
        language = max(shares, key=lambda each: shares[each])
        near = shares[language] >= NEAR_IN_ONE_LANGUAGE or sum(shares.values()) / len(shares) >= NEAR_IN_BOTH
        if near and later not in told and contents[later].pictures == contents[earlier].pictures:
            told.add(later)
            yield later, earlier, language, shares[language]


def _groups(text: str) -> frozenset[str]:
    folded = fold(text)
    return frozenset(folded[start : start + _LETTERS] for start in range(len(folded) - _LETTERS + 1))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


def _candidates(sets: Sequence[frozenset[str]]) -> set[tuple[int, int]]:
    """Pairs (later, earlier) that may share `NEAR_IN_BOTH` of their groups.

    Two such sets have a common member among the rarest of each, so only those are looked up.
    Source: R. J. Bayardo, Y. Ma, R. Srikant, Scaling up all pairs similarity search, WWW 2007, 131-140.
    """
    frequency = Counter(group for groups in sets for group in groups)
    pairs = set()
    seen: dict[str, list[int]] = defaultdict(list)
    for place, groups in enumerate(sets):
        rarest_first = sorted(groups, key=lambda group: (frequency[group], group))
        for group in rarest_first[: len(groups) - ceil(NEAR_IN_BOTH * len(groups)) + 1]:
            pairs.update((place, earlier) for earlier in seen[group])
            seen[group].append(place)
    return pairs


def _same_option_sets(contents: Sequence[ItemContent]) -> Iterator[tuple[int, int]]:
    """Questions that offer the same options as an earlier one, in whatever order."""
    first: dict[tuple[str, frozenset[str]], int] = {}
    for place, content in enumerate(contents):
        for language in LANGUAGES:
            options = frozenset(fold(option.text.of(language)) for option in content.options)
            if len(options) < FEWEST_OPTIONS_OF_A_SET:
                continue
            if (earlier := first.setdefault((language, options), place)) != place:
                yield place, earlier
                break

"""Questions that were asked before: stems that are the same or nearly the same to the eye, and sets of options."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import log
from typing import NamedTuple

from cbt.bank.check import Problem, error, warning
from cbt.bank.content import LANGUAGES, ItemContent
from cbt.bank.letters import fold

_LETTERS = 4
# In a file of few stems, what two of them share is not yet common: as if so many others were there.
_OTHERS = 20
# Two of nine words changed leave a likeness of 0.45 and more; different questions of one topic stay at 0.41 and below.
NEAR_IN_ONE_LANGUAGE, NEAR_IN_BOTH = 0.43, 0.4
FEWEST_OPTIONS_OF_A_SET = 3
_ROUNDING = 1e-9


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
    others = [place for place in range(len(contents)) if place not in same]
    for later, earlier, language, likeness in _near_stems([contents[place] for place in others]):
        facts = {"first": names[others[earlier]], "percent": round(likeness * 100)}
        nearly = warning("stem_nearly_repeated", f"stem.{language}", **facts)
        yield Repeat(others[later], others[earlier], nearly)
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
    """Pairs whose stems share most of their rare groups of letters, in one language by far or in both."""
    stems = {language: _Stems([content.stem.of(language) for content in contents]) for language in LANGUAGES}
    pairs = sorted({pair for each in stems.values() for pair in each.pairs_like(NEAR_IN_BOTH)})
    told = set()
    for later, earlier in pairs:
        shares = {language: each.likeness(later, earlier) for language, each in stems.items()}
        language = max(shares, key=lambda each: shares[each])
        near = shares[language] >= NEAR_IN_ONE_LANGUAGE or sum(shares.values()) / len(shares) >= NEAR_IN_BOTH
        if near and later not in told and contents[later].pictures == contents[earlier].pictures:
            told.add(later)
            yield later, earlier, language, shares[language]


class _Stems:
    """Stems as sets of groups of letters, where a group weighs the more the fewer stems have it.

    So the name of a service or an act, which many stems hold, makes no two of them alike.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._groups = [_groups(text) for text in texts]
        frequency = Counter(group for groups in self._groups for group in groups)
        self._weight = {group: log((len(texts) + _OTHERS) / (count + 1)) for group, count in frequency.items()}
        self._total = [self._weigh(groups) for groups in self._groups]

    def likeness(self, one: int, other: int) -> float:
        """Weight of what both have over the weight of what either has (Jaccard), 0 to 1."""
        shared = self._weigh(self._groups[one] & self._groups[other])
        return shared / (self._total[one] + self._total[other] - shared) if shared else 0.0

    def pairs_like(self, least: float) -> Iterator[tuple[int, int]]:
        """Pairs (later, earlier) at least that alike.

        Such a pair has a group in common among the heaviest of each, those that make up all but `least` of its weight.
        Source: R. J. Bayardo, Y. Ma, R. Srikant, Scaling up all pairs similarity search, WWW 2007, 131-140.
        """
        seen: dict[str, list[int]] = defaultdict(list)
        for later, groups in enumerate(self._groups):
            candidates = set()
            rest = self._total[later]
            for group in sorted(groups, key=lambda group: (-self._weight[group], group)):
                if rest < least * self._total[later] - _ROUNDING:
                    break
                candidates.update(seen[group])
                seen[group].append(later)
                rest -= self._weight[group]
            yield from ((later, earlier) for earlier in candidates if self.likeness(later, earlier) >= least)

    def _weigh(self, groups: frozenset[str]) -> float:
        return sum(map(self._weight.__getitem__, groups))


def _groups(text: str) -> frozenset[str]:
    folded = fold(text)
    return frozenset(folded[start : start + _LETTERS] for start in range(len(folded) - _LETTERS + 1))


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

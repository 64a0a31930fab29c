"""The figures of one bank that show how far a guess could gain: places and lengths of the keys, levels, kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from cbt.bank import markup
from cbt.bank.check import Problem, warning
from cbt.bank.content import LANGUAGES, LEVELS, MULTIPLE, SINGLE, ItemContent
from cbt.bank.lint.chi_square import LEAST_EXPECTED, even_spread, upper_tail

# One right answer in four is the longest by chance; who always picks the longest must not gain from it.
FEWEST_TO_JUDGE, MOST_LONGEST = 10, 0.30
# Nor who always picks the second shortest: one in four by chance, here too.
FEWEST_FOR_LENGTHS, MOST_OF_A_LENGTH = 40, 0.40
UNLIKELY, NEARLY_IMPOSSIBLE = 0.05, 0.001
LEVEL_SHARES = {"knowledge": 0.4, "application": 0.4, "judgement": 0.2}
FEWEST_FOR_LEVELS, LEVEL_TOLERANCE = 20, 0.10
MULTIPLE_ONE_IN = 10
# Shares are floats: 3 of 10 must not count as more than 0.3 * 10.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Figures:
    """Counts over the questions of a bank that may be drawn.

    `places` are the keys by place, over the `judged` questions: those with one right answer and the usual number of
    options. `by_length` are the same keys by how many options are shorter, by language, those left out that are as
    long as another option: an even spread leaves nothing to guess by. `chi_square` and `p_value` are None where these are too few for the test. `longest` counts, by language,
    the `single` questions whose right option is longer than every other.
    """

    items: int
    single: int
    judged: int
    places: tuple[int, ...]
    by_length: Mapping[str, tuple[int, ...]]
    chi_square: float | None
    p_value: float | None
    longest: Mapping[str, int]
    levels: Mapping[str, int]
    multiple: int


def figures_of(contents: Sequence[ItemContent]) -> Figures:
    single = [content for content in contents if content.kind == SINGLE and content.options]
    size, _ = Counter(len(content.options) for content in single).most_common(1)[0] if single else (0, 0)
    judged = [content for content in single if len(content.options) == size]
    at = Counter(_place_of_key(content) for content in judged)
    places = tuple(at[place] for place in range(size))
    testable = size > 1 and len(judged) >= LEAST_EXPECTED * size
    chi_square = even_spread(places) if testable else None
    levels = Counter(content.level for content in contents)
    return Figures(
        items=len(contents),
        single=len(single),
        judged=len(judged),
        places=places,
        by_length={language: _by_length(judged, size, language) for language in LANGUAGES},
        chi_square=chi_square,
        p_value=None if chi_square is None else upper_tail(chi_square, size - 1),
        longest={language: sum(key_is_longest(content, language) for content in single) for language in LANGUAGES},
        levels={level: levels[level] for level in LEVELS},
        multiple=sum(content.kind == MULTIPLE for content in contents),
    )


def key_is_longest(content: ItemContent, language: str) -> bool:
    """Whether the right option is longer than every other, by however little."""
    lengths = [(len(markup.plain(option.text.of(language))), option.correct) for option in content.options]
    longest = max(lengths)[0]
    return [correct for length, correct in lengths if length == longest] == [True]


def problems_of_bank(figures: Figures) -> Iterator[Problem]:
    """What is wrong with a bank as a whole."""
    yield from _spread(figures)
    yield from problems_of_lengths(figures)
    yield from _lengths_that_tell(figures)
    yield from _balance(figures)


def problems_of_lengths(figures: Figures) -> Iterator[Problem]:
    """The languages in which the right option is too often the longest."""
    for language, count in figures.longest.items():
        if figures.single >= FEWEST_TO_JUDGE and count > MOST_LONGEST * figures.single + _ROUNDING:
            facts = {"count": count, "total": figures.single, "share": percent(count, figures.single)}
            yield warning("key_often_longest", f"options.{language}", **facts, most=round(MOST_LONGEST * 100))


def spread_in_words(places: Iterable[int]) -> str:
    """The counts by place, as `a 40, b 38, c 41, d 41`."""
    return ", ".join(f"{chr(ord('a') + place)} {count}" for place, count in enumerate(places))


def percent(count: int, total: int) -> int:
    return round(100 * count / total) if total else 0


def _place_of_key(content: ItemContent) -> int:
    return next((place for place, option in enumerate(content.options) if option.correct), -1)


def _by_length(judged: Sequence[ItemContent], size: int, language: str) -> tuple[int, ...]:
    shorter = Counter(_shorter_than_key(content, language) for content in judged)
    return tuple(shorter[count] for count in range(size))


def _shorter_than_key(content: ItemContent, language: str) -> int | None:
    """How many options are shorter than the key; None where another one is as long, so that length does not tell."""
    lengths = [(len(markup.plain(option.text.of(language))), option.correct) for option in content.options]
    of_key = next((length for length, correct in lengths if correct), 0)
    is_alone = sum(length == of_key for length, _correct in lengths) == 1
    return sum(length < of_key for length, _correct in lengths) if is_alone else None


def _spread(figures: Figures) -> Iterator[Problem]:
    if figures.p_value is None or figures.p_value >= UNLIKELY:
        return
    impossible = figures.p_value < NEARLY_IMPOSSIBLE
    facts = {
        "places": spread_in_words(figures.places),
        "chi_square": f"{figures.chi_square:.2f}",
        "p_value": f"{figures.p_value:.2g}",
        "limit": NEARLY_IMPOSSIBLE if impossible else UNLIKELY,
    }
    yield Problem("error" if impossible else "warning", "keys_uneven", "options", facts)


def _lengths_that_tell(figures: Figures) -> Iterator[Problem]:
    """The longest option has a limit of its own; this one is for the shortest and those in between."""
    for language, counts in figures.by_length.items():
        for place, count in enumerate(counts[:-1], start=1):
            if figures.judged >= FEWEST_FOR_LENGTHS and count > MOST_OF_A_LENGTH * figures.judged + _ROUNDING:
                share, most = percent(count, figures.judged), round(MOST_OF_A_LENGTH * 100)
                yield warning("key_length_tells", f"options.{language}", place=place, share=share, most=most)


def _balance(figures: Figures) -> Iterator[Problem]:
    if figures.items >= FEWEST_FOR_LEVELS:
        for level, wanted in LEVEL_SHARES.items():
            if abs(figures.levels[level] / figures.items - wanted) > LEVEL_TOLERANCE + _ROUNDING:
                yield warning(
                    "levels_unbalanced",
                    "level",
                    level=level,
                    share=percent(figures.levels[level], figures.items),
                    wanted=round(wanted * 100),
                )
    if figures.items >= FEWEST_TO_JUDGE and figures.multiple > ceil(figures.items / MULTIPLE_ONE_IN):
        yield warning("many_multiple", "kind", count=figures.multiple, total=figures.items)

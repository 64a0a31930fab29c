"""Practice tests from the reference library: drawn from questions that are marked for practice, and from no others."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from cbt.bank import markup
from cbt.bank.content import LANGUAGES, ItemContent, Text, key
from cbt.bank.formats.blueprint import Area, standard_blueprint
from cbt.bank.formats.reference import LibraryBank, LibraryItem, bank_of, positions_in
from cbt.errors import Refusal
from cbt.regulation.draw import PoolItem, draw, permutation

QUESTIONS = 20
LETTERS = "abcdefghi"

log = logging.getLogger("cbt.bank.practice")
# The first who asks reads the files; all others of that moment wait for it instead of reading them again.
_READING = Lock()
# HTML of questions by the hash of what they say.
_TEXTS: dict[str, _Texts] = {}
_MOST_TEXTS = 2000

Both = Mapping[str, str]


@dataclass(frozen=True)
class PracticeOption:
    """`id` is the place in which it is shown."""

    id: str
    html: Both


@dataclass(frozen=True)
class PracticePicture:
    sha256: str
    width: int
    height: int
    alt: Both


@dataclass(frozen=True, kw_only=True)
class PracticeQuestion:
    """A question for practice as HTML in both languages, with its key: the letters of the right options."""

    area: str
    kind: str
    stem: Both
    stem_words: Both
    options: tuple[PracticeOption, ...]
    key: frozenset[str]
    rationale: Both
    basis: Both
    pictures: tuple[PracticePicture, ...]


@dataclass(frozen=True, kw_only=True)
class PracticePaper:
    """Twenty questions in the order shown; `areas` are those they come from, `digest` stands for the bank's texts."""

    position: str
    digest: str
    areas: tuple[Area, ...]
    questions: tuple[PracticeQuestion, ...]


@dataclass(frozen=True, kw_only=True)
class _Texts:
    stem: Both
    stem_words: Both
    options: Mapping[str, Both]
    rationale: Both
    basis: Both


def positions_offered(folder: Path) -> tuple[str, ...]:
    """The positions with enough questions for practice in the library, in the order of the blueprint."""
    offered = []
    for position in positions_in(folder):
        try:
            require_offered(folder, position)
        except Refusal:
            continue
        offered.append(position)
    return tuple(offered)


def require_offered(folder: Path, position: str) -> None:
    """Refuses `unknown` where the library has no practice test for the position."""
    _bank_for_practice(folder, position)


def practice_paper(folder: Path, *, position: str, seed: str) -> PracticePaper:
    """The same questions in the same order for the same seed, as long as the library says the same.

    Refuses `unknown` where there is no practice test for the position.
    """
    bank = _bank_for_practice(folder, position)
    items = bank.practice_items
    areas = _areas_of(position)
    shares = shares_of_areas(
        {area.code: area.items for area in areas}, available=Counter(item.area for item in items), total=QUESTIONS
    )
    # All of one level: so few questions are shared among the areas, and within an area each has the same chance.
    pool = [PoolItem(version_id=item, area=item.area, code=item.code, level="practice") for item in items]
    drawn = [each.version_id for each in draw(pool, areas=shares, seed=seed)]
    order = permutation(
        seed,
        number_of_items=QUESTIONS,
        option_ids_by_slot={
            slot: [option.id for option in item.content.options]  # type: ignore[attr-defined]
            for slot, item in enumerate(drawn, start=1)
        },
    )
    return PracticePaper(
        position=position,
        digest=bank.digest,
        areas=tuple(area for area in areas if area.code in shares),
        questions=tuple(
            _question(drawn[slot - 1], order.options[slot - 1], bank)  # type: ignore[arg-type]
            for slot in order.items
        ),
    )


def practice_picture(folder: Path, *, position: str, sha256: str) -> bytes:
    """A picture of a question for practice as PNG. Refuses `unknown`, also for pictures of other questions."""
    bank = _bank_for_practice(folder, position)
    shown = {picture.sha256 for item in bank.practice_items for picture in item.content.pictures}
    if sha256 not in shown:
        raise Refusal("unknown")
    return bank.pictures[sha256].png


def shares_of_areas(weights: Mapping[str, int], *, available: Mapping[str, int], total: int) -> dict[str, int]:
    """How many questions each area gives, in proportion to the blueprint as far as there are questions.

    Each next question goes to the area that is furthest behind its share (the method of Sainte-Laguë, which favours
    neither large areas nor small ones). Areas that give none are left out.
    """
    shares = dict.fromkeys(weights, 0)
    for _ in range(total):
        open_areas = [area for area in weights if shares[area] < available.get(area, 0)]
        furthest = max(open_areas, key=lambda area: weights[area] / (2 * shares[area] + 1))
        shares[furthest] += 1
    return {area: share for area, share in shares.items() if share}


def _areas_of(position: str) -> tuple[Area, ...]:
    blueprint = standard_blueprint().position(position)
    return blueprint.areas if blueprint else ()


def _bank_for_practice(folder: Path, position: str) -> LibraryBank:
    """The bank of a position that has enough questions for practice; refuses `unknown` where there is none."""
    try:
        with _READING:
            bank = bank_of(folder, position)
    except Refusal as refusal:
        if refusal.code != "unknown":
            log.warning("no practice test for %s: %s %s", position, refusal.code, refusal.facts)
        raise Refusal("unknown") from None
    areas = {area.code for area in _areas_of(position)}
    if sum(item.area in areas for item in bank.practice_items) < QUESTIONS:
        raise Refusal("unknown")
    return bank


def _question(item: LibraryItem, option_ids: tuple[str, ...], bank: LibraryBank) -> PracticeQuestion:
    content, texts = item.content, _texts_of(item)
    right = key(content)
    return PracticeQuestion(
        area=item.area,
        kind=content.kind,
        stem=texts.stem,
        stem_words=texts.stem_words,
        options=tuple(
            PracticeOption(letter, texts.options[option_id])
            for letter, option_id in zip(LETTERS, option_ids, strict=False)
        ),
        key=frozenset(letter for letter, option_id in zip(LETTERS, option_ids, strict=False) if option_id in right),
        rationale=texts.rationale,
        basis=texts.basis,
        pictures=_pictures_of(content, bank),
    )


def _pictures_of(content: ItemContent, bank: LibraryBank) -> tuple[PracticePicture, ...]:
    return tuple(
        PracticePicture(
            picture.sha256,
            bank.pictures[picture.sha256].width,
            bank.pictures[picture.sha256].height,
            {language: picture.alt.of(language) for language in LANGUAGES},
        )
        for picture in content.pictures
    )


def _texts_of(item: LibraryItem) -> _Texts:
    texts = _TEXTS.get(item.content_hash)
    if texts is None:
        if len(_TEXTS) >= _MOST_TEXTS:
            _TEXTS.clear()
        texts = _TEXTS[item.content_hash] = _texts_from(item.content)
    return texts


def _texts_from(content: ItemContent) -> _Texts:
    def html(text: Text) -> Both:
        return {language: markup.to_html(text.of(language)) for language in LANGUAGES}

    return _Texts(
        stem=html(content.stem),
        stem_words={language: markup.plain(content.stem.of(language)) for language in LANGUAGES},
        options={
            option.id: {language: markup.to_inline_html(option.text.of(language)) for language in LANGUAGES}
            for option in content.options
        },
        rationale=html(content.rationale),
        basis={language: content.basis.of(language) for language in LANGUAGES},
    )

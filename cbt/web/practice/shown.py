"""What the pages of the practice test show: squares, signs at the options, the explanation, the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import escape

from cbt.bank.content import LANGUAGES
from cbt.bank.practice import PracticePaper, PracticePicture, PracticeQuestion
from cbt.web.practice.progress import Answer, Progress
from cbt.web.practice.words import PracticeWords

# What stands at an option once the answer is checked, as the pages call it.
RIGHT_CHOSEN, RIGHT, WRONG_CHOSEN = "right-chosen", "right", "wrong-chosen"


@dataclass(frozen=True, kw_only=True)
class ShownOption:
    id: str
    html: str


@dataclass(frozen=True, kw_only=True)
class ShownPicture:
    src: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, kw_only=True)
class ShownQuestion:
    """One question in one language, without its key."""

    kind: str
    stem: str
    options: tuple[ShownOption, ...]
    pictures: tuple[ShownPicture, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A square of the map of questions; `mark`: right, wrong, or nothing while the answer is not checked."""

    slot: int
    answered: bool
    flagged: bool
    here: bool
    mark: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why the key is right, in the language of the test first; empty while the answer is not checked."""

    mark: str
    verdict: str
    several: bool
    sides: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class AgainRow:
    """A question to look at again."""

    slot: int
    mark: str
    stem: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    score: str
    profile: tuple[dict[str, object], ...]
    again: tuple[AgainRow, ...]


def mark_of(question: PracticeQuestion, answer: Answer) -> str:
    """`right`, `wrong`, or nothing while the answer is not checked. All the right options and no other."""
    if not answer.checked:
        return ""
    return "right" if question.key == frozenset(answer.choice) else "wrong"


def signs_of(question: PracticeQuestion, answer: Answer) -> dict[str, str] | None:
    """The sign of each option that has one, once the answer is checked."""
    if not answer.checked:
        return None
    signs = {}
    for option in question.options:
        is_right, is_chosen = option.id in question.key, option.id in answer.choice
        if is_right:
            signs[option.id] = RIGHT_CHOSEN if is_chosen else RIGHT
        else:
            signs[option.id] = WRONG_CHOSEN if is_chosen else ""
    return signs


def question_shown(paper: PracticePaper, slot: int, language: str) -> ShownQuestion:
    question = paper.questions[slot - 1]
    return ShownQuestion(
        kind=question.kind,
        stem=question.stem[language],
        options=tuple(ShownOption(id=option.id, html=option.html[language]) for option in question.options),
        pictures=tuple(
            ShownPicture(
                src=_picture_url(paper, picture), width=picture.width, height=picture.height, alt=picture.alt[language]
            )
            for picture in question.pictures
        ),
    )


def rows_shown(paper: PracticePaper, progress: Progress, words: PracticeWords, *, here: int) -> list[Row]:
    rows = []
    for slot, question in enumerate(paper.questions, start=1):
        answer = progress.at(slot)
        mark, flagged = mark_of(question, answer), slot in progress.flags
        rows.append(
            Row(
                slot=slot,
                answered=bool(answer.choice),
                flagged=flagged,
                here=slot == here,
                mark=mark,
                words=words.cell_words(slot, answered=bool(answer.choice), flagged=flagged, mark=mark),
            )
        )
    return rows


def explanation_shown(question: PracticeQuestion, answer: Answer, words: PracticeWords, *, first: str) -> Explanation:
    mark = mark_of(question, answer)
    languages = sorted(LANGUAGES, key=lambda language: language != first)
    return Explanation(
        mark=mark,
        verdict=words.verdict(question, mark),
        several=mark == "wrong" and question.kind == "multiple",
        sides=tuple((language, why_shown(question, language) if mark else "") for language in languages),
    )


def why_shown(question: PracticeQuestion, language: str) -> str:
    """The rationale, and what it rests on, as HTML all in one language, whatever that of the page is."""
    with force_locale(language):
        basis = _("Basis: %(basis)s", basis=question.basis[language])
    return f'{question.rationale[language]}<p class="hint">{escape(basis)}</p>'


def summary_shown(paper: PracticePaper, progress: Progress, *, language: str) -> Summary:
    marks = [mark_of(question, progress.at(slot)) for slot, question in enumerate(paper.questions, start=1)]
    right = Counter(question.area for question, mark in zip(paper.questions, marks, strict=True) if mark == "right")
    asked = Counter(question.area for question in paper.questions)
    return Summary(
        score=score_words(right.total(), len(paper.questions)),
        profile=tuple(
            {"label": area.name.of(language), "points": right[area.code], "maximum": asked[area.code]}
            for area in paper.areas
        ),
        again=tuple(
            AgainRow(slot=slot, mark=mark, stem=question.stem_words[language])
            for slot, (question, mark) in enumerate(zip(paper.questions, marks, strict=True), start=1)
            if mark != "right"
        ),
    )


def score_words(count: int | str, total: int | str) -> str:
    return _("Right: %(count)s of %(total)s", count=count, total=total)


def questions_as_json(paper: PracticePaper) -> dict[str, object]:
    """Everything that the script needs, once: these questions may be known with their keys."""
    return {"questions": list(_as_json(paper))}


def _as_json(paper: PracticePaper) -> Iterator[dict[str, object]]:
    areas = [area.code for area in paper.areas]
    for slot, question in enumerate(paper.questions, start=1):
        yield {
            "slot": slot,
            "area": areas.index(question.area),
            "kind": question.kind,
            "stem": question.stem,
            "options": [{"id": option.id, **option.html} for option in question.options],
            "pictures": [
                {
                    "src": _picture_url(paper, picture),
                    "width": picture.width,
                    "height": picture.height,
                    "alt": picture.alt,
                }
                for picture in question.pictures
            ],
            "key": sorted(question.key),
            "why": {language: why_shown(question, language) for language in LANGUAGES},
        }


def _picture_url(paper: PracticePaper, picture: PracticePicture) -> str:
    return url_for("practice.picture", position=paper.position, sha256=picture.sha256)

"""What the candidate's pages show of a seat, a question and a result: plain shapes, chosen field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from cbt.delivery.models import Attempt
from cbt.delivery.queries_attempt import Answer, Seat
from cbt.delivery.sheet import ShownItem
from cbt.documents.wording import language_name, points_of, window
from cbt.errors import Refusal
from cbt.i18n import format_day, format_duration, format_moment, local_day
from cbt.regulation import editions, terms
from cbt.results.queries import OwnResult
from cbt.web.candidate.words import player_words
from cbt.web.messages import words_for
from cbt.web.pages import current_locale, position_title

NO_ANSWER = Answer(slot=0, choice=(), flagged=False, seq=0)


@dataclass(frozen=True, kw_only=True)
class ShownSeat:
    """Who, for what, where and when, in the language of the page."""

    name: str
    position: str
    stage: str
    place: str
    window: str
    minutes: int
    number_of_items: int
    cut_score: int
    both_languages: bool


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
    """One question in one language."""

    kind: str
    stem: str
    options: tuple[ShownOption, ...]
    pictures: tuple[ShownPicture, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A square of the map of questions."""

    slot: int
    answered: bool
    flagged: bool
    here: bool
    words: str


def stage_name(stage: str) -> str:
    return {"initial": _("Initial attestation"), "repeat": _("Repeat attestation")}[stage]


def seat_shown(seat: Seat) -> ShownSeat:
    locale = current_locale()
    test = editions.require_usable(editions.edition(seat.edition)).test
    return ShownSeat(
        name=seat.name,
        position=position_title(seat.position),
        stage=stage_name(seat.stage),
        place=f"{seat.body.name(locale)}, {seat.place(locale)}",
        window=window(seat.opens_at, seat.closes_at, locale),
        minutes=seat.minutes,
        number_of_items=test.items,
        cut_score=test.admit_min_points,
        both_languages=seat.both_languages,
    )


def why_not_yet(seat: Seat, *, now: datetime) -> str | None:
    """The words why the test cannot be started at this moment, or None."""
    if seat.sitting_state in {"closed", "cancelled"} or now >= seat.closes_at:
        return words_for(Refusal("sitting_over"))
    if now < seat.opens_at:
        return words_for(Refusal("sitting_not_open", opens_at=format_moment(seat.opens_at, current_locale())))
    return None if seat.sitting_state == "open" else words_for(Refusal("sitting_not_opened"))


def practice_question() -> ShownQuestion:
    """A question about the test itself: nobody learns or fears anything by it."""
    return ShownQuestion(
        kind="single",
        stem=_("How many questions are there in this test?"),
        options=tuple(
            ShownOption(id=letter, html=number)
            for letter, number in zip("abcd", ("40", "60", "80", "100"), strict=True)
        ),
    )


def question_shown(item: ShownItem, language: str) -> ShownQuestion:
    return ShownQuestion(
        kind=item.kind,
        stem=item.stem[language],
        options=tuple(ShownOption(id=option.id, html=option.text[language]) for option in item.options),
        pictures=tuple(
            ShownPicture(
                src=f"/candidate/picture/{picture.number}",
                width=picture.width,
                height=picture.height,
                alt=picture.alt[language],
            )
            for picture in item.pictures
        ),
    )


def rows_shown(attempt: Attempt, answers: Mapping[int, Answer], *, here: int | None = None) -> list[Row]:
    words = player_words(attempt.number_of_items)
    rows = []
    for slot in range(1, attempt.number_of_items + 1):
        answer = answers.get(slot, NO_ANSWER)
        answered = bool(answer.choice)
        said = words.cell_words(slot, answered=answered, flagged=answer.flagged)
        rows.append(Row(slot=slot, answered=answered, flagged=answer.flagged, here=slot == here, words=said))
    return rows


@dataclass(frozen=True, kw_only=True)
class ShownResult:
    """The announced result in the language of the page."""

    name: str
    points_words: str
    admitted: bool
    verdict: str
    next_steps: tuple[str, ...]
    profile: tuple[Mapping[str, object], ...]
    facts: tuple[tuple[str, str], ...]


def result_shown(result: OwnResult, seat: Seat) -> ShownResult:
    locale = current_locale()
    ended = _("You finished the test") if result.state == "submitted" else _("The time was over")
    return ShownResult(
        name=seat.name,
        points_words=points_of(result.points, result.max_points, locale),
        admitted=result.admitted,
        verdict=verdict_words(result),
        next_steps=_next_steps(result),
        profile=tuple(
            {"label": part.name(locale), "points": part.points, "maximum": part.max_points} for part in result.profile
        ),
        facts=(
            (_("Needed for the interview"), points_of(result.cut_score, result.max_points, locale)),
            (_("Position"), position_title(seat.position)),
            (_("Stage"), stage_name(result.stage)),
            (_("Language of the test"), language_name(result.language, locale)),
            (_("Started"), format_moment(result.started_at, locale)),
            (_("Finished"), format_moment(result.finished_at, locale)),
            (_("Time taken, minutes"), format_duration(result.duration)),
            (_("How it ended"), ended),
        ),
    )


def verdict_words(result: OwnResult) -> str:
    """Source: AR r.15; at the repeat stage the decision is the commission's, AR r.20."""
    if result.admitted:
        return _("Admitted to the interview")
    if result.outcome == "REPEAT":
        return _("Not admitted to the interview, subject to re-attestation")
    return _("Not admitted to the interview, the commission takes the decision")


def _next_steps(result: OwnResult) -> tuple[str, ...]:
    """Source: AR r.15, r.19, r.20."""
    if result.admitted:
        return (
            _("The next stage is the interview with the attestation commission."),
            _("The secretary of the commission will tell you the day and the place."),
        )
    if result.outcome == "REPEAT":
        edition = editions.require_usable(editions.edition(result.edition))
        day = terms.earliest_repeat(local_day(result.finished_at), edition).day
        return (
            _("First possible day of the repeat attestation: %(day)s", day=format_day(day, current_locale())),
            _("The secretary of the commission will tell you the day and the place."),
        )
    return (
        _("The commission will consider your result at its session and decide."),
        _("The secretary of the commission will tell you the decision."),
    )


def check_shown(result: OwnResult) -> tuple[tuple[str, str], ...]:
    """What a checked sheet must say: no name and no number of the person."""
    locale = current_locale()
    return (
        (_("Points"), points_of(result.points, result.max_points, locale)),
        (_("Decision"), verdict_words(result)),
        (_("Language of the test"), language_name(result.language, locale)),
        (_("Finished"), format_moment(result.finished_at, locale)),
        (_("Attempt"), result.attempt_id),
    )

"""Facts of a sitting and of a file, put in words and in the shapes that the pages' pieces take."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from babel.numbers import format_decimal
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from cbt.documents.wording import points_of, provision, window
from cbt.i18n import format_clock, format_day, format_duration, local_day
from cbt.results.queries_commission import GATES, STATES, CandidateRow, Figures, gate_word
from cbt.results.queries_file import CandidateFile, Deed, Minute
from cbt.web.commission import words
from cbt.web.commission.papers import edition_words, place_of
from cbt.web.pages import current_locale, position_title

Facts = list[tuple[str, object]]
# Wide enough for an hour of rows to stay one screen.
BAND = 5


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The line that is read from across the room; `ground` is the paragraph it rests on."""

    points: str
    gate: str
    sentence: str
    ground: str


@dataclass(frozen=True, kw_only=True)
class Band:
    """Five minutes of an attempt."""

    first: int
    last: int
    answers: int
    cleared: int
    flagged: int
    other_language: int


@dataclass(frozen=True, kw_only=True)
class Activity:
    minutes: Sequence[Minute]
    bands: Sequence[Band]
    allowed: int


@dataclass(frozen=True, kw_only=True)
class Record:
    """The deeds day by day, and how far the sealed chain vouches for them."""

    days: Sequence[tuple[str, Sequence[dict[str, str]]]]
    sentence: str
    holds: bool


def figures(counted: Figures) -> list[tuple[object, str]]:
    middle = "–" if counted.median is None else format_decimal(counted.median, locale=current_locale())
    rows: list[tuple[object, str]] = [
        (counted.registered, _("registered")),
        (counted.tested, _("tested")),
        (counted.admitted, _("admitted")),
        (counted.not_admitted, _("not admitted")),
        (counted.absent, _("did not come")),
        (middle, _("median of points")),
    ]
    return rows if not counted.running else [*rows[:1], (counted.running, _("being tested")), *rows[1:]]


def filters(rows: Sequence[CandidateRow], title_of: Callable[[str], str]) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers: only what the list holds."""
    every = [("", _("All"))]
    positions = sorted({row.position for row in rows}, key=title_of)
    return {
        "position": [*every, *((position, title_of(position)) for position in positions)],
        "gate": [*every, *((gate, str(words.GATES[gate])) for gate in GATES if any(row.gate == gate for row in rows))],
        "state": [
            *every,
            *((state, str(words.STATES[state])) for state in STATES if any(row.state == state for row in rows)),
        ],
        "language": [*every, *((code, str(word)) for code, word in words.LANGUAGES.items())],
        "incidents": [*every, ("with", _("With incidents")), ("without", _("Without incidents"))],
    }


def verdict(file: CandidateFile) -> Verdict | None:
    """Only of a closed attempt: there are no points before it is closed."""
    result = file.result
    if result is None:
        return None
    gate = gate_word(admitted=result.admitted, outcome=result.outcome)
    return Verdict(
        points=points_of(result.points, result.max_points, current_locale()),
        gate=gate,
        sentence=str(words.VERDICTS[gate]),
        ground=provision(result.source, current_locale()),
    )


def profile(file: CandidateFile) -> list[dict[str, object]]:
    locale = current_locale()
    areas = file.result.profile if file.result else ()
    return [{"label": area.name(locale), "points": area.points, "maximum": area.max_points} for area in areas]


def registration(file: CandidateFile) -> Facts:
    locale = current_locale()
    rows: Facts = [
        (_("Individual identification number"), file.iin),
        (_("Position"), position_title(file.position)),
        (_("Stage"), words.STAGES[file.stage]),
        (_("Place of work"), words.WORKPLACES[file.workplace]),
        (_("Territory"), file.territory.name(locale)),
        (_("Commission"), f"{file.commission.name(locale)} ({words.LEVELS[file.jurisdiction.commission]})"),
        (_("Ground of jurisdiction"), provision(file.jurisdiction.source, locale)),
        (_("Document after the decision"), words.OUTCOME_DOCUMENTS[file.jurisdiction.outcome_document]),
        (_("Sitting"), f"{place_of(file.sitting)}, {window(file.sitting.opens_at, file.sitting.closes_at, locale)}"),
        (_("Registered"), f"{_second(file.registered_at)}, {file.registered_by}"),
    ]
    if file.withdrawn_at:
        rows.append((_("Taken off the list"), _second(file.withdrawn_at)))
    return rows


def attempt(file: CandidateFile) -> Facts:
    facts = file.attempt
    if facts is None:
        return []
    locale = current_locale()
    rows: Facts = [
        (_("State of the attempt"), words.STATES[file.state]),
        (_("Language of the test"), words.LANGUAGES.get(facts.language or "")),
        (_("Started"), _second(facts.started_at)),
        (_("Finished"), _second(facts.finished_at)),
        (_("Duration"), facts.duration and format_duration(facts.duration)),
        (_("Time allowed"), ngettext("%(num)s minute", "%(num)s minutes", facts.minutes)),
        (_("Form of the test"), _("No. %(number)s", number=facts.form_number)),
        (_("Hash of the form"), _code(facts.form_hash)),
    ]
    if file.result:
        rows += [
            (_("Rules applied"), edition_words(file.result.edition)),
            (_("Ground of the verdict"), provision(file.result.source, locale)),
            (_("Announced"), _second(file.result.announced_at)),
        ]
    if facts.events_digest:
        rows += [
            (_("Digest of the answers"), _code(facts.events_digest)),
            (_("Check of the answers"), _held(facts.answers_hold)),
        ]
    return rows


def _held(holds: bool | None) -> str:
    if holds:
        return _("The answers in the database are those that were scored.")
    return _("The answers in the database are not those that were there at the closing. Call the administrator.")


def _code(text: str) -> Markup:
    return Markup('<code class="code">{}</code>').format(text)


def _second(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return f"{format_day(local_day(moment), current_locale())}, {format_clock(moment, current_locale())}"


def incidents(file: CandidateFile) -> list[dict[str, object]]:
    """When, what, and the note left by a person; numbers of questions stay out."""
    return [
        {
            "when": _second(row.at),
            "what": words.incident(row.kind),
            "note": json.loads(row.facts).get("note") or json.loads(row.facts).get("reason") or "",
        }
        for row in file.incidents
    ]


def activity(file: CandidateFile) -> Activity | None:
    if file.attempt is None or not file.activity:
        return None
    bands = []
    for start in range(0, len(file.activity), BAND):
        part = file.activity[start : start + BAND]
        bands.append(
            Band(
                first=start + 1,
                last=start + BAND,
                answers=sum(each.answers for each in part),
                cleared=sum(each.cleared for each in part),
                flagged=sum(each.flagged for each in part),
                other_language=sum(each.other_language for each in part),
            )
        )
    return Activity(minutes=file.activity, bands=bands, allowed=max(file.attempt.minutes, len(file.activity)))


def record(file: CandidateFile) -> Record:
    by_day = groupby(file.deeds, key=lambda deed: local_day(deed.at))
    days = [(format_day(day, current_locale()), [_line(deed) for deed in deeds]) for day, deeds in by_day]
    broken = sum(not deed.seal.holds for deed in file.deeds)
    waiting = sum(deed.times for deed in file.deeds if deed.seal.batch is None)
    if broken:
        sentence = ngettext(
            "%(num)s entry is not what was sealed. Call the administrator.",
            "%(num)s entries are not what was sealed. Call the administrator.",
            broken,
        )
    elif waiting:
        sentence = ngettext(
            "All sealed entries are as they were written; %(num)s entry is not sealed yet.",
            "All sealed entries are as they were written; %(num)s entries are not sealed yet.",
            waiting,
        )
    else:
        sentence = _("Every entry is sealed and is as it was written.")
    return Record(days=days, sentence=sentence, holds=not broken)


def _line(deed: Deed) -> dict[str, str]:
    clock = format_clock(deed.at, current_locale())
    if deed.times > 1 and deed.until != deed.at:
        clock = f"{clock}–{format_clock(deed.until, current_locale())}"
    return {
        "when": clock,
        "what": words.deed(deed),
        "who": f"{words.actor(deed)} · {words.seal(deed)}",
        "state": words.deed_shape(deed),
    }


def openings(file: CandidateFile) -> list[tuple[str, str]]:
    """Who has read this file before, latest first."""
    return [(_second(deed.at) or "", words.actor(deed)) for deed in reversed(file.openings)]

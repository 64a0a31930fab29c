"""What authors' and reviewers' pages of questions share: the words of states, both languages side by side, history."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher

from flask import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from cbt.accounts import queries as accounts
from cbt.bank import content as contents
from cbt.bank import markup, queries, queries_adoption
from cbt.bank.check import Problem, describe, problems_of
from cbt.bank.content import ItemContent, Text
from cbt.bank.formats.blueprint import standard_blueprint
from cbt.bank.models import Item, ItemVersion, Picture
from cbt.bank.queries import VersionHistory
from cbt.bank.queries_adoption import Origin
from cbt.i18n import format_day, format_moment
from cbt.web.pages import current_locale, position_title

STATES = {
    "draft": (_l("Draft"), "neutral"),
    "submitted": (_l("Waits for approval"), "active"),
    "returned": (_l("Returned"), "warning"),
    "approved": (_l("Approved"), "good"),
    "retired": (_l("Retired"), "neutral"),
}
KINDS = {"single": _l("One right answer"), "multiple": _l("Several right answers")}
LEVELS = {"knowledge": _l("Knowledge"), "application": _l("Application"), "judgement": _l("Judgement")}


@dataclass(frozen=True, kw_only=True)
class ShownOption:
    letter: str
    html: str
    correct: bool


@dataclass(frozen=True, kw_only=True)
class ShownPicture:
    sha256: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, kw_only=True)
class ShownSide:
    """A question in one language, as HTML that is safe whatever was typed."""

    language: str
    kind: str
    stem: str
    options: tuple[ShownOption, ...]
    rationale: str
    pictures: tuple[ShownPicture, ...]


@dataclass(frozen=True, kw_only=True)
class ShownProblem:
    """What is wrong, in which part, and the id of the field to correct."""

    text: str
    where: str
    field: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an area or a position is from what one form takes."""

    label: str
    filters: dict[str, str]
    approved: int
    needed: int
    waiting: int
    drafts: int

    @property
    def share(self) -> float:
        return min(100.0, 100 * self.approved / self.needed) if self.needed else 0.0


@dataclass(frozen=True, kw_only=True)
class Change:
    """One part of two versions in one language, with what was taken out and put in."""

    part: str
    language: str
    before: Markup
    after: Markup


@dataclass(frozen=True, kw_only=True)
class ShownOrigin:
    """The adoption that a text goes back to: in which version it came, and whether that text still stands."""

    edition: str
    adopted_at: datetime
    adopted_by: str
    number: int
    is_unchanged: bool


# Areas


def area_choices(position: str) -> list[tuple[str, str]]:
    planned = standard_blueprint().position(position)
    areas = planned.areas if planned else ()
    return [("", _("All areas")), *((area.code, f"{area.code}. {_name(area.name)}") for area in areas)]


def area_title(position: str, code: str) -> str:
    """The code and the name of an area in the language of the page."""
    planned = standard_blueprint().position(position)
    area = planned.area(code) if planned else None
    return f"{code}. {_name(area.name)}" if area else code


def _name(text: Text) -> str:
    return text.of(current_locale()) if current_locale() in contents.LANGUAGES else text.kk


# One question


def first_words(content: ItemContent, length: int = 160) -> str:
    """The stem in the language of the page, without markup and not longer than a row of a list bears."""
    language = "ru" if current_locale() == "ru" else "kk"
    words = markup.plain(content.stem.of(language) or content.stem.kk or content.stem.ru).replace("\n", " ")
    return words if len(words) <= length else words[: length - 1].rsplit(" ", 1)[0] + "…"


def text_of(version: ItemVersion) -> str:
    """The first words of a version, for a row of a list."""
    return first_words(queries.content_of(version))


def sides_of(session: Session, content: ItemContent, *, body_id: int) -> tuple[ShownSide, ShownSide]:
    """Kazakh and Russian."""
    sizes = queries.pictures_of(session, (picture.sha256 for picture in content.pictures), body_id=body_id)
    return sides_with(content, sizes)


def sides_with(content: ItemContent, sizes: Mapping[str, tuple[int, int]]) -> tuple[ShownSide, ShownSide]:
    """Kazakh and Russian; `sizes`: width and height of each picture by its hash."""
    return _side(content, sizes, "kk"), _side(content, sizes, "ru")


def _side(content: ItemContent, sizes: Mapping[str, tuple[int, int]], language: str) -> ShownSide:
    return ShownSide(
        language=language,
        kind=content.kind,
        stem=markup.to_html(content.stem.of(language)),
        options=tuple(
            ShownOption(
                letter=option.id.upper(), html=markup.to_inline_html(option.text.of(language)), correct=option.correct
            )
            for option in content.options
        ),
        rationale=markup.to_html(content.rationale.of(language)),
        pictures=tuple(
            ShownPicture(
                sha256=picture.sha256,
                width=sizes[picture.sha256][0],
                height=sizes[picture.sha256][1],
                alt=picture.alt.of(language),
            )
            for picture in content.pictures
        ),
    )


def facts_of(item: Item, content: ItemContent) -> list[tuple[str, str]]:
    """Rows of a summary: where the question belongs and what it rests on."""
    basis = content.basis
    as_of = format_day(basis.as_of, current_locale()) if basis.as_of else ""
    return [
        (_("Position"), position_title(item.position)),
        (_("Area"), area_title(item.position, item.area)),
        (_("Kind"), str(KINDS[content.kind])),
        (_("Level"), str(LEVELS[content.level])),
        (_("Share expected to answer right"), f"{percent(content.difficulty)} %"),
        (_("Act"), basis.act),
        (_("Provision"), basis.provision),
        (_("True as of"), as_of),
    ]


def percent(share: float) -> str:
    return f"{round(share * 100, 2):g}"


def problems_shown(content: ItemContent, severity: str) -> list[ShownProblem]:
    return [shown_problem(each) for each in problems_of(content) if each.severity == severity]


def shown_problem(problem: Problem) -> ShownProblem:
    return ShownProblem(text=problem_words(problem), where=part_name(problem.field), field=problem.field)


def problem_words(problem: Problem) -> str:
    """The sentence of a problem; pages call options by capital letters, files by small ones."""
    if problem.code == "options_repeated":
        letters = {name: str(letter).upper() for name, letter in problem.facts.items()}
        return describe(replace(problem, facts=letters), _)
    return describe(problem, _)


def part_name(path: str) -> str:
    """The words for a path such as `options.b.ru`."""
    name, _dot, rest = path.partition(".")
    detail, _dot, language = rest.rpartition(".") if rest.rpartition(".")[2] in contents.LANGUAGES else (rest, "", "")
    part = {
        "stem": _("Question text"),
        "options": _("Option %(letter)s", letter=detail.upper()) if detail else _("Options"),
        "rationale": _("Rationale"),
        "pictures": _("Picture %(number)s", number=detail),
        "kind": _("Kind"),
        "level": _("Level"),
        "difficulty": _("Difficulty"),
        "basis": {"act": _("Act"), "provision": _("Provision")}.get(detail, _("True as of")),
    }[name]
    if language == "kk":
        return _("%(part)s, in Kazakh", part=part)
    return _("%(part)s, in Russian", part=part) if language == "ru" else part


def picture_response(session: Session, sha256: str, *, body_id: int) -> Response:
    """A picture of the body's own bank; another body's is unknown."""
    picture: Picture = queries.picture_of(session, sha256, body_id=body_id)
    return Response(picture.png, content_type="image/png")


# Many questions


def progress(session: Session, *, body_id: int, position: str) -> list[Progress]:
    """By area of the position, or by position where none is chosen, what is approved of what a form takes."""
    planned = standard_blueprint().position(position)
    if planned is not None:
        by_area = queries.counts(session, body_id=body_id, position=position)
        return [
            _progress(
                f"{area.code}. {_name(area.name)}",
                {"position": position, "area": area.code},
                by_area.get(area.code, Counter()),
                area.items,
            )
            for area in planned.areas
        ]
    rows = []
    for each in standard_blueprint().positions:
        total: Counter[str] = sum(
            queries.counts(session, body_id=body_id, position=each.position).values(), start=Counter()
        )
        needed = sum(area.items for area in each.areas)
        rows.append(_progress(position_title(each.position), {"position": each.position}, total, needed))
    return rows


def _progress(label: str, filters: dict[str, str], states: Counter[str], needed: int) -> Progress:
    return Progress(
        label=label,
        filters=filters,
        approved=states["approved"],
        needed=needed,
        waiting=states["submitted"],
        drafts=states["draft"] + states["returned"],
    )


# History


def names_in(session: Session, history: Sequence[VersionHistory]) -> dict[int, str]:
    return accounts.names_of(session, set().union(*(row.people for row in history)))


def origins_in(session: Session, history: Sequence[VersionHistory]) -> dict[int, Origin]:
    """Where adopted versions of a question came from, by version."""
    return queries_adoption.origins_of(session, (row.version.id for row in history))


def origin_of(
    history: Sequence[VersionHistory], chosen: VersionHistory, origins: Mapping[int, Origin], names: Mapping[int, str]
) -> ShownOrigin | None:
    """The adoption of a version, or else that of the nearest one before it."""
    versions = [row.version for row in history if row.version.id in origins]
    earlier = [version for version in versions if version.number <= chosen.version.number]
    if not earlier:
        return None
    source, origin = earlier[-1], origins[earlier[-1].id]
    return ShownOrigin(
        edition=origin.adoption.edition,
        adopted_at=origin.adoption.adopted_at,
        adopted_by=names.get(origin.adoption.adopted_by, ""),
        number=source.number,
        is_unchanged=origin.is_unchanged and source.content_hash == chosen.version.content_hash,
    )


def timeline_of(
    history: Sequence[VersionHistory], names: Mapping[int, str], origins: Mapping[int, Origin]
) -> list[dict[str, str]]:
    """Who did what when and why, the latest first."""
    rows: list[tuple[datetime, str, int, str]] = []
    for row in history:
        rows += _events_of(row, origins.get(row.version.id))
    rows.sort(key=lambda event: event[0])
    return [
        {"when": format_moment(when, current_locale()), "what": what, "who": names.get(who, ""), "state": state}
        for when, what, who, state in reversed(rows)
    ]


def _events_of(row: VersionHistory, origin: Origin | None) -> list[tuple[datetime, str, int, str]]:
    version, number = row.version, row.version.number
    begun = _("Version %(number)s written", number=number)
    if origin:
        begun = _(
            "Version %(number)s adopted from the reference library, edition %(edition)s",
            number=number, edition=origin.adoption.edition,
        )  # fmt: skip
    events = [(version.created_at, begun, version.author_id, "neutral")]
    events += [
        (edit.at, _("Version %(number)s changed", number=number), edit.editor_id, "neutral") for edit in row.edits[1:]
    ]
    # An adopted version is handed in as it comes. Only the last time is kept here; the record of deeds knows them all.
    if version.submitted_at and not (origin and version.submitted_at == version.created_at):
        events.append((version.submitted_at, _("Version %(number)s handed in", number=number), 0, "neutral"))
    for review in row.reviews:
        words, state = {
            "return": (_("Version %(number)s returned: %(reason)s", number=number, reason=review.reason), "warning"),
            "approve": (_("Version %(number)s approved", number=number), "good"),
            "retire": (_("Version %(number)s retired: %(reason)s", number=number, reason=review.reason), "bad"),
        }[review.deed]
        events.append((review.at, words, review.reviewer_id, state))
    if version.retired_at and not any(review.deed == "retire" for review in row.reviews):
        words = _("Version %(number)s replaced by the next one", number=number)
        events.append((version.retired_at, words, 0, "neutral"))
    return events


def last_reason(row: VersionHistory) -> str:
    """Why a returned version came back."""
    reasons = [review.reason for review in row.reviews if review.deed == "return"]
    return reasons[-1] if row.version.state == "returned" and reasons else ""


def changes(before: ItemContent, after: ItemContent) -> list[Change]:
    """Every part that differs between two versions, word by word, in the order of the question."""
    old, new = _parts_of(before), _parts_of(after)
    rows = []
    for path in dict.fromkeys([*old, *new]):
        was, is_now = old.get(path, ""), new.get(path, "")
        if was != is_now:
            language = path.rpartition(".")[2]
            removed, added = word_changes(was, is_now)
            rows.append(
                Change(
                    part=part_name(path.removesuffix(".key")) if not path.endswith(".key") else _key_name(path),
                    language=language if language in contents.LANGUAGES else "",
                    before=removed,
                    after=added,
                )
            )
    return rows


def _key_name(path: str) -> str:
    return _("Option %(letter)s, right or wrong", letter=path.split(".")[1].upper())


def _parts_of(content: ItemContent) -> dict[str, str]:
    parts = {
        "kind": str(KINDS[content.kind]),
        "level": str(LEVELS[content.level]),
        "difficulty": f"{percent(content.difficulty)} %",
        "basis.as_of": content.basis.as_of.isoformat() if content.basis.as_of else "",
    }
    parts |= dict(contents.strings_of(content))
    parts |= {f"options.{o.id}.key": _("Right") if o.correct else _("Wrong") for o in content.options}
    parts |= {f"pictures.{place}": p.sha256[:12] for place, p in enumerate(content.pictures, start=1)}
    return parts


def word_changes(before: str, after: str) -> tuple[Markup, Markup]:
    """The old text with what was taken out marked, the new one with what was put in."""
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    removed, added = Markup(), Markup()
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, is_now = escape("".join(old[a:b])), escape("".join(new[c:d]))
        if what == "equal":
            removed, added = removed + was, added + is_now
            continue
        removed += Markup("<del>%s</del>") % was if was else Markup()
        added += Markup("<ins>%s</ins>") % is_now if is_now else Markup()
    return removed, added


def state_of(version: ItemVersion) -> tuple[str, str]:
    """The words of a version's state and the look of its tag."""
    words, look = STATES[version.state]
    return str(words), look

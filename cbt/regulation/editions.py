"""Editions of the regulation as data: numbers, stages, wordings, terms and jurisdiction, one file per edition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TypeVar

from cbt.errors import Refusal

DEFAULT_EDITION = "kz-mlsp-2009-25o"

Part = TypeVar("Part")


@dataclass(frozen=True)
class Wording:
    """A code and its exact words, printed unchanged in both languages."""

    code: str
    kk: str
    ru: str


@dataclass(frozen=True)
class Act:
    number: str
    day: date


@dataclass(frozen=True)
class Position:
    """An attested position; the act itself names some of them in more than one way."""

    id: str
    kk: str
    ru: str
    en: str
    also_called_kk: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A paper of the closed list a candidate files; `certified_by` is "notary", "hr" or None."""

    code: str
    kk: str
    ru: str
    certified_by: str | None


@dataclass(frozen=True)
class CycleRules:
    years: int
    min_months_in_post: int | None
    months_after_childcare: int
    source: str


@dataclass(frozen=True)
class Outcome:
    """What follows from too few points, and the paragraph that says so."""

    outcome: str
    source: str


@dataclass(frozen=True)
class TestRules:
    __test__ = False  # the name begins with Test, and it is no test case

    items: int
    max_minutes: int
    points_per_item: int
    admit_min_points: int
    languages: tuple[str, ...]
    bank_owner: str
    announce: str
    source: str
    scoring_source: str
    admission_source: str
    below_at_initial: Outcome
    below_at_repeat: Outcome

    @property
    def max_points(self) -> int:
        return self.items * self.points_per_item


@dataclass(frozen=True)
class CommissionRules:
    min_members: int
    chair_counts: bool
    secretary_counts: bool
    secretary_votes: bool
    quorum_numerator: int
    quorum_denominator: int
    vote: str
    majority_of: str
    tie: str
    abstention: bool
    source: str


@dataclass(frozen=True)
class AbsenceRules:
    valid_reasons: tuple[Wording, ...]
    min_postpone_months: int
    invalid_result: str
    source: str


@dataclass(frozen=True)
class RepeatRules:
    """`first_day` is "day_after" or "same_day": whether the day that completes the term is already allowed."""

    min_months: int
    first_day: str
    max_rounds: int
    source: str


@dataclass(frozen=True)
class DecisionRules:
    initial: tuple[str, ...]
    repeat: tuple[str, ...]
    wordings: tuple[Wording, ...]
    source: str

    def wording(self, code: str) -> Wording:
        return next(wording for wording in self.wordings if wording.code == code)


@dataclass(frozen=True)
class CertificateRules:
    positions: tuple[str, ...]
    max_years: int
    journal: bool
    source: str
    validity_source: str


@dataclass(frozen=True)
class JurisdictionRow:
    """One line of the table of competence; `workplace` None stands for any."""

    position: str
    workplace: str | None
    documents_to: str
    commission: str
    test_by: str
    outcome_document: str
    issued_by: str
    source: str


@dataclass(frozen=True)
class Edition:
    """One edition of the rules. A part that is None was not verified against the official text, or does not exist in it;
    `unverified` names the former."""

    id: str
    issuer: str
    title: Wording | None
    act: str
    adopted: date
    registered: Act | None
    amended_by: tuple[Act, ...]
    repealed_by: Act | None
    effective_from: date | None
    effective_to: date | None
    unverified: tuple[str, ...]
    confers: str
    category_years: int | None
    appeal: str | None
    cycle: CycleRules
    stages: tuple[str, ...]
    positions: tuple[Position, ...] | None
    documents: tuple[Document, ...] | None
    test: TestRules | None
    commission: CommissionRules | None
    absence: AbsenceRules | None
    repeat: RepeatRules | None
    decisions: DecisionRules | None
    certificate: CertificateRules | None
    jurisdiction: tuple[JurisdictionRow, ...] | None


@dataclass(frozen=True)
class UsableEdition(Edition):
    """An edition with every part verified: the only kind a case, a test or a verdict may stand on."""

    title: Wording
    positions: tuple[Position, ...]
    documents: tuple[Document, ...]
    test: TestRules
    commission: CommissionRules
    absence: AbsenceRules
    repeat: RepeatRules
    decisions: DecisionRules
    certificate: CertificateRules
    jurisdiction: tuple[JurisdictionRow, ...]

    def position(self, position_id: str) -> Position:
        """Refuses `position_not_attested`: the list of positions is closed. Source: QR r.1."""
        for position in self.positions:
            if position.id == position_id:
                return position
        raise Refusal("position_not_attested", position=position_id)


def edition(edition_id: str) -> Edition:
    """The edition of that id, usable or not. Refuses `edition_unknown`."""
    for known in all_editions():
        if known.id == edition_id:
            return known
    raise Refusal("edition_unknown", edition=edition_id)


@cache
def all_editions() -> tuple[Edition, ...]:
    """Every edition on file, oldest first."""
    return tuple(sorted(map(_edition_from, _files()), key=lambda known: known.adopted))


def require_usable(edition: Edition) -> UsableEdition:
    """The edition, known to be complete; refuses `edition_unverified` with the parts nobody has verified.

    This is about content, not dates. The dates of effect of the 2009 edition are left null on purpose
    (it entered into force ten days after a publication that is not on file), and a body may run a test under it
    as its rule set; whether it is in force on a day is another question, for `in_force`.
    """
    if isinstance(edition, UsableEdition):
        return edition
    raise Refusal("edition_unverified", edition=edition.id, missing=list(edition.unverified))


def in_force(edition: Edition, day: date) -> bool | None:
    """Whether the edition applied on that day; None where the dates on file do not say.

    A null `effective_from` says nothing about days after adoption. A null `effective_to` means "still in force"
    only while no repealing act is known. Both dates belong to the term. Source: ORD p.4.
    """
    if day < (edition.effective_from or edition.adopted):
        return False
    if edition.effective_to is not None and day > edition.effective_to:
        return False
    end_unknown = edition.effective_to is None and edition.repealed_by is not None
    if edition.effective_from is None or end_unknown:
        return None
    return True


def _files() -> Iterator[dict]:
    for file in resources.files("cbt.regulation").joinpath("data").iterdir():
        if file.name.endswith(".json"):
            yield json.loads(file.read_text(encoding="utf-8"))


def _edition_from(raw: dict) -> Edition:
    """Keys of the file are the fields, one to one: a slip in the data fails at start. A null part is never usable."""
    parts = {
        **raw,
        "title": _one(Wording, raw["title"]),
        "adopted": date.fromisoformat(raw["adopted"]),
        "registered": _act(raw["registered"]),
        "amended_by": tuple(_act(act) for act in raw["amended_by"]),
        "repealed_by": _act(raw["repealed_by"]),
        "effective_from": _day(raw["effective_from"]),
        "effective_to": _day(raw["effective_to"]),
        "cycle": _one(CycleRules, raw["cycle"]),
        "positions": _many(Position, raw["positions"]),
        "documents": _many(Document, raw["documents"]),
        "test": _test(raw["test"]),
        "commission": _one(CommissionRules, raw["commission"]),
        "absence": _absence(raw["absence"]),
        "repeat": _one(RepeatRules, raw["repeat"]),
        "decisions": _decisions(raw["decisions"]),
        "certificate": _one(CertificateRules, raw["certificate"]),
        "jurisdiction": _many(JurisdictionRow, raw["jurisdiction"]),
    }
    absent = [part for part in UsableEdition.__annotations__ if parts[part] is None]
    parts["unverified"] = tuple(dict.fromkeys([*raw["unverified"], *absent]))
    return _build(Edition if parts["unverified"] else UsableEdition, parts)


def _test(raw: dict | None) -> TestRules | None:
    if raw is None:
        return None
    below = {name: _build(Outcome, raw[name]) for name in ("below_at_initial", "below_at_repeat")}
    return _build(TestRules, {**raw, **below})


def _absence(raw: dict | None) -> AbsenceRules | None:
    return _one(AbsenceRules, raw and {**raw, "valid_reasons": _many(Wording, raw["valid_reasons"])})


def _decisions(raw: dict | None) -> DecisionRules | None:
    return _one(DecisionRules, raw and {**raw, "wordings": _many(Wording, raw["wordings"])})


def _act(raw: dict | None) -> Act | None:
    return None if raw is None else Act(number=raw["number"], day=date.fromisoformat(raw["day"]))


def _day(raw: str | None) -> date | None:
    return None if raw is None else date.fromisoformat(raw)


def _many(kind: type[Part], raw: list[dict] | None) -> tuple[Part, ...] | None:
    return None if raw is None else tuple(_build(kind, one) for one in raw)


def _one(kind: type[Part], raw: dict | None) -> Part | None:
    return None if raw is None else _build(kind, raw)


def _build(kind: type[Part], raw: dict) -> Part:
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()})

"""Which body takes the papers, tests, decides and issues: computed from the post, never chosen. Source: AR r.6, 7, 12-1, 13, 22-25."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from cbt.errors import Refusal
from cbt.regulation.editions import Edition, require_usable

OBLAST = "oblast"
RAYON = "rayon"
WORKPLACES = ("medico_social", "other")

Body = TypeVar("Body")


@dataclass(frozen=True)
class Jurisdiction:
    """Levels are "oblast" or "rayon"; the outcome document is "certificate" or "protocol_copy"."""

    documents_to: str
    commission: str
    test_by: str
    outcome_document: str
    issued_by: str
    source: str


def jurisdiction(*, position: str, workplace: str, edition: Edition) -> Jurisdiction:
    """Who is competent for a post at a workplace, "medico_social" or "other".

    Refuses `position_not_attested`, `workplace_unknown`.
    """
    rules = require_usable(edition)
    rules.position(position)
    if workplace not in WORKPLACES:
        raise Refusal("workplace_unknown", workplace=workplace)
    row = next(row for row in rules.jurisdiction if row.position == position and row.workplace in (None, workplace))
    return Jurisdiction(
        documents_to=row.documents_to,
        commission=row.commission,
        test_by=row.test_by,
        outcome_document=row.outcome_document,
        issued_by=row.issued_by,
        source=row.source,
    )


def commission_body(level: str, *, oblast: Body, rayon: Body | None) -> Body:
    """The body of that level; where a city has no rayon body, its one body holds both commissions. Source: AR r.6-7."""
    if level not in (OBLAST, RAYON):
        raise ValueError(f"no such level: {level!r}")
    return oblast if level == OBLAST or rayon is None else rayon

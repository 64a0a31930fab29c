"""What a list of questions is narrowed to: the choices of each filter, and the filters in an address."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from cbt.accounts import queries as accounts
from cbt.accounts.actor import Actor
from cbt.bank import queries
from cbt.bank.formats.blueprint import standard_blueprint
from cbt.bank.queries import FROM_LIBRARY, OWN, Filters
from cbt.i18n import collation_key
from cbt.regulation.lifecycle import ITEM_VERSION
from cbt.web.bank_pages import LEVELS, STATES, area_choices
from cbt.web.pages import position_title

_LONGEST_SEARCH = 200


def state_choices() -> list[tuple[str, str]]:
    return [("", _("All states")), *((state, str(STATES[state][0])) for state in ITEM_VERSION.states)]


def level_choices() -> list[tuple[str, str]]:
    return [("", _("All levels")), *((level, str(words)) for level, words in LEVELS.items())]


def position_choices() -> list[tuple[str, str]]:
    positions = standard_blueprint().positions
    return [("", _("All positions")), *((each.position, position_title(each.position)) for each in positions)]


def origin_choices() -> list[tuple[str, str]]:
    return [("", _("All origins")), (FROM_LIBRARY, _("From the reference library")), (OWN, _("Written here"))]


def author_choices(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Everybody who wrote a question here, oneself first."""
    names = accounts.names_of(session, queries.authors_of(session, body_id=actor.body_id) - {actor.account_id})
    others = sorted(names.items(), key=lambda row: collation_key(row[1]))
    return [("", _("All authors")), (str(actor.account_id), _("My own")), *((str(id_), name) for id_, name in others)]


def filters_asked() -> Filters:
    """The filters in the address; what does not fit is left out."""
    position = _known("position", position_choices())
    author = request.args.get("author", "")
    return Filters(
        position=position,
        area=_known("area", area_choices(position)),
        state=_known("state", state_choices()),
        level=_known("level", level_choices()),
        origin=_known("origin", origin_choices()),
        text=request.args.get("q", "").strip()[:_LONGEST_SEARCH],
        author_id=int(author) if author.isascii() and author.isdecimal() and len(author) < 10 else None,
    )


def in_address(filters: Filters) -> dict[str, Any]:
    """The filters as they stand in an address, so that a link keeps them."""
    named = {
        "position": filters.position,
        "area": filters.area,
        "state": filters.state,
        "level": filters.level,
        "origin": filters.origin,
        "q": filters.text,
        "author": str(filters.author_id or ""),
    }
    return {name: value for name, value in named.items() if value}


def _known(name: str, choices: list[tuple[str, str]]) -> str:
    asked = request.args.get(name, "")
    return asked if asked in dict(choices) else ""

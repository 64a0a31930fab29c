"""The record of deeds as people read it: filters, names instead of numbers, and the head of the chain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import request
from flask_babel import gettext as _

from cbt.accounts import queries as accounts
from cbt.accounts.actor import account_label
from cbt.audit import queries
from cbt.audit.models import AuditEntry
from cbt.audit.queries import Reach, Sought
from cbt.audit.tags import TAGS
from cbt.i18n import COUNTRY_ZONE, collation_key, format_moment
from cbt.regulation import editions
from cbt.web.admin.words import CODE_WORDS, FACT_WORDS, SUBJECT_WORDS, TAG_WORDS
from cbt.web.context import database
from cbt.web.guard import actor
from cbt.web.navigation import role_name
from cbt.web.pages import Page, current_locale, page, paged, position_title
from cbt.web.words import WORDS

_LONGEST_LABEL = 64
_HASH_SHOWN = 12
_NOBODY = frozenset({"account:unknown", "candidate"})
_MOMENTS = {"opens_at", "closes_at", "deadline", "finished_at", "received_at"}


@dataclass(frozen=True, kw_only=True)
class ShownEntry:
    """An entry in words. `facts`: (what it is called, value, whether it is a hash cut short)."""

    at: datetime
    what: str
    tag: str
    who: str
    actor: str
    about: str
    subject: str
    facts: tuple[tuple[str, str, bool], ...]
    batch: int | None


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the address of the page asks for, as it stands in the fields."""

    tag: str
    actor: str
    subject: str
    since: str
    until: str

    @property
    def is_empty(self) -> bool:
        return not (self.tag or self.actor or self.subject or self.since or self.until)


def audit_page() -> str:
    filters = _filters()
    here = actor()
    with database().reading() as db:
        people = accounts.accounts_of(db, here.body_id)
        names = {account_label(account.id): account.name for account in people}
        # Tries at accounts that do not exist belong to no body: the ministry sees them.
        unknown = _NOBODY if here.body_kind == "ministry" else frozenset()
        reach = Reach(body_id=here.body_id, labels=names.keys() | unknown)
        sought = _sought(filters)
        rows: Page[AuditEntry] = paged(
            queries.count_entries(db, reach, sought),
            lambda limit, offset: queries.list_entries(db, reach, sought, limit=limit, offset=offset),
        )
        strangers = {
            int(label.partition(":")[2])
            for row in rows.items
            for label in (row.actor, row.subject)
            if label.startswith("account:") and label not in names and label != "account:unknown"
        }
        names |= {account_label(number): name for number, name in accounts.names_of(db, strangers).items()}
        state = queries.state(db)
    return page(
        "admin/audit.html",
        entries=Page(
            items=[_shown(row, names) for row in rows.items], number=rows.number, pages=rows.pages, total=rows.total
        ),
        filters=filters,
        about=_label_words(filters.subject, names) if filters.subject else "",
        tags=[("", _("All")), *_tags_by_words()],
        people=[
            ("", _("All")),
            ("system", _("The system")),
            *((account_label(account.id), account.name) for account in people),
        ],
        state=state,
        head=[state.head[at : at + 8] for at in range(0, 64, 8)],
    )


def _tags_by_words() -> list[tuple[str, str]]:
    return sorted(((tag, str(TAG_WORDS[tag])) for tag in TAGS), key=lambda row: collation_key(row[1]))


def _filters() -> Filters:
    asked = {name: request.args.get(name, "") for name in ("tag", "actor", "subject", "since", "until")}
    return Filters(
        tag=asked["tag"] if asked["tag"] in TAGS else "",
        actor=_label(asked["actor"]),
        subject=_label(asked["subject"]),
        since=asked["since"] if _day(asked["since"]) else "",
        until=asked["until"] if _day(asked["until"]) else "",
    )


def _label(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL and text.isascii() and text.isprintable() else ""


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def _sought(filters: Filters) -> Sought:
    """Days are days of the country; the last one is included."""
    since, until = _day(filters.since), _day(filters.until)
    return Sought(
        tag=filters.tag or None,
        actor=filters.actor or None,
        subject=filters.subject or None,
        since=datetime.combine(since, time(), COUNTRY_ZONE) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), COUNTRY_ZONE) if until else None,
    )


def _shown(row: AuditEntry, names: dict[str, str]) -> ShownEntry:
    facts = json.loads(row.facts)
    return ShownEntry(
        at=row.at,
        what=str(TAG_WORDS[row.tag]) if row.tag in TAG_WORDS else row.tag,
        tag=row.tag,
        who=_label_words(row.actor, names),
        actor=row.actor,
        about=_label_words(row.subject, names),
        subject=row.subject,
        facts=tuple(
            _fact(name, value)
            for name, value in sorted(facts.items())
            if value is not None and not (name == "body" and value == row.body_id)
        ),
        batch=row.batch,
    )


def _label_words(label: str, names: dict[str, str]) -> str:
    """Somebody or something of the record, by name where it has one."""
    if label in names:
        return names[label]
    if label == "system":
        return _("The system")
    if label in _NOBODY:
        return _("Nobody known")
    thing, _colon, number = label.partition(":")
    words = SUBJECT_WORDS.get(thing)
    return str(words) % {"number": number} if words else label


def _fact(name: str, value: object) -> tuple[str, str, bool]:
    called = str(FACT_WORDS.get(name, name))
    if isinstance(value, bool):
        return called, _("yes") if value else _("no"), False
    if isinstance(value, list):
        return called, ", ".join(str(one) for one in value), False
    if isinstance(value, dict):
        return called, ", ".join(f"{part}: {one}" for part, one in value.items()), False
    text = str(value)
    if name == "role":
        text = role_name(text)
    elif name == "position":
        text = position_title(text)
    elif name == "code" and text in WORDS and "%(" not in str(WORDS[text]):
        text = str(WORDS[text])
    elif name == "edition":
        text = next((known.act for known in editions.all_editions() if known.id == text), text)
    elif name in CODE_WORDS:
        text = str(CODE_WORDS[name].get(text, text))
    elif name in _MOMENTS:
        text = format_moment(datetime.fromisoformat(text), current_locale())
    elif "hash" in name or name in {"sha256", "events_digest"}:
        return called, text[:_HASH_SHOWN], len(text) > _HASH_SHOWN
    return called, text, False

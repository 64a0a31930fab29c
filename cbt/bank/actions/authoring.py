"""What an author does: write, change, submit and renew questions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.bank import content as contents
from cbt.bank import queries
from cbt.bank.actions import rows
from cbt.bank.check import CODE, problems_of
from cbt.bank.content import ItemContent
from cbt.bank.formats.blueprint import standard_blueprint
from cbt.bank.models import Item, ItemVersion
from cbt.errors import Refusal
from cbt.regulation.lifecycle import ITEM_VERSION, next_state

# Questions written here count from 1001, so that they never take the code of one from a file.
_FIRST_OWN_NUMBER = 1001
_PREFIXES = {"att-needs-assessment": "NA", "att-specialist": "SP", "att-consultant": "CO", "att-care": "CA"}


def create_item(
    session: Session,
    *,
    position: str,
    area: str,
    content: ItemContent,
    client_key: str | None = None,
    actor: Actor,
    now: datetime,
) -> ItemVersion:
    """A new question as a draft; the same `client_key` again is the same question.

    Refusals: position_unknown, area_unknown, question_wrong, picture_unknown.
    """
    rows.lock_bank(session, actor)
    if client_key and (made := queries.item_by_client_key(session, client_key, body_id=actor.body_id)):
        return queries.versions_of(session, made.id)[-1]
    require_place(position, area)
    code = _next_code(session, body_id=actor.body_id, position=position, area=area)
    item = Item(
        body_id=actor.body_id, position=position, area=area, code=code, practice=False, client_key=client_key,
        created_at=now,
    )  # fmt: skip
    return rows.add_item(session, item, content, actor=actor, now=now)


def edit_draft(
    session: Session,
    *,
    version_id: int,
    seen_hash: str,
    content: ItemContent,
    area: str | None = None,
    actor: Actor,
    now: datetime,
) -> ItemVersion:
    """Change a draft or a returned version that is still what its author saw; the same content again changes nothing.

    Refusals: unknown, content_changed, move_not_allowed, area_unknown, area_fixed, question_wrong, picture_unknown.
    """
    item, version = rows.lock_version(session, version_id, actor)
    rows.require_unchanged(version, seen_hash)
    state = next_state(ITEM_VERSION, version.state, "edit")
    if area is not None and area != item.area:
        _move_to_area(session, item, area)
    elif contents.content_hash(rows.kept(content)) == version.content_hash:
        return version
    rows.put_content(session, version, content, actor=actor, now=now)
    version.state = state
    session.flush()
    rows.record_deed(
        session, "item.edited", item, actor=actor, now=now,
        version=version.number, hash=version.content_hash,
    )  # fmt: skip
    return version


def submit(session: Session, *, version_id: int, actor: Actor, now: datetime) -> ItemVersion:
    """Hand a version in for approval. Refusals: unknown, move_not_allowed, question_wrong."""
    item, version = rows.lock_version(session, version_id, actor)
    state = next_state(ITEM_VERSION, version.state, "submit")
    rows.require_no_problem([p for p in problems_of(contents.parse(version.content)) if p.severity == "error"])
    version.state, version.submitted_at = state, now
    session.flush()
    rows.record_deed(
        session, "item.submitted", item, actor=actor, now=now,
        version=version.number, hash=version.content_hash,
    )  # fmt: skip
    return version


def open_new_version(session: Session, *, item_id: int, actor: Actor, now: datetime) -> ItemVersion:
    """A draft with the text of the approved version; where one is open already, that one.

    The approved version stays in the pool until the new one is approved. Refusals: unknown, move_not_allowed.
    """
    item = rows.lock_item(session, item_id, actor)
    versions = queries.versions_of(session, item.id)
    if versions[-1].state in rows.OPEN_STATES:
        return versions[-1]
    if versions[-1].state != "approved":
        raise Refusal("move_not_allowed", thing="item_version", state=versions[-1].state, deed="renew")
    return rows.renew(session, item, versions[-1], contents.parse(versions[-1].content), actor=actor, now=now)


def require_place(position: str, area: str) -> None:
    planned = standard_blueprint().position(position)
    if planned is None:
        raise Refusal("position_unknown", field="position", value=position[:40])
    if planned.area(area) is None:
        raise Refusal("area_unknown", field="area", value=area[:40])


def _move_to_area(session: Session, item: Item, area: str) -> None:
    if queries.was_approved(session, item.id):
        raise Refusal("area_fixed", field="area")
    require_place(item.position, area)
    item.area = area


def _next_code(session: Session, *, body_id: int, position: str, area: str) -> str:
    prefix = f"{_PREFIXES[position]}-{area}-"
    number = max(queries.last_number(session, body_id=body_id, position=position, prefix=prefix) + 1, _FIRST_OWN_NUMBER)
    code = f"{prefix}{number}"
    if not CODE.fullmatch(code):
        raise Refusal("codes_used_up", area=area)
    return code

"""What happens to the bank after a draw."""

from __future__ import annotations

from sqlalchemy.orm import Session

from cbt.bank import queries
from cbt.bank.actions import authoring, reviewing
from cbt.bank.content import ItemContent
from cbt.bank.models import ItemVersion
from tests.assembly.people import People
from tests.factories import NOW, item_content


def approve_new_text(
    session: Session, people: People, *, item_id: int, content: ItemContent | None = None
) -> ItemVersion:
    """Another text of a question, approved in place of the one before."""
    draft = authoring.open_new_version(session, item_id=item_id, actor=people.author, now=NOW)
    draft = authoring.edit_draft(
        session,
        version_id=draft.id,
        seen_hash=draft.content_hash,
        content=content or item_content(),
        actor=people.author,
        now=NOW,
    )
    authoring.submit(session, version_id=draft.id, actor=people.author, now=NOW)
    area = queries.item_of(session, item_id, body_id=people.body.id).area
    return reviewing.approve(
        session, version_id=draft.id, content_hash=draft.content_hash, area=area, actor=people.reviewer, now=NOW
    )


def retire(session: Session, people: People, *, version_id: int) -> None:
    reviewing.retire(session, version_id=version_id, reason="заң өзгерді", actor=people.author, now=NOW)

"""Add a picture to a bank."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.bank import images
from cbt.bank.actions import rows
from cbt.bank.models import Picture


def add_picture(session: Session, *, data: bytes, actor: Actor, now: datetime) -> Picture:
    """A cleaned picture in the body's bank; the same picture twice is one.

    Refusals: picture_too_large, picture_not_readable.
    """
    return rows.keep_picture(session, images.clean_picture(data), actor=actor, now=now)

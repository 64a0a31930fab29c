"""Sittings, registrations and attempts as others need them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cbt.delivery.models import Registration


def is_registered(session: Session, registration_id: int) -> bool:
    """Whether a registration still stands."""
    return session.scalar(
        select(Registration.id).where(Registration.id == registration_id, Registration.withdrawn_at.is_(None))
    ) is not None

"""Bodies, staff accounts, the roles held in a body, and the sessions of browsers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from cbt.accounts.permissions import ROLES
from cbt.columns import At, Id, MaybeAt, one_of
from cbt.db import Base, Moment

BODY_KINDS = ("ministry", "oblast", "rayon")


class Body(Base):
    """A ministry, an oblast-level or a rayon-level authorised body. Source: AR r.6-7."""

    __tablename__ = "body"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    kato: Mapped[str] = mapped_column(String(9), unique=True)
    name_kk: Mapped[str] = mapped_column(String(200))
    name_ru: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        one_of("kind", BODY_KINDS),
        CheckConstraint("(kind = 'ministry') = (parent_id IS NULL)", name="parent_given"),
    )

    def name(self, locale: str) -> str:
        return self.name_ru if locale == "ru" else self.name_kk


class Account(Base):
    """A member of staff who signs in with login and password."""

    __tablename__ = "account"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[At]
    disabled_at: Mapped[MaybeAt]


class Membership(Base):
    """A role held within a body, from a day until it is ended."""

    __tablename__ = "membership"

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    role: Mapped[str] = mapped_column(String(32))
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    granted_at: Mapped[At]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[MaybeAt]

    __table_args__ = (
        one_of("role", ROLES),
        Index(
            "uq_membership_live",
            "account_id",
            "body_id",
            "role",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class WebSession(Base):
    """One signed-in browser: of an account, or of a registered candidate."""

    __tablename__ = "web_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), index=True)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    # The browser itself, so that one that crashed may go on where it was.
    device_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[At]
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ended_at: Mapped[MaybeAt]

    __table_args__ = (CheckConstraint("(account_id IS NULL) <> (registration_id IS NULL)", name="one_holder"),)


class SignInFailure(Base):
    """A wrong password or code, counted for the account it was tried on."""

    __tablename__ = "sign_in_failure"

    id: Mapped[Id]
    subject_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[At]

    __table_args__ = (Index("ix_sign_in_failure_subject_at", "subject_hash", "at"),)

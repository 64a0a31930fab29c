"""Who does a deed: a member of staff in one body, with what the roles held there allow."""

from __future__ import annotations

from dataclasses import dataclass

from cbt.accounts.permissions import permissions_of


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A signed-in person acting in a body."""

    account_id: int
    name: str
    body_id: int
    body_kind: str
    roles: frozenset[str]

    @property
    def permissions(self) -> frozenset[str]:
        return permissions_of(self.roles)

    @property
    def label(self) -> str:
        return account_label(self.account_id)


def account_label(account_id: int) -> str:
    """How the record names an account."""
    return f"account:{account_id}"


def candidate_label(registration_id: int) -> str:
    """How the record names a candidate: by registration, never by name or number."""
    return f"registration:{registration_id}"

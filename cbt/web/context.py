"""What a request has at hand: the database, the vault, the settings, and one reading of the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app, g

from cbt.accounts.vault import Vault
from cbt.db import Database
from cbt.settings import Settings


@dataclass(frozen=True)
class Services:
    """Kept in `app.extensions["cbt"]`."""

    settings: Settings
    database: Database
    vault: Vault


def services() -> Services:
    return current_app.extensions["cbt"]


def database() -> Database:
    return services().database


def vault() -> Vault:
    return services().vault


def now() -> datetime:
    """The moment this request is decided by: read once, the same for every rule it meets."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    return g.now

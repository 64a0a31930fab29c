"""What a command has at hand, opened only when it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property

from cbt.accounts.vault import Vault
from cbt.db import Database
from cbt.settings import Settings, from_environment


class Context:
    """Settings, database and vault of one run of a command."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings

    @cached_property
    def settings(self) -> Settings:
        return self._settings or from_environment()

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database_url, pool_size=self.settings.pool_size)

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.settings.require_sound().data_key)

    def now(self) -> datetime:
        return datetime.now(UTC)

"""Settings from the environment, read once; a dangerous one stops the start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cbt.errors import Refusal
from cbt.zone import COUNTRY_ZONE

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SHORTEST_KEY = 32
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_WORDS_OF_EXAMPLES = ("change", "example", "default", "password")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every field is the environment variable `CBT_<NAME>`."""

    database_url: str = "sqlite:///instance/cbt.db"
    secret_key: str = ""
    previous_secret_keys: tuple[str, ...] = ()
    data_key: str = ""
    public_url: str = "http://127.0.0.1:8000"
    proxy_hops: int = 0
    pool_size: int = 8
    max_upload_mb: int = 8
    library: str = ""
    dictionaries: str = ""
    log_level: str = "INFO"

    @property
    def is_https(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"

    @property
    def is_loopback(self) -> bool:
        return (urlsplit(self.public_url).hostname or "") in LOOPBACK

    def require_sound(self) -> Settings:
        """Refuse to start where answers, keys or personal numbers would not be safe."""
        for name in ("secret_key", "data_key"):
            value = getattr(self, name)
            if len(value) < SHORTEST_KEY or len(set(value)) < 10:
                raise Refusal(
                    "setting_unsafe", setting=_variable(name), reason=f"needs {SHORTEST_KEY} random characters"
                )
            if any(word in value.lower() for word in _WORDS_OF_EXAMPLES):
                raise Refusal("setting_unsafe", setting=_variable(name), reason="is an example, not a random key")
        if self.secret_key == self.data_key:
            raise Refusal("setting_unsafe", setting=_variable("data_key"), reason="must differ from the secret key")
        address = urlsplit(self.public_url)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise Refusal("setting_unsafe", setting=_variable("public_url"), reason="must be an http or https address")
        if not self.is_https and not self.is_loopback:
            raise Refusal("setting_unsafe", setting=_variable("public_url"), reason="needs https outside this machine")
        if os.environ.get("FLASK_DEBUG", "0") not in {"", "0", "false"}:
            raise Refusal("setting_unsafe", setting="FLASK_DEBUG", reason="must be off")
        if datetime(2026, 1, 1, tzinfo=UTC).astimezone(COUNTRY_ZONE).utcoffset() != timedelta(hours=5):
            raise Refusal("setting_unsafe", setting="tzdata", reason="Asia/Almaty must be UTC+5")
        if self.log_level not in LOG_LEVELS:
            raise Refusal(
                "setting_unsafe", setting=_variable("log_level"), reason=f"must be one of {', '.join(LOG_LEVELS)}"
            )
        for name in ("pool_size", "max_upload_mb"):
            if getattr(self, name) < 1:
                raise Refusal("setting_unsafe", setting=_variable(name), reason="must be at least 1")
        scheme = self.database_url.partition(":")[0]
        if scheme.partition("+")[0] not in {"sqlite", "postgresql"}:
            raise Refusal("setting_unsafe", setting=_variable("database_url"), reason="must be SQLite or PostgreSQL")
        return self


def _variable(name: str) -> str:
    return f"CBT_{name.upper()}"


def variables() -> tuple[str, ...]:
    return tuple(_variable(field.name) for field in fields(Settings))


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read `CBT_*`; a number that is not one is named."""
    values: dict[str, object] = {}
    for field in fields(Settings):
        raw = environment.get(_variable(field.name))
        if raw is None or raw == "":
            continue
        if field.type == "int":
            if not raw.isdecimal():
                raise Refusal("setting_unsafe", setting=_variable(field.name), reason="must be a whole number")
            values[field.name] = int(raw)
        elif field.type == "tuple[str, ...]":
            values[field.name] = tuple(part for part in raw.split() if part)
        else:
            values[field.name] = raw
    settings = Settings(**values)  # type: ignore[arg-type]
    if settings.database_url.startswith("sqlite:///") and not settings.database_url.endswith(":memory:"):
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    return settings

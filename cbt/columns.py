"""Column shorthands shared by all models."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, CheckConstraint, Integer
from sqlalchemy.orm import mapped_column

from cbt.db import Moment

# SQLite only counts up by itself in an INTEGER key.
BigKey = BigInteger().with_variant(Integer, "sqlite")

Id = Annotated[int, mapped_column(BigKey, primary_key=True, autoincrement=True)]
At = Annotated[datetime, mapped_column(Moment)]
MaybeAt = Annotated[datetime | None, mapped_column(Moment)]


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """The column holds one of these words."""
    listed = ", ".join(f"'{word}'" for word in sorted(words))
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")

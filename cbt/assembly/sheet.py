"""What a candidate may see of a form: an allow-listed shape with no place for a key, built once and compressed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, kw_only=True)
class SheetPicture:
    """A picture by the hash of its bytes, with its alternative text."""

    sha256: str
    width: int
    height: int
    alt: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class SheetItem:
    """One item: sanitised HTML by language, options by the identity they have in the bank (never sent out)."""

    kind: str
    stem: dict[str, str]
    options: dict[str, dict[str, str]]
    pictures: tuple[SheetPicture, ...] = ()


def pack(items: Sequence[SheetItem]) -> tuple[bytes, str]:
    """The items of a form in slot order as stored bytes, and the hash of what they hold."""
    rows = [
        {
            "kind": item.kind,
            "stem": item.stem,
            "options": item.options,
            "pictures": [
                {"sha256": each.sha256, "width": each.width, "height": each.height, "alt": each.alt}
                for each in item.pictures
            ],
        }
        for item in items
    ]
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
    return zlib.compress(text, 9), sha256(text).hexdigest()


def unpack(content: bytes) -> tuple[SheetItem, ...]:
    return tuple(
        SheetItem(
            kind=row["kind"],
            stem=row["stem"],
            options=row["options"],
            pictures=tuple(SheetPicture(**each) for each in row["pictures"]),
        )
        for row in json.loads(zlib.decompress(content))
    )

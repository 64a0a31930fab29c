"""The log as lines that nobody can forge: what comes from outside never begins a line of its own."""

from __future__ import annotations

import logging
import unicodedata

_GOES_ON = "\n    | "


class OneRecord(logging.Formatter):
    """A record's further lines, as of a traceback, are set in; control characters are shown and not obeyed."""

    def format(self, record: logging.LogRecord) -> str:
        lines = super().format(record).split("\n")
        return _GOES_ON.join("".join(map(_shown, line)) for line in lines)


def _shown(character: str) -> str:
    unseen = unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} and character != "\t"
    return f"\\u{ord(character):04x}" if unseen else character


def configure(level: str) -> None:
    """Write the log of this process to its standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneRecord("%(asctime)s.%(msecs)03d %(levelname)s %(name)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    logging.basicConfig(level=level, handlers=[handler])

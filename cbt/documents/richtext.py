"""The tiny tree in which formatted item text reaches the printed page.

A block is `("p", runs)` or `("ul", [runs, ...])`; a run is `(text, styles)` with styles out of `STYLES`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

STYLES = frozenset({"b", "i", "sub", "sup"})

Run = tuple[str, frozenset[str]]
Runs = Sequence[Run]
Block = tuple[Literal["p"], Runs] | tuple[Literal["ul"], Sequence[Runs]]
Blocks = Sequence[Block]


def plain(text: str) -> Blocks:
    """Text without any formatting, as one paragraph."""
    return (("p", ((text, frozenset()),)),)


def tree(blocks: Blocks) -> list[dict[str, Any]]:
    """The blocks as JSON values for a template. An unknown kind or style is a ValueError, never printed wrongly."""
    printed: list[dict[str, Any]] = []
    for kind, content in blocks:
        if kind == "p":
            printed.append({"kind": "p", "runs": _runs(content)})  # type: ignore[arg-type]
        elif kind == "ul":
            printed.append({"kind": "ul", "entries": [_runs(entry) for entry in content]})  # type: ignore[arg-type]
        else:
            raise ValueError(f"unknown block {kind!r}")
    return printed


def _runs(runs: Runs) -> list[dict[str, Any]]:
    printed = []
    for text, styles in runs:
        if unknown := set(styles) - STYLES:
            raise ValueError(f"unknown style {sorted(unknown)}")
        printed.append({"text": text, "styles": sorted(styles)})
    return printed

"""The tiny markup of question texts, turned into safe HTML, blocks for print and plain words.

`**bold**`, `*italic*`, `H~2~O` (sub), `м^2^` (sup); a blank line starts a paragraph, lines that begin with `- ` are
a list. Everything else is literal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Literal

import nh3

Run = tuple[str, frozenset[str]]
Runs = tuple[Run, ...]
Block = tuple[Literal["p"], Runs] | tuple[Literal["ul"], tuple[Runs, ...]]

_TAGS = {"p", "strong", "em", "sub", "sup", "ul", "li", "br"}
# Nothing we write has an attribute, so the last gate allows none.
_GATE = nh3.Cleaner(tags=_TAGS, attributes={}, generic_attribute_prefixes=set(), link_rel=None)

# Markers hug their words, so that "5 * 3 * 2" and "~5, ~7" stay literal; sub and sup also need something before them.
# Bounded, so that a text of nothing but openings costs no square of its length.
_MARKED = re.compile(
    r"\*\*(?=\S)(?P<b>.{1,2000}?)(?<=\S)\*\*(?!\*)"
    r"|(?<![\w*])\*(?=[^\s*])(?P<i>(?:[^*]|\*\*){1,2000}?)(?<=\S)\*(?![\w*])"
    r"|(?<=[^\s~])~(?P<sub>[^\s~]{1,20})~"
    r"|(?<=[^\s^])\^(?P<sup>[^\s^]{1,20})\^"
)
_ELEMENTS = (("b", "strong"), ("i", "em"), ("sub", "sub"), ("sup", "sup"))
_BULLET = "- "


def to_html(text: str) -> str:
    """Block HTML of an allow-list of eight elements and no attribute, whatever the text holds."""
    parts = []
    for block in to_blocks(text):
        if block[0] == "p":
            parts.append(f"<p>{_html_of(block[1])}</p>")
        else:
            parts.append("<ul>" + "".join(f"<li>{_html_of(runs)}</li>" for runs in block[1]) + "</ul>")
    return _GATE.clean("".join(parts))


def to_inline_html(text: str) -> str:
    """`to_html` for a text of one line: no paragraph, no list."""
    return _GATE.clean(_html_of(_runs_of(" ".join(text.split("\n")))))


def to_blocks(text: str) -> tuple[Block, ...]:
    """Paragraphs and lists as a tree for print; a line break inside a paragraph is a "\\n" in a run."""
    blocks: list[Block] = []
    for is_list, lines in _groups(text):
        if is_list:
            blocks.append(("ul", tuple(_runs_of(line.removeprefix(_BULLET)) for line in lines)))
        else:
            blocks.append(("p", _runs_of("\n".join(lines))))
    return tuple(blocks)


def plain(text: str) -> str:
    """The words alone, without markers; a list keeps one line an entry."""
    lines: list[str] = []
    for block in to_blocks(text):
        entries = (block[1],) if block[0] == "p" else block[1]
        lines.extend("".join(words for words, _ in runs) for runs in entries)
    return "\n".join(lines)


def _groups(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Neighbouring lines of one kind; a blank line ends a group."""
    group: list[str] = []
    in_list = False
    for line in [*text.split("\n"), ""]:
        is_list = line.startswith(_BULLET)
        if group and (not line.strip() or is_list != in_list):
            yield in_list, group
            group = []
        if line.strip():
            in_list = is_list
            group.append(line)


def _runs_of(text: str, marks: frozenset[str] = frozenset()) -> Runs:
    runs: list[Run] = []
    end = 0
    for match in _MARKED.finditer(text):
        mark = str(match.lastgroup)
        if mark in marks:  # bold inside bold says nothing, and nesting stays as shallow as there are marks
            continue
        if match.start() > end:
            runs.append((text[end : match.start()], marks))
        runs.extend(_runs_of(match[mark], marks | {mark}))
        end = match.end()
    if end < len(text):
        runs.append((text[end:], marks))
    return tuple(runs)


def _html_of(runs: Runs) -> str:
    return "".join(_html_of_run(words, marks) for words, marks in runs)


def _html_of_run(words: str, marks: frozenset[str]) -> str:
    html = escape(words).replace("\n", "<br>")
    for mark, element in reversed(_ELEMENTS):
        if mark in marks:
            html = f"<{element}>{html}</{element}>"
    return html

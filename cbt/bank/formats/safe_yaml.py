"""YAML from strangers: plain data only, bounded in size and depth, no aliases, no repeated fields, lines remembered."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

LARGEST_FILE = 5 * 1024 * 1024
DEEPEST = 12

# libyaml reads 5 MB in seconds where the pure parser takes a minute; not every platform's wheel has it.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Broken(Exception):
    """A file that cannot be read at all: a code, the line where known, and facts."""

    def __init__(self, code: str, *, line: int | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.facts = facts


class Fields(dict[str, object]):
    """A mapping that remembers the line of each field and of itself."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class _Loader(_Parser):  # type: ignore[misc]
    pass


def _construct_fields(loader: Any, node: yaml.MappingNode) -> Fields:
    if not isinstance(node, yaml.MappingNode):
        raise yaml.constructor.ConstructorError(None, None, "a mapping is expected", node.start_mark)
    fields = Fields(node.start_mark.line + 1)
    for name_node, value_node in node.value:
        # The name as written: `no` and `1` are names here, not a truth value and a number.
        name = name_node.value if isinstance(name_node, yaml.ScalarNode) else "?"
        line = name_node.start_mark.line + 1
        if name in fields:
            raise Broken("yaml_repeated_field", line=line, name=name[:40])
        fields.lines[name] = line
        fields[name] = loader.construct_object(value_node, deep=True)
    return fields


def _construct_date(loader: Any, node: yaml.ScalarNode) -> object:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:  # 2025-02-30: the shape of a date, but no date; the reader says so at the field
        return node.value


def _construct_number(loader: Any, node: yaml.ScalarNode) -> object:
    try:
        return loader.construct_yaml_int(node)
    except ValueError:  # more digits than Python reads
        return node.value


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_fields)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _construct_date)
_Loader.add_constructor("tag:yaml.org,2002:int", _construct_number)


def bytes_of(source: Path | bytes) -> bytes:
    """The bytes of a file or the bytes given; raises Broken for a missing or too large one."""
    if isinstance(source, bytes):
        data = source
    else:
        try:
            with source.open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
        except OSError as problem:
            raise Broken("path_missing") from problem
    if len(data) > LARGEST_FILE:
        raise Broken("file_too_large", megabytes=LARGEST_FILE // 1024 // 1024)
    return data


def load(data: bytes) -> object:
    """Plain data of one YAML document, mappings as `Fields`; raises Broken."""
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Broken("file_not_utf8", line=data.count(b"\n", 0, problem.start) + 1) from problem
    try:
        _look_before_building(text)
        loader = _Loader(text)
        try:
            value: object = loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise Broken(
            "yaml_broken",
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else 1,
            detail=problem.problem or problem.context or "",
        ) from problem
    except yaml.reader.ReaderError as problem:
        place = min(problem.position, len(text))
        start = text.rfind("\n", 0, place) + 1
        raise Broken(
            "yaml_broken", line=text.count("\n", 0, place) + 1, column=place - start + 1, detail=str(problem.reason)
        ) from problem
    except (ValueError, LookupError, AttributeError) as problem:  # a value that does not fit the tag it bears
        raise Broken("yaml_broken", column=1, detail=str(problem)[:80]) from problem
    if value is None:
        raise Broken("file_empty")
    return value


def _look_before_building(text: str) -> None:
    """Refuse by the stream of events what would be costly to build: aliases and deep nesting."""
    depth = 0
    for event in yaml.parse(text, Loader=_Parser):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Broken("yaml_alias", line=_line_of(event))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise Broken("yaml_too_deep", line=_line_of(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _line_of(event: yaml.Event) -> int | None:
    return event.start_mark.line + 1 if event.start_mark else None


def quoted(text: str) -> str:
    """A double-quoted YAML scalar on one line, with Kazakh and Russian letters as they are."""
    escapes: Mapping[str, str] = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(escapes.get(c) or (c if c.isprintable() else _escaped(c)) for c in text) + '"'


def _escaped(character: str) -> str:
    place = ord(character)
    return f"\\u{place:04x}" if place <= 0xFFFF else f"\\U{place:08x}"

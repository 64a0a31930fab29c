"""Taking plain data apart field by field, every wrong type, missing or mistyped field kept as a problem with its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from difflib import get_close_matches

from cbt.bank.check import Problem, error
from cbt.bank.content import Text
from cbt.bank.formats.safe_yaml import Fields

# Far above any number in a bank file, far below what a float cannot hold.
LARGEST_NUMBER = 1_000_000


def join(*parts: object) -> str:
    return ".".join(str(part) for part in parts if part != "")


class Reading:
    """One file on its way in; `item` is the code of the question at hand.

    Whatever is wrong is said once and reads as an empty value, so that the rest of the file is looked at too.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.item = ""
        self.problems: list[Problem] = []

    def say(self, problem: Problem, line: int | None = None) -> None:
        self.problems.append(replace(problem, file=self.file, item=self.item, line=line))

    def fields(
        self, value: object, path: str, needed: tuple[str, ...], known: tuple[str, ...] = (), line: int | None = None
    ) -> Fields:
        """The value as a mapping of known fields; unknown and missing ones are said."""
        if not isinstance(value, Fields):
            self.say(error("mapping_expected", path), line)
            return Fields(line or 1)
        names = (*needed, *known)
        for name in value:
            if name not in names:
                self.say(_unknown(name, names, path), value.lines[name])
        for name in needed:
            if value.get(name) is None:
                self.say(error("field_missing", join(path, name), name=name), value.line)
        return value

    def inner(self, fields: Fields, name: str, path: str = "", *, known: tuple[str, ...]) -> Fields:
        """The mapping in a field; an absent one is empty."""
        value = fields.get(name)
        line = fields.lines.get(name, fields.line)
        return Fields(line) if value is None else self.fields(value, join(path, name), (), known, line)

    def entries(self, fields: Fields, name: str, path: str = "") -> Iterator[tuple[int, object]]:
        """The entries of a list, counted from one."""
        value = fields.get(name)
        if isinstance(value, list):
            yield from enumerate(value, start=1)
        elif value is not None:
            self.say(error("list_expected", join(path, name)), fields.lines.get(name))

    def text(self, fields: Fields, name: str, path: str = "") -> str:
        value = fields.get(name)
        if not isinstance(value, str | None):
            self._say_wrong("text_expected", fields, name, path)
        return value if isinstance(value, str) else ""

    def both(self, fields: Fields, path: str = "") -> Text:
        return Text(kk=self.text(fields, "kk", path), ru=self.text(fields, "ru", path))

    def number(self, fields: Fields, name: str, path: str = "") -> float:
        value = fields.get(name, 0)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER:
            return float(value)
        self._say_wrong("number_expected", fields, name, path)
        return 0

    def whole_number(self, fields: Fields, name: str, path: str = "") -> int:
        value = fields.get(name, 1)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < LARGEST_NUMBER:
            return value
        self._say_wrong("whole_number_expected", fields, name, path)
        return 1

    def truth(self, fields: Fields, name: str, path: str = "") -> bool:
        value = fields.get(name, False)
        if not isinstance(value, bool):
            self._say_wrong("truth_expected", fields, name, path)
        return value is True

    def day(self, fields: Fields, name: str, path: str = "") -> date | None:
        value = fields.get(name)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self._say_wrong("date_expected", fields, name, path)
            return None

    def _say_wrong(self, code: str, fields: Fields, name: str, path: str) -> None:
        line = fields.lines.get(name, fields.line)
        self.say(error(code, join(path, name), value=str(fields.get(name))[:40]), line)


def _unknown(name: str, names: tuple[str, ...], path: str) -> Problem:
    like = get_close_matches(name, names, 1)
    if like:
        return error("field_unknown_like", path, name=name[:40], like=like[0])
    return error("field_unknown", path, name=name[:40])

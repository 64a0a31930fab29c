"""Bank files in YAML: one area of one position, read with every problem by item and field, written byte-stable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from cbt.bank import images
from cbt.bank.check import Problem, error, has_errors, problems_of, problems_of_code, warning
from cbt.bank.content import LANGUAGES, Basis, ItemContent, Option, Picture, Text, forbidden_character
from cbt.bank.formats import safe_yaml
from cbt.bank.formats.blueprint import Blueprint, standard_blueprint
from cbt.bank.formats.reading import Reading, join
from cbt.bank.formats.safe_yaml import Fields, quoted
from cbt.errors import Refusal

_PICTURE_NAME = re.compile(r"\w[\w.-]{0,99}\.(?:png|jpe?g|webp|gif)", re.IGNORECASE)

_NEEDED = ("code", "kind", "level", "difficulty", "basis", "stem", "options", "rationale")


@dataclass(frozen=True)
class FileItem:
    """One question of a file; a practice question is shown before the test and never drawn into a form."""

    code: str
    content: ItemContent
    practice: bool = False
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class BankFile:
    """What a file holds. With an error among the problems nothing of it may be taken."""

    name: str
    position: str
    area: str
    items: tuple[FileItem, ...]
    pictures: dict[str, images.CleanPicture] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def has_errors(self) -> bool:
        return has_errors(list(self.problems))


def read_file(
    source: Path | bytes, name: str = "", *, blueprint: Blueprint | None = None, folder: Path | None = None
) -> BankFile:
    """A bank file with all its problems; pictures are looked for in `folder`, by default the folder of the file."""
    if isinstance(source, Path):
        name, folder = name or str(source), folder or source.parent
    return _FileReading(name, blueprint or standard_blueprint(), folder).read(source)


def write_file(bank: BankFile) -> str:
    """The text of a file: the same questions always give the same bytes. Pictures lie beside it by `picture_name`."""
    lines = [f"position: {bank.position}", f"area: {bank.area}", "items:" if bank.items else "items: []"]
    for item in bank.items:
        lines.extend(_lines_of(item))
    return "\n".join(lines) + "\n"


def picture_name(sha256: str) -> str:
    return f"{sha256}.png"


class _FileReading(Reading):
    def __init__(self, name: str, blueprint: Blueprint, folder: Path | None) -> None:
        super().__init__(name)
        self.blueprint = blueprint
        self.folder = folder
        self.pictures: dict[str, images.CleanPicture] = {}

    def read(self, source: Path | bytes) -> BankFile:
        try:
            value = safe_yaml.load(safe_yaml.bytes_of(source))
        except safe_yaml.Broken as broken:
            self.say(error(broken.code, **broken.facts), broken.line)
            return BankFile(self.file, "", "", (), {}, tuple(self.problems))
        top = self.fields(value, "", ("position", "area", "items"))
        position, area = self.text(top, "position"), self.text(top, "area")
        self._check_place(top, position, area)
        items = tuple(item for place, entry in self.entries(top, "items") if (item := self._item(entry, place, area)))
        for item, first in _repeated(items):
            self.item = item.code
            self.say(error("code_repeated", "code", first=f"{self.file}:{first.line}"), item.line)
        return BankFile(self.file, position, area, items, self.pictures, tuple(self.problems))

    def _check_place(self, top: Fields, position: str, area: str) -> None:
        blueprint = self.blueprint.position(position)
        if position and blueprint is None:
            self.say(error("position_unknown", "position", value=position[:40]), top.lines["position"])
        if area and blueprint is not None and blueprint.area(area) is None:
            self.say(error("area_unknown", "area", value=area[:40]), top.lines["area"])

    def _item(self, entry: object, place: int, area: str) -> FileItem | None:
        """One question; None where its shape is wrong, so that no guess at its content is checked."""
        self.item = _code_of(entry) or f"#{place}"
        before = len(self.problems)
        fields = self.fields(entry, "", _NEEDED, ("practice", "pictures"))
        code, practice = self.text(fields, "code"), self.truth(fields, "practice")
        content = self._content(fields)
        if has_errors(self.problems[before:]):
            return None
        for problem in (*problems_of_code(code), *_problems_of_area(code, area), *problems_of(content)):
            self.say(problem, _line_of(fields, problem.field))
        return FileItem(code, content, practice, fields.line)

    def _content(self, fields: Fields) -> ItemContent:
        basis = self.inner(fields, "basis", known=("act", "provision", "as_of"))
        return ItemContent(
            kind=self.text(fields, "kind"),
            level=self.text(fields, "level"),
            difficulty=self.number(fields, "difficulty"),
            basis=Basis(
                act=self.text(basis, "act", "basis"),
                provision=self.text(basis, "provision", "basis"),
                as_of=self.day(basis, "as_of", "basis"),
            ),
            stem=self._text(fields, "stem"),
            options=tuple(self._option(entry, f"options.{place}") for place, entry in self.entries(fields, "options")),
            rationale=self._text(fields, "rationale"),
            pictures=tuple(
                self._picture(entry, f"pictures.{place}") for place, entry in self.entries(fields, "pictures")
            ),
        )

    def _text(self, fields: Fields, name: str, path: str = "") -> Text:
        return self.both(self.inner(fields, name, path, known=LANGUAGES), join(path, name))

    def _option(self, entry: object, path: str) -> Option:
        fields = self.fields(entry, path, ("id",), (*LANGUAGES, "correct"))
        return Option(
            id=self.text(fields, "id", path), text=self.both(fields, path), correct=self.truth(fields, "correct", path)
        )

    def _picture(self, entry: object, path: str) -> Picture:
        fields = self.fields(entry, path, ("file", "alt"))
        name, alt = self.text(fields, "file", path), self._text(fields, "alt", path)
        clean = self._clean_picture(name, path, fields.lines["file"]) if name else None
        if clean is None:
            return Picture("", alt)
        self.pictures[clean.sha256] = clean
        return Picture(clean.sha256, alt)

    def _clean_picture(self, name: str, path: str, line: int) -> images.CleanPicture | None:
        if not _PICTURE_NAME.fullmatch(name) or forbidden_character(name):
            self.say(error("picture_name", path, value=name[:40]), line)
            return None
        file = self.folder / name if self.folder else None
        # A link could lead out of the folder, so only what truly lies beside the file is read.
        if file is None or file.is_symlink() or not file.is_file():
            self.say(error("picture_missing", path, value=name[:40]), line)
            return None
        try:
            with file.open("rb") as opened:
                return images.clean_picture(opened.read(images.LARGEST_FILE + 1))
        except Refusal as refusal:
            self.say(error(refusal.code, path), line)
            return None


def _code_of(entry: object) -> str:
    code = entry.get("code") if isinstance(entry, Fields) else None
    return code[:40] if isinstance(code, str) else ""


def _line_of(fields: Fields, path: str) -> int:
    """The line of a path such as `options.b.kk`, or of the nearest thing around it."""
    line, here = fields.line, cast(object, fields)
    for part in path.split("."):
        if isinstance(here, list):
            counted = enumerate(entry for entry in here if isinstance(entry, Fields))
            here = next((entry for place, entry in counted if part in (entry.get("id"), str(place + 1))), None)
            line = here.line if here is not None else line
        elif isinstance(here, Fields) and part in here:
            line, here = here.lines[part], here[part]
    return line


def _problems_of_area(code: str, area: str) -> list[Problem]:
    return [] if f"-{area}-" in code else [warning("code_of_other_area", "code", area=area[:40])]


def _repeated(items: tuple[FileItem, ...]) -> Iterator[tuple[FileItem, FileItem]]:
    """Each question whose code came before, with the first that has it."""
    first: dict[str, FileItem] = {}
    for item in items:
        if first.setdefault(item.code, item) is not item:
            yield item, first[item.code]


def _lines_of(item: FileItem) -> list[str]:
    content, basis = item.content, item.content.basis
    as_of = f", as_of: {basis.as_of.isoformat()}" if basis.as_of else ""
    lines = [
        f"  - code: {item.code}",
        *(["    practice: true"] if item.practice else []),
        f"    kind: {content.kind}",
        f"    level: {content.level}",
        f"    difficulty: {content.difficulty!r}",
        f"    basis: {{act: {quoted(basis.act)}, provision: {quoted(basis.provision)}{as_of}}}",
        *_lines_of_text("stem", content.stem, "    "),
    ]
    if content.pictures:
        lines.append("    pictures:")
    for picture in content.pictures:
        lines.append(f"      - file: {quoted(picture_name(picture.sha256))}")
        lines.extend(_lines_of_text("alt", picture.alt, "        "))
    lines.append("    options:")
    for option in content.options:
        correct = ", correct: true" if option.correct else ""
        lines.append(
            f"      - {{id: {option.id}, kk: {quoted(option.text.kk)}, ru: {quoted(option.text.ru)}{correct}}}"
        )
    return [*lines, *_lines_of_text("rationale", content.rationale, "    ")]


def _lines_of_text(name: str, text: Text, indent: str) -> list[str]:
    return [f"{indent}{name}:", f"{indent}  kk: {quoted(text.kk)}", f"{indent}  ru: {quoted(text.ru)}"]

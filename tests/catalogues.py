"""Holds the Kazakh and Russian catalogues to the source: `python -m tests.catalogues`, and `… update` to merge new words."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import generate_po, read_po

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ("kk", "ru")
PLURALS = {
    "kk": "nplurals=2; plural=(n != 1);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
}
FORMS = {"kk": 2, "ru": 3}
_NAMES = {"kk": "Kazakh", "ru": "Russian"}
_KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2), "_n": (1, 2)}
_WIDTH = 110
_LONG_TEXT = 40
_PLACE = re.compile(r"%\((\w+)\)([a-z])|\{(\w+)\}")
_TAG = re.compile(r"</?[a-z][^<>]*>")
_ENGLISH_WORD = re.compile(r"\b[A-Za-z][a-z]{2,}\b")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")


@dataclass(frozen=True)
class Finding:
    """Something wrong with one entry of one language; a warning is only to be looked at."""

    severity: Literal["error", "warning"]
    locale: str
    what: str
    entry: str

    def __str__(self) -> str:
        return f"{self.locale}: {self.severity}: {self.what}: {self.entry}"


def po_of(locale: str, root: Path = ROOT) -> Path:
    return root / "translations" / locale / "LC_MESSAGES" / "messages.po"


@lru_cache(maxsize=1)
def _mappings() -> tuple[list[tuple[str, str]], dict[str, dict[str, str]]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    methods = [(each["pattern"], each["method"]) for each in project["tool"]["babel"]["mappings"]]
    # A template that does not parse must not lose its words in silence.
    return methods, {pattern: {"silent": "false"} for pattern, method in methods if method == "jinja2"}


def extract() -> Catalog:
    """Every message of the source, with the files that use it, ordered by file and message."""
    methods, options = _mappings()
    found: dict[tuple[str | None, str], tuple[str | tuple[str, ...], set[str], list[str]]] = {}
    for file, _line, message, comments, context in extract_from_dir(
        ROOT, methods, options, _KEYWORDS, comment_tags=("NOTE:",), strip_comment_tags=True,
        directory_filter=lambda folder: Path(folder).name not in {".venv", ".git", "tests", "docs", "__pycache__"},
    ):  # fmt: skip
        first = message if isinstance(message, str) else message[0]
        _id, files, notes = found.setdefault((context, first), (message, set(), []))
        if isinstance(message, tuple) and isinstance(_id, str):
            found[context, first] = (message, files, notes)
        files.add(file)
        notes += [note for note in comments if note not in notes]
    catalogue = Catalog(charset="utf-8")
    for (context, _first), (id_, files, notes) in sorted(found.items(), key=lambda one: (min(one[1][1]), one[0][1])):
        catalogue.add(
            id_, locations=[(file, 0) for file in sorted(files)], auto_comments=notes, context=context
        )  # fmt: skip
    return catalogue


def read(locale: str, root: Path = ROOT) -> Catalog:
    with po_of(locale, root).open("rb") as source:
        return read_po(source, locale=locale, abort_invalid=True)


def update(locale: str, source: Catalog, root: Path = ROOT) -> int:
    """Bring a catalogue to the messages of the source: new ones empty, old ones gone. How many have no words yet."""
    path = po_of(locale, root)
    there = read(locale, root) if path.exists() else Catalog(locale=locale)
    merged = Catalog(locale=locale, charset="utf-8")
    empty = 0
    for message in source:
        if not message.id:
            continue
        known = there.get(_first(message), message.context)
        string = known.string if known and isinstance(known.id, str) == isinstance(message.id, str) else ""
        flags = {"fuzzy"} if known and known.fuzzy else set()
        comments = known.user_comments if known else ()
        merged.add(
            message.id, string, locations=message.locations, flags=flags, auto_comments=message.auto_comments,
            user_comments=comments, context=message.context,
        )  # fmt: skip
        empty += not all(_strings(string))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_header(locale) + "".join(_entries(merged)).rstrip("\n") + "\n", "utf-8")
    return empty


def _entries(catalogue: Catalog) -> Iterator[str]:
    return generate_po(catalogue, omit_header=True, include_lineno=False, ignore_obsolete=True, width=_WIDTH)  # type: ignore[return-value]


def _header(locale: str) -> str:
    # No dates and no names: the file changes only when words do.
    fields = (
        "Project-Id-Version: cbt",
        f"Language: {locale}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {PLURALS[locale]}",
    )
    lines = "".join(f'"{field}\\n"\n' for field in fields)
    return f'# {_NAMES[locale]} words of cbt.\nmsgid ""\nmsgstr ""\n{lines}\n'


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(string: str | Sequence[str] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ()) or ("",)


def _places(text: str) -> frozenset[str]:
    return frozenset(match[0] for match in _PLACE.finditer(text))


def _tags(text: str) -> list[str]:
    return sorted(_TAG.findall(text))


def check(source: Catalog, translated: Catalog, locale: str) -> list[Finding]:
    """Everything wrong with a catalogue, compared with the messages of the source."""
    findings: list[Finding] = []
    if translated.num_plurals != FORMS[locale]:
        findings.append(
            Finding("error", locale, f"{translated.num_plurals} plural forms, not {FORMS[locale]}", "header")
        )
    for message in source:
        if message.id:
            entry = _first(message)
            known = translated.get(entry, message.context)
            problems = ["missing"] if known is None else _problems(message, known, locale)
            findings += [Finding("error", locale, problem, entry) for problem in problems]
    for message in translated:
        if message.id and source.get(_first(message), message.context) is None:
            findings.append(Finding("error", locale, "obsolete", _first(message)))
    findings += [Finding("error", locale, "obsolete", str(_first(message))) for message in translated.obsolete.values()]
    return findings


def _problems(message: Message, known: Message, locale: str) -> Iterator[str]:
    if isinstance(message.id, str) != isinstance(known.id, str):
        yield "one form in the catalogue and several in the source, or the reverse"
        return
    if known.fuzzy:
        yield "fuzzy"
    strings = _strings(known.string)
    if not all(strings):
        yield "empty"
        return
    if not isinstance(message.id, str) and len(strings) != FORMS[locale]:
        yield f"{len(strings)} plural forms, not {FORMS[locale]}"
    for number, string in enumerate(strings):
        yield from _problems_of_words(_sources(message, number, locale), string)


def _sources(message: Message, number: int, locale: str) -> tuple[str, ...]:
    """The source strings whose places a form must repeat: only the Kazakh singular may leave the number out."""
    if isinstance(message.id, str):
        return (message.id,)
    singular, plural = message.id[0], message.id[1]
    return (singular, plural) if (locale, number) == ("kk", 0) else (plural,)


def _problems_of_words(sources: tuple[str, ...], string: str) -> Iterator[str]:
    if all(_places(string) != _places(each) for each in sources):
        yield f"places {sorted(_places(string))}, not {sorted(_places(sources[-1]))}"
    elif _places(sources[-1]) and not _can_be_filled(string):
        yield "a stray % that breaks the sentence"
    if all(_tags(string) != _tags(each) for each in sources):
        yield "tags differ"
    source = sources[-1]
    if (source[:1].isspace(), source[-1:].isspace()) != (string[:1].isspace(), string[-1:].isspace()):
        yield "begins or ends with another space"
    words = _TAG.sub("", _PLACE.sub("", source))
    if _ENGLISH_WORD.search(words) and not _CYRILLIC.search(string):
        yield "no Cyrillic letter"


def _can_be_filled(string: str) -> bool:
    facts = {match[1]: 1 for match in _PLACE.finditer(string) if match[1]}
    try:
        return bool(string % facts) if facts else True
    except (TypeError, ValueError, KeyError):
        return False


def alike(kazakh: Catalog, russian: Catalog) -> list[Finding]:
    """Long texts that read the same in both languages: one of them was probably not translated."""
    findings = []
    for message in kazakh:
        other = russian.get(_first(message), message.context) if message.id else None
        if other is None:
            continue
        same = set(_strings(message.string)) & set(_strings(other.string))
        if any(len(string) >= _LONG_TEXT for string in same):
            findings.append(Finding("warning", "kk", "the same as the Russian", _first(message)))
    return findings


def findings(root: Path = ROOT) -> list[Finding]:
    source = extract()
    found: list[Finding] = []
    for locale in LOCALES:
        if po_of(locale, root).exists():
            found += check(source, read(locale, root), locale)
        else:
            found.append(Finding("error", locale, "there is no catalogue", str(po_of(locale, root).relative_to(root))))
    if all(po_of(locale, root).exists() for locale in LOCALES):
        found += alike(read("kk", root), read("ru", root))
    return found


def main(arguments: Sequence[str]) -> int:
    if list(arguments) == ["update"]:
        source = extract()
        for locale in LOCALES:
            empty = update(locale, source)
            print(f"{locale}: {len(source)} messages, {empty} without words")
        return 0
    if arguments:
        print("usage: python -m tests.catalogues [update]", file=sys.stderr)
        return 2
    found = findings()
    for finding in found:
        print(finding)
    errors = sum(finding.severity == "error" for finding in found)
    print(f"{errors} errors, {len(found) - errors} warnings")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

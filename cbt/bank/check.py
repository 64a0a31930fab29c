"""What is wrong with a question, as problems that the author's page and the bank files share, and the words for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from html.entities import html5
from typing import Literal

from cbt.bank import markup
from cbt.bank.content import (
    KINDS,
    LANGUAGES,
    LEVELS,
    MULTIPLE,
    SINGLE,
    ItemContent,
    Option,
    Text,
    forbidden_character,
    key,
    strings_of,
    texts_of,
)
from cbt.bank.letters import cyrillic_letters, fold, folded_words, kazakh_letters, lookalike_words, mixed_words
from cbt.bank.problem_words import sentences
from cbt.bank.wording import faint_negative, hurtful_words, is_about_options, russian_words_in

Severity = Literal["error", "warning", "hint"]

FEWEST_OPTIONS, MOST_OPTIONS = 3, 8
EASIEST, HARDEST = 0.98, 0.05
LONGEST = {"stem": 2000, "options": 500, "rationale": 2000, "pictures": 500, "basis": 300}
SHORT_TEXT = 40
FEWEST_LETTERS_TO_COMPARE = 20
LEAST_RATIO, GREATEST_RATIO = 0.6, 1.7
# A key gives itself away when it is a fifth longer than the longest wrong option, in more than a few letters.
TELLING_RATIO, TELLING_LENGTH = 1.2, 20
FEWEST_WORDS_TO_COMPARE, LEAST_STEM, LONGEST_ENDING = 3, 4, 2
FIRST_DAY_OF_LAW = date(1991, 12, 16)

CODE = re.compile(r"[A-Z]{2,6}-[A-Z]\d{0,2}-\d{3,4}")
_OPTION_ID = re.compile(r"[a-z]\d?")
_KNOWN_TAGS = (
    "script|style|svg|math|img|iframe|object|embed|applet|link|meta|base|form|input|button|video|audio|source|body|html|"
    "head|table|div|span|template|textarea|select|details|marquee|isindex|noscript|frame|frameset|xml|xss|image"
)
_HTML = re.compile(
    rf"</?[a-z][^<>]*>|<!(?:--|doctype|\[)|<\?|</[a-z]|<(?:{_KNOWN_TAGS})\b|\b(?:java|vb|live)script\s*:", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|(?P<name>[a-z][a-z0-9]+));", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """One thing to correct; `field` is a path such as `stem.kk`, `options.b.ru`, `basis.as_of`.

    An error bars the question (and its whole file), a warning does not; a hint may well be wrong. `file`, `item` and `line` are known
    where the question came from a file.
    """

    severity: Severity
    code: str
    field: str = ""
    facts: Mapping[str, object] = dataclass_field(default_factory=dict)
    file: str = ""
    item: str = ""
    line: int | None = None


def error(code: str, field: str = "", /, **facts: object) -> Problem:
    return Problem("error", code, field, facts)


def warning(code: str, field: str = "", /, **facts: object) -> Problem:
    return Problem("warning", code, field, facts)


def hint(code: str, field: str = "", /, **facts: object) -> Problem:
    return Problem("hint", code, field, facts)


def has_errors(problems: list[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def problems_of(content: ItemContent) -> list[Problem]:
    """Everything wrong with one question on its own, errors and warnings, in the order of its fields."""
    return [
        *_problems_of_facts(content),
        *(problem for name, string in strings_of(content) for problem in _problems_of_string(name, string)),
        *(problem for name, text in texts_of(content) for problem in _problems_of_translation(name, text)),
        *_problems_of_wording(content),
        *_problems_of_options(content.options),
        *_problems_of_key(content),
    ]


def problems_of_code(code: str) -> list[Problem]:
    return [] if CODE.fullmatch(code) else [error("code_pattern", "code", value=code[:40])]


def _problems_of_facts(content: ItemContent) -> Iterator[Problem]:
    if content.kind not in KINDS:
        yield error("kind_unknown", "kind", value=content.kind[:40], known=", ".join(KINDS))
    if content.level not in LEVELS:
        yield error("level_unknown", "level", value=content.level[:40], known=", ".join(LEVELS))
    if not HARDEST <= content.difficulty <= EASIEST:
        yield error("difficulty_out_of_range", "difficulty", least=HARDEST, most=EASIEST)
    if not content.basis.act:
        yield error("basis_missing", "basis.act")
    if not content.basis.provision:
        yield error("basis_missing", "basis.provision")
    if content.basis.as_of is None:
        yield error("date_missing", "basis.as_of")
    elif content.basis.as_of < FIRST_DAY_OF_LAW:
        yield error("date_too_early", "basis.as_of", first=FIRST_DAY_OF_LAW.isoformat())


def _limit_of(name: str) -> int:
    return LONGEST[name.split(".")[0]]


def _problems_of_string(name: str, string: str) -> Iterator[Problem]:
    if len(string) > (limit := _limit_of(name)):
        yield error("text_too_long", name, length=len(string), limit=limit)
        return
    if unseen := forbidden_character(string):
        yield error("forbidden_character", name, character=unseen)
    if html := _html_in(string):
        yield error("html_not_allowed", name, fragment=html[:40])
    words = markup.plain(string)
    for word, letters in mixed_words(words):
        yield error("mixed_alphabets", name, word=word[:60], letters=letters[:60])
    for word in lookalike_words(words):
        yield warning("lookalike_word", name, word=word[:60])
    if "**" in words:
        yield warning("markup_unclosed", name)


def _html_in(string: str) -> str | None:
    if match := _HTML.search(string):
        return match[0]
    for match in _ENTITY.finditer(string):
        if match["name"] is None or f"{match['name']};" in html5:
            return match[0]
    return None


def _problems_of_translation(name: str, text: Text) -> Iterator[Problem]:
    if not text.kk:
        yield error("kazakh_missing", f"{name}.kk")
    if not text.ru:
        yield error("russian_missing", f"{name}.ru")
    if not (text.kk and text.ru):
        return
    letters = min(cyrillic_letters(text.kk), cyrillic_letters(text.ru))
    # Folding costs far more than counting.
    same_letters = kazakh_letters(text.kk) == kazakh_letters(text.ru)
    if letters >= FEWEST_LETTERS_TO_COMPARE and same_letters and fold(text.kk) == fold(text.ru):
        yield error("translations_equal", f"{name}.kk")
        return
    for language, other in (("kk", "ru"), ("ru", "kk")):
        if not cyrillic_letters(text.of(language)) and cyrillic_letters(text.of(other)) >= FEWEST_LETTERS_TO_COMPARE:
            yield warning("not_translated", f"{name}.{language}")
    if cyrillic_letters(text.kk) > SHORT_TEXT and not kazakh_letters(text.kk):
        yield warning("no_kazakh_letters", f"{name}.kk")
    if cyrillic_letters(text.ru) > SHORT_TEXT and kazakh_letters(text.ru) > cyrillic_letters(text.ru) / 12:
        yield warning("kazakh_letters_in_russian", f"{name}.ru")
    if (
        max(len(text.kk), len(text.ru)) > SHORT_TEXT
        and not LEAST_RATIO <= len(text.kk) / len(text.ru) <= GREATEST_RATIO
    ):
        yield warning("lengths_differ", f"{name}.kk", kk=len(text.kk), ru=len(text.ru))


def _problems_of_wording(content: ItemContent) -> Iterator[Problem]:
    """Words to avoid, in texts of a length that is allowed."""
    if any(len(string) > _limit_of(name) for name, string in strings_of(content)):
        return
    for name, text in texts_of(content):
        for language in LANGUAGES:
            for word, better in hurtful_words(text.of(language), language):
                yield warning("hurtful_word", f"{name}.{language}", word=word[:60], better=better)
        is_kazakh = kazakh_letters(text.kk) or cyrillic_letters(text.kk) <= SHORT_TEXT
        if is_kazakh and (words := russian_words_in(text.kk)):
            yield warning("russian_in_kazakh", f"{name}.kk", words=", ".join(words)[:60])
    for language in LANGUAGES:
        if negative := faint_negative(content.stem.of(language), language):
            yield warning("negative_not_bold", f"stem.{language}", word=negative[:60])


def _problems_of_options(options: tuple[Option, ...]) -> Iterator[Problem]:
    if len(options) < FEWEST_OPTIONS:
        yield error("too_few_options", "options", count=len(options), least=FEWEST_OPTIONS)
    if len(options) > MOST_OPTIONS:
        yield error("too_many_options", "options", count=len(options), most=MOST_OPTIONS)
    for id_, count in Counter(option.id for option in options).items():
        if not _OPTION_ID.fullmatch(id_):
            yield error("option_id_pattern", f"options.{id_[:20]}", value=id_[:20])
        if count > 1:
            yield error("option_id_repeated", f"options.{id_[:20]}", value=id_[:20])
    for language in LANGUAGES:
        yield from _repeated_options(options, language)
        yield from _nearly_repeated_options(options, language)
        for option in options:
            if is_about_options(option.text.of(language)):
                yield warning("all_of_the_above", f"options.{option.id}.{language}")


def _repeated_options(options: tuple[Option, ...], language: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for option in options:
        folded = fold(option.text.of(language))
        if folded and folded in first:
            yield error("options_repeated", f"options.{option.id}.{language}", first=first[folded], second=option.id)
        first.setdefault(folded, option.id)


def _nearly_repeated_options(options: tuple[Option, ...], language: str) -> Iterator[Problem]:
    """Options that differ in the ending of one word; the order of words may be what is asked, so it counts."""
    words = [(option.id, folded_words(option.text.of(language)).split()) for option in options]
    for place, (second, these) in enumerate(words):
        for first, those in words[:place]:
            if _same_but_for_an_ending(these, those):
                yield warning("options_nearly_repeated", f"options.{second}.{language}", first=first, second=second)


def _same_but_for_an_ending(one: list[str], other: list[str]) -> bool:
    if len(one) != len(other) or len(one) < FEWEST_WORDS_TO_COMPARE:
        return False
    different = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    if len(different) != 1:
        return False
    stem = min(map(len, different[0])) - LONGEST_ENDING
    return stem >= LEAST_STEM and len({word[:stem] for word in different[0]}) == 1


def _problems_of_key(content: ItemContent) -> Iterator[Problem]:
    right = sum(option.correct for option in content.options)
    if right == 0:
        yield error("key_missing", "options")
    elif content.kind == SINGLE and right > 1:
        yield error("two_keys", "options", count=right)
    elif content.kind == MULTIPLE and right < 2:
        yield error("too_few_keys", "options", count=right)
    if right and right == len(content.options):
        yield error("all_options_right", "options")
    for language in LANGUAGES:
        if key_is_telling(content, language):
            yield warning("key_is_longest", f"options.{min(key(content))}.{language}")


def key_is_telling(content: ItemContent, language: str) -> bool:
    """Whether the only key stands out as clearly the longest option."""
    lengths = sorted((len(option.text.of(language)), option.correct) for option in content.options)
    if len(lengths) < 2 or len(key(content)) != 1 or not lengths[-1][1]:
        return False
    longest, next_longest = lengths[-1][0], lengths[-2][0]
    return longest >= TELLING_LENGTH and longest > TELLING_RATIO * next_longest


def describe(problem: Problem, _: Callable[[str], str]) -> str:
    """One or two plain sentences for a problem, in the language of the given gettext."""
    return sentences(_)[problem.code] % problem.facts

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
from cbt.bank.letters import cyrillic_letters, fold, kazakh_letters, lookalike_words, mixed_words

Severity = Literal["error", "warning"]

FEWEST_OPTIONS, MOST_OPTIONS = 3, 8
EASIEST, HARDEST = 0.98, 0.05
LONGEST = {"stem": 2000, "options": 500, "rationale": 2000, "pictures": 500, "basis": 300}
SHORT_TEXT = 40
FEWEST_LETTERS_TO_COMPARE = 20
LEAST_RATIO, GREATEST_RATIO = 0.6, 1.7
# A key gives itself away when it is a fifth longer than the longest wrong option, in more than a few letters.
TELLING_RATIO, TELLING_LENGTH = 1.2, 20
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
_ALL_OF_THE_ABOVE = tuple(
    map(
        fold,
        (
            "жоғарыда аталғандардың барлығы",
            "жоғарыда көрсетілгендердің барлығы",
            "жоғарыда айтылғандардың барлығы",
            "жоғарыдағылардың барлығы",
            "жоғарыдағылардың бәрі",
            "аталғандардың барлығы",
            "аталғандардың бәрі",
            "барлық жауап дұрыс",
            "барлық жауаптар дұрыс",
            "барлық нұсқа дұрыс",
            "барлығы дұрыс",
            "бәрі дұрыс",
            "дұрыс жауап жоқ",
            "аталғандардың ешқайсысы",
            "жоғарыдағылардың ешқайсысы",
            "все вышеперечисленн",
            "все вышеуказанн",
            "все вышеназванн",
            "все перечисленн",
            "все указанное",
            "все ответы верн",
            "все ответы правильн",
            "все варианты верн",
            "все варианты правильн",
            "все верно",
            "нет правильного ответа",
            "нет верного ответа",
            "ни один из перечисленн",
            "ни один из вышеперечисленн",
            "ничего из перечисленн",
        ),
    )
)


@dataclass(frozen=True)
class Problem:
    """One thing to correct; `field` is a path such as `stem.kk`, `options.b.ru`, `basis.as_of`.

    An error bars the question (and its whole file), a warning does not. `file`, `item` and `line` are known
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


def has_errors(problems: list[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def problems_of(content: ItemContent) -> list[Problem]:
    """Everything wrong with one question on its own, errors and warnings, in the order of its fields."""
    return [
        *_problems_of_facts(content),
        *(problem for name, string in strings_of(content) for problem in _problems_of_string(name, string)),
        *(problem for name, text in texts_of(content) for problem in _problems_of_translation(name, text)),
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


def _problems_of_string(name: str, string: str) -> Iterator[Problem]:
    limit = LONGEST[name.split(".")[0]]
    if len(string) > limit:
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
    if letters >= FEWEST_LETTERS_TO_COMPARE and fold(text.kk) == fold(text.ru):
        yield error("translations_equal", f"{name}.kk")
        return
    if cyrillic_letters(text.kk) > SHORT_TEXT and not kazakh_letters(text.kk):
        yield warning("no_kazakh_letters", f"{name}.kk")
    if cyrillic_letters(text.ru) > SHORT_TEXT and kazakh_letters(text.ru) > cyrillic_letters(text.ru) / 12:
        yield warning("kazakh_letters_in_russian", f"{name}.ru")
    if (
        max(len(text.kk), len(text.ru)) > SHORT_TEXT
        and not LEAST_RATIO <= len(text.kk) / len(text.ru) <= GREATEST_RATIO
    ):
        yield warning("lengths_differ", f"{name}.kk", kk=len(text.kk), ru=len(text.ru))


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
    for language in ("kk", "ru"):
        yield from _repeated_options(options, language)
        for option in options:
            folded = fold(option.text.of(language))
            if any(phrase in folded for phrase in _ALL_OF_THE_ABOVE):
                yield warning("all_of_the_above", f"options.{option.id}.{language}")


def _repeated_options(options: tuple[Option, ...], language: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for option in options:
        folded = fold(option.text.of(language))
        if folded and folded in first:
            yield error("options_repeated", f"options.{option.id}.{language}", first=first[folded], second=option.id)
        first.setdefault(folded, option.id)


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
    for language in ("kk", "ru"):
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
    return _sentences(_)[problem.code] % problem.facts


def _sentences(_: Callable[[str], str]) -> dict[str, str]:
    return {
        # one question
        "kind_unknown": _("The kind “%(value)s” is unknown. Known kinds: %(known)s."),
        "level_unknown": _("The level “%(value)s” is unknown. Known levels: %(known)s."),
        "difficulty_out_of_range": _("The difficulty must be a number from %(least)s to %(most)s."),
        "basis_missing": _("Name the act and the provision that make the key right."),
        "date_missing": _("Give the date from which the provision is true."),
        "date_too_early": _("The date is too early: no act in force is older than %(first)s."),
        "kazakh_missing": _("The Kazakh text is missing."),
        "russian_missing": _("The Russian text is missing."),
        "text_too_long": _("The text has %(length)s characters; at most %(limit)s are allowed."),
        "forbidden_character": _(
            "The text holds an invisible character (%(character)s). Type the place again by hand."
        ),
        "html_not_allowed": _("HTML and scripts are not allowed: “%(fragment)s”. Put a space after a sign “<”."),
        "mixed_alphabets": _(
            "The word “%(word)s” holds “%(letters)s” from another alphabet. Type the word again with Kazakh or Russian letters."
        ),
        "lookalike_word": _("The word “%(word)s” is in Latin letters that look like Cyrillic ones."),
        "markup_unclosed": _("Two asterisks are left over: bold text is opened but not closed."),
        "translations_equal": _("The Kazakh and the Russian text are the same. Translate it."),
        "no_kazakh_letters": _("The Kazakh text has no Kazakh letter. Check the language."),
        "kazakh_letters_in_russian": _("The Russian text has many Kazakh letters. Check the language."),
        "lengths_differ": _(
            "The lengths differ much: %(kk)s characters in Kazakh, %(ru)s in Russian. Check that both say the same."
        ),
        "too_few_options": _("A question needs at least %(least)s options; this one has %(count)s."),
        "too_many_options": _("A question has at most %(most)s options; this one has %(count)s."),
        "option_id_pattern": _("The option id “%(value)s” must be one small Latin letter, such as a."),
        "option_id_repeated": _("The option id “%(value)s” is used twice."),
        "options_repeated": _("Options %(first)s and %(second)s say the same."),
        "all_of_the_above": _("Avoid “all of the above” and “no right answer”."),
        "key_missing": _("No option is marked as right."),
        "two_keys": _("A question with one right answer has %(count)s options marked as right."),
        "too_few_keys": _("A question with several right answers needs at least two options marked as right."),
        "all_options_right": _("All options are marked as right."),
        "key_is_longest": _("The right option is clearly the longest, which gives it away."),
        "code_pattern": _("The code “%(value)s” does not follow the pattern, such as NA-A1-001."),
        # one file
        "path_missing": _("There is no such file or folder."),
        "no_bank_files": _("There is no bank file in the folder."),
        "file_too_large": _("The file is larger than %(megabytes)s MB."),
        "file_not_utf8": _("The file is not text in UTF-8."),
        "file_empty": _("The file is empty."),
        "yaml_broken": _("The YAML is broken at column %(column)s: %(detail)s."),
        "yaml_alias": _("YAML anchors and aliases (& and *) are not allowed. Put texts in quotes."),
        "yaml_too_deep": _("The YAML is nested too deeply."),
        "yaml_repeated_field": _("The field “%(name)s” is given twice."),
        "field_unknown": _("The field “%(name)s” is unknown."),
        "field_unknown_like": _("The field “%(name)s” is unknown. Did you mean “%(like)s”?"),
        "field_missing": _("The field “%(name)s” is missing."),
        "mapping_expected": _("Named fields are expected here."),
        "list_expected": _("A list is expected here."),
        "text_expected": _("A text is expected here, not “%(value)s”. Put it in quotes."),
        "number_expected": _("A number is expected here, not “%(value)s”."),
        "truth_expected": _("Only true or false is expected here, not “%(value)s”."),
        "date_expected": _("A date such as 2025-01-31 is expected here, not “%(value)s”."),
        "position_unknown": _("The position “%(value)s” is not in the blueprint."),
        "area_unknown": _("The area “%(value)s” is not in the blueprint of this position."),
        "code_of_other_area": _("The code names another area than the file, %(area)s."),
        "code_repeated": _("The code is used before, in %(first)s."),
        "stem_repeated": _("The same stem is used before, in %(first)s."),
        "picture_name": _("The picture must be named by a plain file name beside the bank file, not “%(value)s”."),
        "picture_missing": _("There is no picture “%(value)s” beside the bank file."),
        "picture_not_readable": _("The picture cannot be read. Use PNG, JPEG, WebP or GIF."),
        "picture_too_large": _("The picture is too large: at most 5 MB and 20 megapixels are allowed."),
        # a library of files
        "area_short": _("Area %(area)s has %(count)s questions; a form needs %(needed)s."),
        "key_often_longest": _("The right option is clearly the longest in %(count)s of %(total)s questions."),
        # a blueprint
        "area_repeated": _("The area “%(value)s” is given twice."),
        "position_repeated": _("The position “%(value)s” is given twice."),
        "whole_number_expected": _("A whole number above zero is expected here, not “%(value)s”."),
        "sum_differs": _("The areas add up to %(sum)s questions; a form has %(needed)s."),
    }

"""`cbt bank check`: say all that is wrong with bank files, as text or as JSON."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cbt.bank.formats.blueprint import QUESTION_BANKS
from cbt.bank.formats.library import check_paths
from cbt.bank.lint.report import as_plain, render
from cbt.bank.lint.spelling import Knows, dictionaries
from cbt.cli.context import Context
from cbt.i18n import LOCALES, translator


def add_command(deeds: argparse._SubParsersAction) -> None:
    check = deeds.add_parser("check", help="say all that is wrong with bank files; exit 1 where there is an error")
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a bank file or a folder of them")
    check.add_argument("--json", action="store_true", help="print the report as JSON")
    check.add_argument("--strict", action="store_true", help="exit 1 where there is a warning, too")
    check.add_argument(
        "--depth", type=_whole, metavar="N", help="ask every area of a position for N times what a form takes"
    )
    check.add_argument(
        "--practice", type=_whole, default=0, metavar="N", help="ask every position for N practice questions"
    )
    check.add_argument("--spelling", action="store_true", help="add hints at words that may be misspelt")
    check.set_defaults(run=_check)


def words_of_terminal() -> Callable[[str], str]:
    """The language of the terminal, English where that is neither kk nor ru."""
    language = os.environ.get("LANG", "")[:2]
    return translator(language).gettext if language in LOCALES else str


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number above zero is expected, not {text!r}")
    return int(text)


def _check(args: argparse.Namespace, context: Context) -> int:
    known = _known_words(args.paths, context) if args.spelling else None
    report = check_paths(args.paths, depth=args.depth, practice=args.practice, known_words=known)
    _ = words_of_terminal()
    if args.json:
        print(json.dumps(as_plain(report, _), ensure_ascii=False, indent=1, default=str))
    else:
        print(render(report, _), end="")
    return report.strict_exit_status if args.strict else report.exit_status


def _known_words(paths: Sequence[Path], context: Context) -> Mapping[str, Knows]:
    """Dictionaries with the word lists of the product and of the folders checked."""
    folders = dict.fromkeys([QUESTION_BANKS, *(path for path in paths if path.is_dir())])
    lists = [path for folder in folders for path in sorted(folder.glob("words-*.txt"))]
    return dictionaries(Path(setting) if (setting := context.settings.dictionaries) else None, word_lists=lists)

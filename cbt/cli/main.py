"""The command `cbt`: one subcommand, one deed, one exit status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from cbt.cli import audit, bank, demo, keeper, operations, serve
from cbt.cli.context import Context
from cbt.errors import Refusal
from cbt.i18n import compile_catalogues, translator

GROUPS = (serve, operations, keeper, demo, bank, audit)


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="cbt", description="Computer-based testing with question banks.")
    subparsers = root.add_subparsers(dest="command", required=True)
    for group in GROUPS:
        group.add_commands(subparsers)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 done, 1 checked and found wrong, 2 refused."""
    args = parser().parse_args(arguments)
    compile_catalogues()
    try:
        return args.run(args, Context())
    except Refusal as refusal:
        print(f"cbt: {_sentence(refusal)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _sentence(refusal: Refusal) -> str:
    """The words of a refusal in the language of the terminal, English where that is neither kk nor ru."""
    from cbt.web.words import WORDS

    text = WORDS.get(refusal.code)
    if text is None:
        return str(refusal)
    language = os.environ.get("LANG", "")[:2]
    source = str(text._args[0])
    sentence = translator(language).gettext(source) if language in {"kk", "ru"} else source
    return sentence % refusal.facts if refusal.facts else sentence


if __name__ == "__main__":
    sys.exit(main())

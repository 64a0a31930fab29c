"""Commands of the record: check the chain, write it out for checking elsewhere, seal what waits."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cbt.audit import actions, chain, queries
from cbt.cli.context import Context

_BREAKS = {
    "row_changed": "entry {row} of batch {batch} was changed after it was sealed",
    "row_removed": "entry {row} of batch {batch} was removed",
    "row_inserted": "entry {row} was inserted into what was already sealed",
    "row_moved": "entry {row} was moved from its place in batch {batch}",
    "seal_changed": "the seal of batch {batch} was changed",
    "batch_removed": "batch {batch} was removed",
    "link_broken": "batch {batch} is not linked to the batch before it",
    "head_unknown": "the outside head {head} is not in this chain: its newest batches were removed or it was written anew",
    "line_unreadable": "line {line} of the export is not as it was written",
}


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    deeds = subparsers.add_parser("audit", help="the record of deeds").add_subparsers(dest="deed", required=True)
    verify = deeds.add_parser("verify", help="check the chain; exit 1 and the first broken row where it does not hold")
    verify.add_argument("--export", type=Path, metavar="FILE", help="check this export instead of the database")
    verify.add_argument(
        "--head", nargs="+", action="extend", default=[], type=_head, help="heads kept outside, as printed in protocols"
    )
    verify.set_defaults(run=_verify)
    export = deeds.add_parser("export", help="write the whole record to a file that can be checked elsewhere")
    export.add_argument("file", type=Path)
    export.set_defaults(run=_export)
    deeds.add_parser("seal", help="seal the entries that wait").set_defaults(run=_seal)


def _head(typed: str) -> str:
    """A head as typed from paper: spaces and capitals do not matter."""
    text = "".join(typed.split()).lower()
    if not chain.is_head(text):
        raise argparse.ArgumentTypeError(f"{typed!r} is not a head: 64 hexadecimal digits")
    return text


def _verify(args: argparse.Namespace, context: Context) -> int:
    if args.export is None:
        with context.database.reading() as session:
            found = queries.verified(session, expected_heads=args.head)
    else:
        try:
            with args.export.open(encoding="utf-8", newline="\n") as lines:
                found = queries.verified_export(lines, expected_heads=args.head)
        except (OSError, UnicodeDecodeError) as fault:
            print(f"cbt: cannot read {args.export}: {fault}", file=sys.stderr)
            return 2
    if found.broken:
        where = vars(found.broken)
        print(f"BROKEN: {_BREAKS[found.broken.kind].format(**where)}.", file=sys.stderr)
        print(f"This chain ends with head {found.head} at batch {found.batches}.", file=sys.stderr)
        return 1
    print(f"The chain holds: {found.entries} entries in {found.batches} batches, {found.unsealed} not sealed yet.")
    print(f"Head: {found.head}")
    return 0


def _export(args: argparse.Namespace, context: Context) -> int:
    """Written beside and moved into place, so that a half-written file is never taken for the record."""
    part = args.file.with_name(args.file.name + ".part")
    count = 0
    try:
        with context.database.reading() as session, part.open("w", encoding="utf-8", newline="\n") as target:
            for line in queries.export_lines(session):
                target.write(line + "\n")
                count += 1
        part.replace(args.file)
    except OSError as fault:
        print(f"cbt: cannot write {args.file}: {fault}", file=sys.stderr)
        return 2
    print(f"Export: {args.file} ({count} lines)")
    return 0


def _seal(args: argparse.Namespace, context: Context) -> int:
    total = 0
    while True:
        with context.database.transaction() as session:
            sealed = actions.seal(session, now=context.now())
        total += sealed
        if sealed < actions.LARGEST_BATCH:
            print(f"Sealed entries: {total}")
            return 0

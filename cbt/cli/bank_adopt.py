"""`cbt bank adopt`: take a bank, or areas of it, over from the reference library."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from cbt.bank import queries_adoption
from cbt.bank.actions import adopting
from cbt.bank.adoption import Standing, compare
from cbt.bank.formats.reference import bank_of, library_folder, positions_in
from cbt.cli.bank_people import author_of, body_of
from cbt.cli.context import Context
from cbt.errors import Refusal

# What the command leaves alone, and why, in its own words.
_LEFT = {
    Standing.SAME: "already there",
    Standing.OWN: "changed by the body",
    Standing.BOTH: "changed by the body and by the library; name the code with --code to take the library's text",
    Standing.OPEN: "a version is open",
    Standing.RETIRED: "withdrawn by the body",
    Standing.MOVED: "in another area of the body",
    Standing.FOREIGN: "the body's own question bears the code",
    Standing.WITHDRAWN: "no longer in the library",
}


def add_command(deeds: argparse._SubParsersAction) -> None:
    adopt = deeds.add_parser("adopt", help="take questions over from the reference library; another person approves them")
    adopt.add_argument("--body", required=True, metavar="KATO", help="the KATO code of the body")
    adopt.add_argument("--position", required=True, help="such as att-care")
    adopt.add_argument("--area", action="append", metavar="AREA", help="only this area; may be given several times")
    adopt.add_argument("--code", action="append", default=[], help="take this question though the body changed it too")
    adopt.add_argument("--library", type=Path, metavar="FOLDER", help="another library; by default CBT_LIBRARY")
    adopt.add_argument("--dry-run", action="store_true", help="say what would happen and keep nothing")
    adopt.add_argument("--as", dest="login", metavar="LOGIN", help="the author; by default the body's first one")
    adopt.set_defaults(run=_adopt)


def _adopt(args: argparse.Namespace, context: Context) -> int:
    folder = args.library or library_folder(context.settings.library)
    if args.position not in positions_in(folder):
        raise Refusal("nothing_to_import", position=args.position)
    bank = bank_of(folder, args.position)
    areas = set(args.area) if args.area else {item.area for item in bank.items}
    # A reading session undoes what is written in it: a dry run is the adoption itself, not kept.
    with context.database.reading() if args.dry_run else context.database.transaction() as session:
        actor = author_of(session, body_of(session, args.body), args.login)
        held = queries_adoption.held_by(session, body_id=actor.body_id, position=args.position)
        outcome = adopting.adopt(
            session, bank=bank, seen_digest=bank.digest, areas=areas, named=args.code, actor=actor, now=context.now()
        )
    taken = {*outcome.created, *outcome.new_versions}
    rows = compare(bank, held)
    standings = {row.code: row.standing for row in rows}
    left = Counter(row.standing for row in rows if row.code not in taken and row.area in areas)
    print(f"Edition {bank.edition.name}: {len(outcome.created)} new questions, {len(outcome.new_versions)} new versions.")
    for standing, count in sorted(left.items()):
        print(f"Left alone: {count}, {_LEFT.get(standing, standing)}.")
    for code in sorted(set(args.code) - taken):
        print(f"Not taken: {code}, {_LEFT[standings[code]] if code in standings else 'not in the library'}.")
    print("Dry run: nothing was kept." if args.dry_run else "They wait for approval by another person of the body.")
    return 0

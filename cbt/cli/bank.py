"""Commands of the question banks: check files, take them in as drafts, write a bank out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from cbt.bank import queries
from cbt.bank.actions import importing
from cbt.bank.actions.importing import ImportOutcome
from cbt.bank.formats.library import check_files, read_paths
from cbt.bank.formats.yaml import BankFile, FileItem, picture_name, write_file
from cbt.bank.lint.report import render
from cbt.cli import bank_adopt, bank_check
from cbt.cli.bank_check import words_of_terminal
from cbt.cli.bank_people import author_of, body_of
from cbt.cli.context import Context
from cbt.errors import Refusal

FORMATS = ("yaml", "xlsx", "qti3", "qti22", "moodle", "gift")


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    deeds = subparsers.add_parser("bank", help="question banks").add_subparsers(dest="deed", required=True)
    bank_check.add_command(deeds)
    take = deeds.add_parser("import", help="take bank files in as drafts: all of them or none")
    take.add_argument("path", type=Path, metavar="PATH", help="a bank file or a folder of them")
    _add_place(take)
    take.add_argument("--dry-run", action="store_true", help="say what would happen and keep nothing")
    take.add_argument("--as", dest="login", metavar="LOGIN", help="the author; by default the body's first one")
    take.set_defaults(run=_import)
    bank_adopt.add_command(deeds)
    export = deeds.add_parser("export", help="write the bank of a position: approved versions, else the newest ones")
    _add_place(export)
    export.add_argument(
        "--out", required=True, type=Path, metavar="FOLDER", help="gets a file an area, pictures beside"
    )
    export.set_defaults(run=_export)


def _add_place(command: argparse.ArgumentParser) -> None:
    command.add_argument("--body", required=True, metavar="KATO", help="the KATO code of the body")
    command.add_argument("--position", required=True, help="such as att-care")
    command.add_argument("--format", default="yaml", choices=FORMATS)


# Import


def _import(args: argparse.Namespace, context: Context) -> int:
    _require_yaml(args.format)
    # What is taken in is what was checked, whatever happens to the files meanwhile.
    banks, missing = read_paths([args.path])
    report = check_files(banks, missing=missing)
    if report.bars_import:
        print(render(report, words_of_terminal()), end="", file=sys.stderr)
        return report.exit_status
    files = [file for file in banks if file.position == args.position]
    if not files:
        raise Refusal("nothing_to_import", position=args.position)
    # A reading session undoes what is written in it: a dry run is the import itself, not kept.
    with context.database.reading() if args.dry_run else context.database.transaction() as session:
        actor = author_of(session, body_of(session, args.body), args.login)
        outcomes = [
            (file, importing.import_bank_file(session, file=file, actor=actor, now=context.now())) for file in files
        ]
    for file, outcome in outcomes:
        print(f"{file.name}: {_counts(outcome)}")
    if args.dry_run:
        print("Dry run: nothing was kept.")
    return 0


def _counts(outcome: ImportOutcome) -> str:
    return (
        f"{len(outcome.created)} new, {len(outcome.new_versions)} new versions, "
        f"{len(outcome.updated_drafts)} drafts updated, {len(outcome.unchanged)} unchanged"
        + (f", {len(outcome.retired)} retired and left so" if outcome.retired else "")
    )


# Export


def _export(args: argparse.Namespace, context: Context) -> int:
    _require_yaml(args.format)
    folder: Path = args.out
    if folder.exists() and not folder.is_dir():
        raise Refusal("folder_expected", path=str(folder))
    with context.database.reading() as session:
        body = body_of(session, args.body)
        rows = queries.items_for_export(session, body_id=body.id, position=args.position)
        hashes = {picture.sha256 for row in rows for picture in row.content.pictures}
        pictures = {name: queries.picture_of(session, name, body_id=body.id).png for name in sorted(hashes)}
    folder.mkdir(parents=True, exist_ok=True)
    for sha256, png in pictures.items():
        (folder / picture_name(sha256)).write_bytes(png)
    for file in _files(args.position, rows):
        (folder / file.name).write_bytes(write_file(file).encode())
        print(f"{folder / file.name}: {len(file.items)}")
    return 0


def _files(position: str, rows: Iterable[queries.ItemRow]) -> list[BankFile]:
    by_area: dict[str, list[FileItem]] = {}
    for row in rows:
        by_area.setdefault(row.item.area, []).append(FileItem(row.item.code, row.content, row.item.practice))
    return [BankFile(f"{area}.yaml", position, area, tuple(items)) for area, items in by_area.items()]


def _require_yaml(format_: str) -> None:
    if format_ != "yaml":
        raise Refusal("format_not_offered", format=format_)

"""The demo: a fresh database with everything in it, the accounts printed, the server started."""

from __future__ import annotations

import argparse
import json
import os
import secrets
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import inspect, select

from cbt.accounts.models import Account
from cbt.audit.actions import seal
from cbt.cli import demo_data
from cbt.cli.context import Context
from cbt.cli.serve import serve
from cbt.errors import Refusal
from cbt.migrations import state
from cbt.settings import from_environment

DEMO_DATABASE = "sqlite:///instance/demo.db"
KEYS = Path("instance/demo-keys.json")


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    demo = subparsers.add_parser("demo", help="fresh demo data, accounts printed, served on this machine")
    demo.add_argument("--candidates", type=int, default=12)
    demo.add_argument("--json", type=Path, help="write accounts, sittings and candidates to this file")
    demo.add_argument("--no-serve", action="store_true")
    demo.add_argument("--host", default="127.0.0.1")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--workers", type=int, default=0)
    demo.set_defaults(run=_demo)


def _demo(args: argparse.Namespace, context: Context) -> int:
    context = _prepared(args)
    if not context.settings.is_loopback:
        raise Refusal("demo_only_here")
    _make_empty(context)
    print("Making demo data…", flush=True)
    made = demo_data.make(context.database, context.vault, candidates=args.candidates, now=context.now())
    with context.database.transaction() as session:
        seal(session, now=context.now())
    base_url = f"http://{args.host}:{args.port}"
    _print(made, base_url)
    if args.json:
        rows = asdict(made) | {"base_url": base_url}
        args.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    if args.no_serve:
        return 0
    return serve(context, host=args.host, port=args.port, workers=args.workers)


def _prepared(args: argparse.Namespace) -> Context:
    """Keys of its own where none are set, kept between runs; the server started later inherits them."""
    KEYS.parent.mkdir(parents=True, exist_ok=True)
    if not KEYS.exists():
        keys = {"CBT_SECRET_KEY": secrets.token_urlsafe(48), "CBT_DATA_KEY": secrets.token_urlsafe(48)}
        KEYS.touch(mode=0o600)
        KEYS.write_text(json.dumps(keys), encoding="utf-8")
    for name, value in json.loads(KEYS.read_text(encoding="utf-8")).items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("CBT_DATABASE_URL", DEMO_DATABASE)
    os.environ.setdefault("CBT_PUBLIC_URL", f"http://{args.host}:{args.port}")
    return Context(from_environment().require_sound())


def _make_empty(context: Context) -> None:
    """Throw away an earlier demo; a database with anything else in it is not touched. Refusal: demo_not_empty."""
    database = context.database
    tables = set(inspect(database.engine).get_table_names())
    if "account" in tables:
        with database.reading() as session:
            logins = set(session.scalars(select(Account.login)))
        if logins and demo_data.MARK not in logins:
            raise Refusal("demo_not_empty")
        state.downgrade(database, "base")
    state.upgrade(database)


def _print(made: demo_data.Demo, base_url: str) -> None:
    print(f"\nStaff sign in at {base_url}/login")
    for row in made.staff:
        print(f"  {row['login']:<24} {row['password']:<30} {row['role']:<15} {row['body']}")
    print(f"\nCandidates sign in at {base_url}/candidate/login (number, one-time code)")
    for candidate in made.candidates[:12]:
        code = "-".join(candidate.code[place : place + 4] for place in (0, 4, 8))
        print(f"  {candidate.iin}  {code}  {candidate.position}, sitting {candidate.sitting_id}")
    if len(made.candidates) > 12:
        print(f"  … and {len(made.candidates) - 12} more")
    print(flush=True)

"""Every house rule catches a planted violation, and leaves alone what only looks like one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.house import deeds, floors, pages, project, words
from tests.house.source import Finding, Module, Source

CAUGHT: list[tuple[Callable[[Module], Iterable[Finding]], str, str]] = [
    # up the floors and sideways
    (floors.imports_only_downwards, "cbt/bank/queries.py", "from cbt.delivery import queries"),
    (floors.imports_only_downwards, "cbt/bank/queries.py", "from cbt.web.words import WORDS"),
    (floors.imports_only_downwards, "cbt/bank/queries.py", "import cbt.results.models"),
    (floors.imports_only_downwards, "cbt/regulation/gate.py", "from cbt.audit import tags"),
    (floors.imports_only_downwards, "cbt/db.py", "from cbt.audit import actions"),
    (floors.imports_only_downwards, "cbt/web/pages.py", "from cbt.app import create_app"),
    (floors.imports_only_downwards, "cbt/web/pages.py", "from cbt.cli import context"),
    (floors.imports_only_downwards, "cbt/cli/demo.py", "from cbt.web import guard"),
    (floors.imports_only_downwards, "cbt/delivery/queries.py", "from cbt.models import metadata"),
    (floors.imports_only_downwards, "cbt/bank/queries.py", "def late():\n    from cbt.delivery import queries"),
    (floors.imports_only_downwards, "cbt/bank/queries.py", "from cbt.migrations import state"),
    (floors.imports_only_downwards, "cbt/web/author/views.py", "from cbt.migrations.state import is_current"),
    (floors.imports_only_downwards, "cbt/migrations/versions/0009_x.py", "from cbt.bank import actions"),
    (floors.imports_only_downwards, "cbt/shop/queries.py", "from cbt.bank import queries"),
    (floors.imports_only_downwards, "cbt/web/author/views.py", "from cbt.shop import queries"),
    (floors.imports_stay_in_their_audience, "cbt/web/author/views.py", "from cbt.web.reviewer import forms"),
    (floors.imports_stay_in_their_audience, "cbt/web/author/views.py", "import cbt.web.candidate.shown"),
    (floors.imports_stay_in_their_audience, "cbt/web/author/views.py", "from cbt.web import admin"),
    (floors.imports_stay_in_their_audience, "cbt/web/pages.py", "from cbt.web.candidate import words"),
    (floors.candidates_pages_do_not_know_the_bank, "cbt/web/candidate/views.py", "from cbt.bank.content import key"),
    (floors.candidates_pages_do_not_know_the_bank, "cbt/web/candidate/shown.py", "from cbt import bank"),
    (floors.imports_are_absolute, "cbt/bank/queries.py", "from . import models"),
    (floors.imports_are_absolute, "cbt/bank/queries.py", "from ..audit import tags"),
    (floors.imports_stand_at_the_top, "cbt/bank/queries.py", "def f():\n    from cbt.audit import tags"),
    # the rules are pure
    (floors.regulation_imports_only_the_pure, "cbt/regulation/draw.py", "import random"),
    (floors.regulation_imports_only_the_pure, "cbt/regulation/draw.py", "from secrets import token_hex"),
    (floors.regulation_imports_only_the_pure, "cbt/regulation/timing.py", "import time"),
    (floors.regulation_imports_only_the_pure, "cbt/regulation/draw.py", "import uuid"),
    (floors.regulation_imports_only_the_pure, "cbt/regulation/draw.py", "from os import urandom"),
    (floors.regulation_imports_only_the_pure, "cbt/regulation/draw.py", "import sqlalchemy"),
    (floors.regulation_imports_only_the_pure, "cbt/regulation/draw.py", "from cbt.db import Base"),
    (deeds.rules_have_no_clock_and_no_chance, "cbt/regulation/timing.py", "moment = datetime.now(UTC)"),
    (deeds.rules_have_no_clock_and_no_chance, "cbt/regulation/timing.py", "day = date.today()"),
    (deeds.rules_have_no_clock_and_no_chance, "cbt/regulation/timing.py", "at = time.time()"),
    (deeds.rules_have_no_clock_and_no_chance, "cbt/regulation/draw.py", "order = random.sample(items, 80)"),
    (deeds.rules_have_no_clock_and_no_chance, "cbt/regulation/draw.py", "seed = uuid.uuid4()"),
    (deeds.rules_have_no_clock_and_no_chance, "cbt/regulation/draw.py", "seed = os.urandom(8)"),
    # clocks and moments
    (deeds.the_clock_is_read_once, "cbt/delivery/actions/saving.py", "received = datetime.now(UTC)"),
    (deeds.the_clock_is_read_once, "cbt/web/candidate/views.py", "g.now = datetime.now(UTC)"),
    (deeds.moments_are_aware, "cbt/web/context.py", "g.now = datetime.now()"),
    (deeds.moments_are_aware, "cbt/web/context.py", "g.now = datetime.utcnow()"),
    (deeds.moments_are_aware, "cbt/web/context.py", "g.now = datetime.utcfromtimestamp(0)"),
    (deeds.moments_are_aware, "cbt/web/context.py", "g.now = datetime.fromtimestamp(0)"),
    (deeds.moments_are_aware, "cbt/web/context.py", "g.now = datetime(2026, 1, 1)"),
    (deeds.moments_are_aware, "cbt/web/context.py", "day = date.today()"),
    (deeds.moments_are_aware, "cbt/bank/actions/items.py", "moment = now.replace(tzinfo=None)"),
    # commits and rows
    (deeds.only_the_database_commits, "cbt/bank/actions/items.py", "session.commit()"),
    (deeds.only_the_database_commits, "cbt/web/author/views.py", "with engine.begin() as connection: pass"),
    (deeds.only_actions_write_rows, "cbt/bank/queries.py", "session.add(Item())"),
    (deeds.only_actions_write_rows, "cbt/bank/queries.py", "session.add_all([Item()])"),
    (deeds.only_actions_write_rows, "cbt/bank/queries.py", "session.delete(item)"),
    (deeds.only_actions_write_rows, "cbt/bank/queries.py", "session.merge(item)"),
    (deeds.only_actions_write_rows, "cbt/web/author/views.py", "with database().transaction() as work:\n    work.add(Item())"),
    (deeds.only_actions_write_rows, "cbt/bank/queries.py", "def f(rows: Session):\n    rows.add(Item())"),
    (deeds.only_actions_write_rows, "cbt/bank/queries.py", "from sqlalchemy import select, update"),
    (deeds.only_actions_write_rows, "cbt/bank/queries.py", "from sqlalchemy.dialects.postgresql import insert"),
    (deeds.only_actions_write_rows, "cbt/bank/queries.py", "s = postgresql.insert(Item)"),
    (deeds.only_actions_write_rows, "cbt/bank/queries.py", "s = Item.__table__.delete()"),
    (deeds.only_actions_write_rows, "cbt/cli/demo.py", "connection.exec_driver_sql('UPDATE item SET area = 1')"),
    (deeds.only_actions_write_rows, "cbt/cli/demo.py", "connection.exec_driver_sql(f'DELETE FROM {table}')"),
    (deeds.only_actions_write_rows, "cbt/bank/queries.py", "text('''\n  INSERT INTO item VALUES (1)''')"),
    # the framework at the edge
    (floors.flask_stays_at_the_edge, "cbt/bank/actions/items.py", "from flask import g"),
    (floors.flask_stays_at_the_edge, "cbt/i18n.py", "from flask_babel import gettext"),
    (floors.flask_stays_at_the_edge, "cbt/documents/slips.py", "import werkzeug.utils"),
    (floors.flask_stays_at_the_edge, "cbt/bank/check.py", "from wtforms import Form"),
]  # fmt: skip

LEFT_ALONE: list[tuple[Callable[[Module], Iterable[Finding]], str, str]] = [
    (floors.imports_only_downwards, "cbt/delivery/queries.py", "from cbt.bank.models import Picture\nfrom cbt import errors"),
    (floors.imports_only_downwards, "cbt/web/public/views.py", "from cbt.migrations.state import is_current"),
    (floors.imports_only_downwards, "cbt/cli/operations.py", "from cbt.migrations import state"),
    (floors.imports_only_downwards, "cbt/models.py", "from cbt.results import models"),
    (floors.imports_only_downwards, "cbt/migrations/env.py", "from cbt.models import metadata\nfrom cbt.db import Database"),
    (floors.imports_only_downwards, "cbt/app.py", "from cbt.web.author.views import blueprint"),
    (floors.imports_only_downwards, "cbt/settings.py", "from cbt.errors import Refusal"),
    (floors.imports_stay_in_their_audience, "cbt/web/author/views.py", "from cbt.web import guard\nfrom cbt.web.author import forms"),
    (floors.candidates_pages_do_not_know_the_bank, "cbt/web/author/views.py", "from cbt.bank import queries"),
    (floors.flask_stays_at_the_edge, "cbt/web/guard.py", "from flask import g"),
    (floors.regulation_imports_only_the_pure, "cbt/regulation/terms.py", "import calendar\nfrom cbt.zone import COUNTRY_ZONE"),
    (deeds.rules_have_no_clock_and_no_chance, "cbt/regulation/terms.py", "def f(*, now): return now + timedelta(1)"),
    (deeds.the_clock_is_read_once, "cbt/web/context.py", "g.now = datetime.now(UTC)"),
    (deeds.moments_are_aware, "cbt/web/context.py", "a = datetime.now(UTC)\nb = datetime(2026, 1, 1, tzinfo=UTC)\nc = datetime.now(tz=UTC)"),
    (deeds.only_the_database_commits, "cbt/db.py", "session.commit()"),
    (deeds.only_the_database_commits, "cbt/bank/actions/items.py", "undo = session.begin_nested()\nundo.commit()"),
    (deeds.only_actions_write_rows, "cbt/bank/actions/items.py", "session.add(Item())\nfrom sqlalchemy import update"),
    (deeds.only_actions_write_rows, "cbt/delivery/actions/saving.py", "text('INSERT INTO answer_event VALUES (1)')"),
    (deeds.only_actions_write_rows, "cbt/bank/queries.py", "seen = set()\nseen.add(1)\nfacts.update(a=1)\nrows.insert(0, 1)"),
]  # fmt: skip


def _ids(rows: list[tuple[Callable[..., object], str, str]]) -> list[str]:
    return [f"{rule.__name__}: {code.splitlines()[-1].strip()}" for rule, _, code in rows]


@pytest.mark.parametrize(("rule", "path", "code"), CAUGHT, ids=_ids(CAUGHT))
def test_a_planted_violation_is_caught(rule: Callable[[Module], Iterable[Finding]], path: str, code: str) -> None:
    findings = list(rule(Module(path, "\n\n" + code)))
    assert findings
    assert all(finding.path == path and finding.line > 2 for finding in findings)


@pytest.mark.parametrize(("rule", "path", "code"), LEFT_ALONE, ids=_ids(LEFT_ALONE))
def test_what_only_looks_like_a_violation_is_left_alone(
    rule: Callable[[Module], Iterable[Finding]], path: str, code: str
) -> None:
    assert list(rule(Module(path, code))) == []


def test_every_rule_over_modules_has_a_planted_violation() -> None:
    assert {rule for rule, _, _ in CAUGHT} == {*floors.RULES, *deeds.RULES}


WORDS = {"area_short": "The area %(area)s is short.", "unknown": "Not there."}


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("raise Refusal('no_such_words')", "no words"),
        ("raise Refusal('areaShort', area=1)", "not snake_case"),
        ("raise Refusal('area_short')", "does not carry"),
        ("raise Refusal('area_short', field='area')", "does not carry"),
        ("raise Refusal('unknown' if new else 'gone')", "no words"),
        ("raise Refusal(code)", "may be"),
        ("raise Refusal(refusal.code, field='iin')", "without its facts"),
    ],
)
def test_a_refusal_without_words_is_caught(code: str, what: str) -> None:
    findings = list(words.refusals_have_words(Module("cbt/bank/actions/items.py", code), WORDS))
    assert what in " ".join(finding.sentence for finding in findings)


@pytest.mark.parametrize(
    "code",
    ["Refusal('area_short', area=1)", "Refusal('area_short', **facts)", "Refusal(refusal.code, **refusal.facts)"],
)
def test_a_refusal_with_words_is_left_alone(code: str) -> None:
    assert not list(words.refusals_have_words(Module("cbt/bank/actions/items.py", code), WORDS))


@pytest.mark.parametrize("code", ["yield error('no_such', 'stem')", "yield warning('area_short')"])
def test_a_problem_without_a_sentence_is_caught(code: str) -> None:
    assert list(words.problems_have_words(Module("cbt/bank/check.py", code), WORDS))


def test_words_that_nobody_says_are_caught() -> None:
    module = Module("cbt/bank/actions/items.py", "raise Refusal('unknown')")
    assert words.unused_words((module,), WORDS) == ["area_short"]


TAGS = {"item.created": ("code",), "item.edited": ()}


@pytest.mark.parametrize(
    "code",
    [
        "record(session, 'item.made', actor=a, subject=s, now=now)",
        "record(session, 'item.created', actor=a, subject=s, now=now)",
        "record(session, 'item.edited', actor=a, subject=s, now=now, code=1)",
    ],
)
def test_an_entry_that_does_not_follow_its_tag_is_caught(code: str) -> None:
    assert list(words.records_follow_their_tags(Module("cbt/bank/actions/items.py", code), TAGS))


def test_a_tag_that_nobody_records_is_caught() -> None:
    module = Module("cbt/bank/actions/items.py", "record(session, 'item.edited', actor=a, subject=s, now=now)")
    assert not list(words.records_follow_their_tags(module, TAGS))
    assert words.unused_tags((module,), TAGS) == ["item.created"]


def test_a_setting_missing_from_the_readme_and_one_too_many_are_caught() -> None:
    named = words.settings_named_in("`CBT_DATA_KEY` and `CBT_OLD_NAME`")
    problems = words.Settings(frozenset({"CBT_DATA_KEY", "CBT_SECRET_KEY"}), named).problems()
    assert problems == ["the README does not name CBT_SECRET_KEY", "the README names CBT_OLD_NAME, which nothing reads"]


@pytest.mark.parametrize(
    "html",
    [
        "<p>Save the answer</p>",
        "<p>Сақтау</p>",
        "<h1>{{ title }} of {{ total }}</h1>",
        "{% if x %}<b>Error</b>{% endif %}",
        '<img src="a" alt="A house">',
        '<input placeholder="Login">',
        '<nav aria-label="Sections"></nav>',
        '<input type="submit" value="Send">',
        '{{ button("Save the answer") }}',
        '{{ button(_("Save"), hint="Press it once") }}',
    ],
)
def test_text_past_the_catalogues_is_caught(html: str) -> None:
    assert list(pages.text_goes_through_gettext(Source("x.html", html)))


@pytest.mark.parametrize(
    "html",
    [
        '<p>{{ _("Save the answer") }}</p>',
        "<p>{% trans %}Save the answer{% endtrans %}</p>",
        '{# A comment #}<!-- another --><p class="card is-wide" id="x">{{ name }} · 80 / {{ total }}</p>',
        "{% block body_class %}is-exam{% endblock %}",
        '<p lang="kk">Қазақ тілінде</p>',
        '<a lang="{{ code }}">{{ {"kk": "Қазақша", "ru": "Русский"}[code] }}</a>',
        '{{ ngettext("%(num)s Answer left", "%(num)s Answers left", n) }}',
        '<script type="application/json" id="words">{{ words }}</script>',
    ],
)
def test_text_through_the_catalogues_is_left_alone(html: str) -> None:
    assert not list(pages.text_goes_through_gettext(Source("x.html", html)))


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color: red">',
        "<style>p { color: red }</style>",
        "<script>alert(1)</script>",
        '<button onclick="go()">',
        '<a href="javascript:go()">',
    ],
)
def test_style_and_script_inside_a_page_are_caught(html: str) -> None:
    assert list(pages.no_style_or_script_of_its_own(Source("x.html", html)))


def test_script_by_address_is_left_alone() -> None:
    page = '<script type="module" src="{{ asset(\'a.js\') }}"></script><p data-on="x" one="1">'
    assert not list(pages.no_style_or_script_of_its_own(Source("x.html", page)))


def test_a_route_without_a_known_stamp_is_caught() -> None:
    views = [("a.open", "public"), ("a.forgotten", None), ("a.mistyped", "bank:item:wirte")]
    problems = pages.routes_without_stamp(views, frozenset({"public", "bank:item:write"}))
    assert [problem.split()[0] for problem in problems] == ["a.forgotten", "a.mistyped"]


def test_a_file_too_long_is_caught() -> None:
    assert list(project.files_are_short(Source("cbt/x.py", "\n" * 501)))
    assert not list(project.files_are_short(Source("cbt/x.py", "\n" * 500)))


def test_a_dependency_without_a_reason_is_caught() -> None:
    text = 'dependencies = [\n    "flask>=3",  # web framework\n    "celery>=5",\n]\ndev = [\n    "ruff",\n]\n'
    findings = list(project.dependencies_have_reasons(Source("pyproject.toml", text)))
    assert [finding.line for finding in findings] == [3, 6]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("requirements.lock", "--index-url https://mirror.example/simple"),
        ("requirements.lock", "flask @ https://files.example/flask.whl"),
        ("Makefile", "pip install --extra-index-url $(MIRROR) flask"),
        ("Makefile", "PIP_INDEX_URL=x pip install flask"),
        ("pyproject.toml", "[[tool.uv.index]]"),
        ("pyproject.toml", 'find-links = ["wheels"]'),
    ],
)
def test_a_named_source_of_packages_is_caught(path: str, line: str) -> None:
    assert list(project.no_package_source_is_named(Source(path, line)))

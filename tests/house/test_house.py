"""The house rules hold in the whole source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from flask import Flask

from cbt.accounts.permissions import CANDIDATE, GRANTS, PUBLIC, ROLES, ROLES_OF_BODY, STAFF
from cbt.audit.tags import TAGS
from cbt.bank.problem_words import sentences
from cbt.settings import variables
from cbt.web.guard import SELF_CHECKED
from cbt.web.words import WORDS
from tests import catalogues
from tests.house import deeds, floors, pages, project, words
from tests.house.source import ROOT, Finding, Source, imports_of, modules, templates, texts

SENTENCES = {code: str(text._args[0]) for code, text in WORDS.items()}
PROBLEMS = sentences(lambda sentence: sentence)


def _none(findings: Iterable[object]) -> None:
    found = [str(finding) for finding in findings]
    assert not found, f"{len(found)} broken:\n" + "\n".join(found)


def _names(rules: Iterable[Callable[..., object]]) -> list[str]:
    return [rule.__name__ for rule in rules]


MODULE_RULES = (*floors.RULES, *deeds.RULES)


@pytest.mark.parametrize("rule", MODULE_RULES, ids=_names(MODULE_RULES))
def test_the_source_keeps(rule: Callable[..., Iterable[Finding]]) -> None:
    _none(finding for module in modules() for finding in rule(module))


@pytest.mark.parametrize("rule", pages.RULES, ids=_names(pages.RULES))
def test_the_templates_keep(rule: Callable[..., Iterable[Finding]]) -> None:
    _none(finding for template in templates() for finding in rule(template))


def test_there_is_something_to_read() -> None:
    assert len(modules()) > 80
    assert len(templates()) > 10


def test_every_audience_of_the_web_is_known_to_the_floors() -> None:
    folders = {path.name for path in (ROOT / "cbt/web").iterdir() if (path / "__init__.py").exists()}
    assert folders <= floors.AUDIENCES


def test_no_exception_outlives_its_reason() -> None:
    assert not floors.exceptions_are_used([(module.name, one) for module in modules() for one in imports_of(module)])


def test_every_refusal_has_words_and_brings_what_they_name() -> None:
    _none(finding for module in modules() for finding in words.refusals_have_words(module, SENTENCES))


def test_every_problem_of_a_question_has_a_sentence_and_brings_what_it_names() -> None:
    _none(finding for module in modules() for finding in words.problems_have_words(module, PROBLEMS))


def test_no_words_are_kept_for_refusals_that_nobody_says() -> None:
    assert not words.unused_words(modules(), SENTENCES)


@pytest.mark.parametrize("locale", catalogues.LOCALES)
def test_every_refusal_speaks(locale: str) -> None:
    catalogue = catalogues.read(locale)
    silent = []
    for code, sentence in SENTENCES.items():
        known = catalogue.get(sentence)
        if known is None or not known.string or known.fuzzy:
            silent.append(f"{code}: no words")
        elif words.places(str(known.string)) != words.places(sentence):
            silent.append(f"{code}: {sorted(words.places(str(known.string)))}, not {sorted(words.places(sentence))}")
    _none(silent)


def test_every_entry_of_the_record_follows_its_tag() -> None:
    _none(finding for module in modules() for finding in words.records_follow_their_tags(module, TAGS))


def test_every_tag_is_recorded_somewhere() -> None:
    assert not words.unused_tags(modules(), TAGS)


def test_the_readme_names_every_setting_and_no_other() -> None:
    """Of the program and of its tests, whose names begin with CBT_TEST_."""
    of_tests = frozenset().union(
        *(words.settings_named_in(text) for text in (source.text for source in texts()) if "environ" in text)
    )
    read = frozenset(variables()) | {name for name in of_tests if name.startswith("CBT_TEST_")}
    _none(words.Settings(read, words.settings_named_in(_file("README.md").text)).problems())


def test_every_route_has_a_stamp_that_somebody_can_meet(app: Flask) -> None:
    known = frozenset().union(*GRANTS.values()) | {PUBLIC, CANDIDATE, STAFF, SELF_CHECKED}
    stamps = [(endpoint, getattr(view, "permission", None)) for endpoint, view in app.view_functions.items()]
    assert {rule.endpoint for rule in app.url_map.iter_rules()} <= {endpoint for endpoint, _ in stamps}
    _none(pages.routes_without_stamp(stamps, known))


def test_every_permission_opens_something(app: Flask) -> None:
    asked = {getattr(view, "permission", None) for view in app.view_functions.values()}
    asked |= {text for module in modules() if module.path.startswith("cbt/web/") for text in words.literals(module)}
    assert not frozenset().union(*GRANTS.values()) - asked


def test_every_role_is_granted_something_in_some_body() -> None:
    assert set(GRANTS) == set(ROLES) == set().union(*ROLES_OF_BODY.values())


def test_files_are_short() -> None:
    _none(finding for source in texts() for finding in project.files_are_short(source))


def test_each_dependency_says_why_it_is_there() -> None:
    _none(project.dependencies_have_reasons(_file("pyproject.toml")))


CONFIGURATIONS = ("pyproject.toml", "requirements.lock", "Makefile", ".ci/run", "README.md")


@pytest.mark.parametrize("path", CONFIGURATIONS)
def test_no_source_of_packages_is_named_in(path: str) -> None:
    _none(project.no_package_source_is_named(_file(path)))


def _file(path: str) -> Source:
    return Source(path, Path(ROOT, path).read_text("utf-8"))

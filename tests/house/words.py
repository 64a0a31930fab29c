"""Every refusal, problem and audited fact has its words, and carries what the words name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.house.source import Finding, Module, dotted, strings_of

_PLACE = re.compile(r"%\((\w+)\)")
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# Refusals whose code is put together or handed over at run time, and what it may be.
COMPOSED = {
    ("cbt/delivery/actions/registering.py", "f'{field}_unknown'"): ("stage_unknown", "workplace_unknown"),
    ("cbt/regulation/duties.py", "code"): (
        "author_cannot_approve",
        "drawer_cannot_approve",
        "planner_cannot_approve",
    ),
    ("cbt/accounts/actions.py", "code"): ("too_many_tries", "sign_in_wrong", "no_role_held"),
}


def places(text: str) -> set[str]:
    return set(_PLACE.findall(text))


@dataclass(frozen=True)
class Said:
    """A code in the source: where, with which facts; `open` when more facts may come along."""

    module: Module
    call: ast.Call
    codes: tuple[str, ...]
    facts: frozenset[str]
    open: bool


def _said(module: Module, names: set[str], place: int, not_facts: set[str]) -> Iterator[Said]:
    for call in module.calls:
        if dotted(call.func).rpartition(".")[2] in names and len(call.args) > place:
            yield Said(
                module,
                call,
                tuple(strings_of(call.args[place])),
                frozenset(keyword.arg for keyword in call.keywords if keyword.arg) - not_facts,
                any(keyword.arg is None for keyword in call.keywords),
            )


def refusals_of(module: Module) -> Iterator[Said]:
    yield from _said(module, {"Refusal"}, 0, {"field"})


def problems_of(module: Module) -> Iterator[Said]:
    """Problems of questions and bank files; only in cbt/bank, where `error` and `warning` mean them."""
    if module.path.startswith("cbt/bank/"):
        for said in _said(module, {"error", "warning"}, 0, set()):
            if not dotted(said.call.func).startswith(("log.", "logging.")):
                yield said


def records_of(module: Module) -> Iterator[Said]:
    if module.path != "cbt/audit/actions.py":
        yield from _said(module, {"record"}, 1, {"actor", "subject", "now", "body_id"})


def _composed(said: Said) -> tuple[str, ...] | None:
    return COMPOSED.get((said.module.path, ast.unparse(said.call.args[0])))


def refusals_have_words(module: Module, words: Mapping[str, str]) -> Iterator[Finding]:
    """`words`: the sentence of each code. Facts that a sentence names must come with the refusal."""
    for said in refusals_of(module):
        written = ast.unparse(said.call.args[0])
        if written.endswith(".code") and not said.open:
            yield module.finding(said.call, "a refusal is passed on without its facts; add **refusal.facts")
        elif not said.codes and _composed(said) is None and not written.endswith(".code"):
            yield module.finding(said.call, f"list in tests/house/words.py what the code `{written}` may be")
        for code in said.codes or _composed(said) or ():
            if not _CODE.fullmatch(code):
                yield module.finding(said.call, f"the code {code!r} is not snake_case")
            elif code not in words:
                yield module.finding(said.call, f"the refusal {code!r} has no words in cbt/web/words.py")
            elif not said.open and (missing := places(words[code]) - said.facts):
                yield module.finding(
                    said.call, f"the words of {code!r} name {sorted(missing)}, which the refusal does not carry"
                )


def problems_have_words(module: Module, words: Mapping[str, str]) -> Iterator[Finding]:
    for said in problems_of(module):
        for code in said.codes:
            if code not in words:
                yield module.finding(said.call, f"the problem {code!r} has no sentence in cbt/bank/check.py")
            elif not said.open and (missing := places(words[code]) - said.facts):
                yield module.finding(
                    said.call, f"the sentence of {code!r} names {sorted(missing)}, which the problem does not carry"
                )


def records_follow_their_tags(module: Module, tags: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """An entry has a known tag and exactly the facts that the tag declares."""
    for said in records_of(module):
        for tag in said.codes:
            if tag not in tags:
                yield module.finding(said.call, f"the tag {tag!r} is not in cbt/audit/tags.py")
            elif not said.open and said.facts != set(tags[tag]):
                yield module.finding(said.call, f"{tag!r} carries {sorted(tags[tag])}, not {sorted(said.facts)}")


def unused_tags(modules: tuple[Module, ...], tags: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Tags that no module with a `record…` call names."""
    recording = (module for module in modules if any("record" in dotted(call.func) for call in module.calls))
    return sorted(set(tags) - _literals_outside(recording, "cbt/audit/tags.py"))


def unused_words(modules: tuple[Module, ...], words: Mapping[str, str]) -> list[str]:
    """Words of codes that nothing says."""
    composed = {code for codes in COMPOSED.values() for code in codes}
    return sorted(set(words) - _literals_outside(modules, "cbt/web/words.py") - composed)


def literals(module: Module) -> set[str]:
    return {text for node in module.nodes(ast.Constant) for text in strings_of(node)}


def _literals_outside(modules: Iterable[Module], path: str) -> set[str]:
    return set().union(*(literals(module) for module in modules if module.path != path))


@dataclass(frozen=True)
class Settings:
    """The settings that the program reads and those that the README names."""

    read: frozenset[str]
    named: frozenset[str] = field(default_factory=frozenset)

    def problems(self) -> list[str]:
        missing = [f"the README does not name {name}" for name in sorted(self.read - self.named)]
        return missing + [f"the README names {name}, which nothing reads" for name in sorted(self.named - self.read)]


def settings_named_in(readme: str) -> frozenset[str]:
    return frozenset(re.findall(r"\bCBT_[A-Z0-9_]*[A-Z0-9](?![A-Z0-9_])", readme))

"""How far somebody is in a practice test, as it stands in the address: no cookie and no table knows of it.

`answers=1B-2AC-4c` says: question 1 is checked with B, 2 with A and C, and in 4 the choice is c, not checked yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cbt.bank.practice import PracticePaper, PracticeQuestion

LONGEST_SECONDS = 86_400
_ANSWER = re.compile(r"([1-9][0-9]?)([a-i]{1,9}|[A-I]{1,9})")
_NUMBER = re.compile(r"[0-9]{1,5}")
_BETWEEN = "-"


@dataclass(frozen=True)
class Answer:
    """The letters chosen in a question; once checked they stay."""

    choice: tuple[str, ...] = ()
    checked: bool = False


NO_ANSWER = Answer()


@dataclass(frozen=True)
class Progress:
    """`seconds`: how long the script has counted; without it nobody counts."""

    answers: Mapping[int, Answer] = field(default_factory=dict)
    flags: frozenset[int] = frozenset()
    seconds: int = 0

    def at(self, slot: int) -> Answer:
        return self.answers.get(slot, NO_ANSWER)

    def with_choice(self, slot: int, choice: tuple[str, ...]) -> Progress:
        """A checked answer is not changed any more."""
        if self.at(slot).checked:
            return self
        others = {place: answer for place, answer in self.answers.items() if place != slot}
        return replace(self, answers=others | ({slot: Answer(choice)} if choice else {}))

    def with_flag(self, slot: int, is_flagged: bool) -> Progress:
        return replace(self, flags=self.flags | {slot} if is_flagged else self.flags - {slot})

    def with_check(self, slot: int) -> Progress:
        """A question without a choice has nothing to check."""
        if slot not in self.answers:
            return self
        return replace(self, answers={**self.answers, slot: replace(self.answers[slot], checked=True)})

    def with_all_checked(self) -> Progress:
        return replace(self, answers={slot: replace(answer, checked=True) for slot, answer in self.answers.items()})

    def in_address(self) -> dict[str, str]:
        """The arguments of an address from which `read_progress` makes the same again."""
        said = {
            "answers": _BETWEEN.join(_written(slot, answer) for slot, answer in sorted(self.answers.items())),
            "flags": _BETWEEN.join(map(str, sorted(self.flags))),
            "seconds": str(self.seconds or ""),
        }
        return {name: value for name, value in said.items() if value}


def read_progress(paper: PracticePaper, arguments: Mapping[str, str]) -> Progress:
    """What an address says, as far as it fits the questions; the rest is passed over."""
    answers = {}
    for part in arguments.get("answers", "").split(_BETWEEN):
        if found := _ANSWER.fullmatch(part):
            slot, letters = int(found[1]), found[2]
            if slot <= len(paper.questions) and (choice := fitting(paper.questions[slot - 1], letters.lower())):
                answers[slot] = Answer(choice, checked=letters.isupper())
    slots = range(1, len(paper.questions) + 1)
    flags = (int(part) for part in arguments.get("flags", "").split(_BETWEEN) if _NUMBER.fullmatch(part))
    seconds = arguments.get("seconds", "")
    return Progress(
        answers=answers,
        flags=frozenset(flag for flag in flags if flag in slots),
        seconds=min(int(seconds), LONGEST_SECONDS) if _NUMBER.fullmatch(seconds) else 0,
    )


def fitting(question: PracticeQuestion, letters: str) -> tuple[str, ...]:
    """The letters as a choice of this question, in order; nothing where they cannot be one."""
    choice = tuple(sorted(set(letters)))
    known = {option.id for option in question.options}
    return choice if known.issuperset(choice) and (question.kind == "multiple" or len(choice) == 1) else ()


def _written(slot: int, answer: Answer) -> str:
    letters = "".join(answer.choice)
    return f"{slot}{letters.upper() if answer.checked else letters}"

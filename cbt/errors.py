"""The one way a rule says no: a code for programs, facts for people, words only at the edge."""

from __future__ import annotations


class Refusal(Exception):
    """A deed that is not done, with the reason as a code.

    `code` is snake_case and stable; `facts` are plain values that the words may mention;
    `field` names the form field to blame, where there is one.
    """

    def __init__(self, code: str, /, *, field: str | None = None, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.field = field
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.facts}" if self.facts else self.code

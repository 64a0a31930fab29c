"""The words of the practice test that its script also needs, so that every one of them goes through the catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from cbt.bank.practice import PracticeQuestion
from cbt.web.pages import current_locale
from cbt.web.player_words import positions


@dataclass(frozen=True, kw_only=True)
class PracticeWords:
    """The words in one language; `as_json` is what the script reads."""

    positions: tuple[str, ...]
    said: dict[str, str]
    as_json: Markup

    def cell_words(self, slot: int, *, answered: bool, flagged: bool, mark: str) -> str:
        """What a screen reader says of a square in the map of questions."""
        state = self.said[mark] if mark else self.said["answered" if answered else "not_answered"]
        marks = [state] + [self.said["flagged"]] * flagged
        return f"{self.said['cell'].replace('{number}', str(slot))}: {', '.join(marks)}"

    def verdict(self, question: PracticeQuestion, mark: str) -> str:
        if mark != "wrong":
            return self.said["verdict_right"] if mark else ""
        words = self.said["verdict_wrong" if len(question.key) == 1 else "verdict_wrong_several"]
        return words.replace("{letters}", ", ".join(letter.upper() for letter in sorted(question.key)))


def practice_words(total: int) -> PracticeWords:
    return _practice_words(current_locale(), total)


@lru_cache(maxsize=16)
def _practice_words(locale: str, total: int) -> PracticeWords:
    """Made once for each language of the page: a catalogue does not change while the server runs."""
    sentences, said = positions(total), _for_script()
    return PracticeWords(
        positions=tuple(sentences),
        said=said,
        as_json=htmlsafe_json_dumps({"positions": sentences, **said}, ensure_ascii=False, separators=(",", ":")),
    )


def _for_script() -> dict[str, str]:
    """Names in braces are places that the script fills."""
    return {
        "choose_one": _("Choose one answer"),
        "choose_several": _("Choose all the right answers"),
        "progress": _("Answered: %(count)s of %(total)s", count="{count}", total="{total}"),
        "cell": _("Question %(number)s", number="{number}"),
        "answered": _("answered"),
        "not_answered": _("not answered"),
        "flagged": _("flagged"),
        "right": _("right"),
        "wrong": _("wrong"),
        "verdict_right": _("Right"),
        "verdict_wrong": _("Wrong. The right answer is %(letters)s", letters="{letters}"),
        "verdict_wrong_several": _("Wrong. The right answers are %(letters)s", letters="{letters}"),
        "unanswered_count": _("Questions without an answer: %(count)s", count="{count}"),
        "flagged_count": _("Flagged questions: %(count)s", count="{count}"),
        "score": _("Right: %(count)s of %(total)s", count="{count}", total="{total}"),
        "points_of": _("%(points)s of %(maximum)s", points="{points}", maximum="{maximum}"),
    }

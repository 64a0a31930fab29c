"""The words that scripts put on the candidate's pages, so that every one of them goes through the catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _
from flask_babel import ngettext
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from cbt.web.pages import current_locale
from cbt.web.player_words import positions

SAID_AT_MINUTES = (30, 10, 5, 1)
# One zone since 2024-03-01; `Settings.require_sound` holds the server's zone data to it.
UTC_OFFSET_MINUTES = 300


@dataclass(frozen=True, kw_only=True)
class PlayerWords:
    """The words of the player in one language; `as_json` is what the script reads."""

    positions: tuple[str, ...]
    saved: str
    cell: str
    answered: str
    not_answered: str
    flagged: str
    as_json: Markup

    def cell_words(self, slot: int, *, answered: bool, flagged: bool) -> str:
        """What a screen reader says of a square in the map of questions."""
        marks = [self.answered if answered else self.not_answered] + [self.flagged] * flagged
        return f"{self.cell.replace('{number}', str(slot))}: {', '.join(marks)}"


def player_words(total: int) -> PlayerWords:
    return _player_words(current_locale(), total)


@lru_cache(maxsize=256)
def _player_words(locale: str, total: int) -> PlayerWords:
    """Made once for each language of the page: a catalogue does not change while the server runs."""
    words = _for_script(total)
    return PlayerWords(
        positions=tuple(positions(total)),
        saved=str(words["saved"]),
        cell=str(words["cell"]),
        answered=str(words["answered"]),
        not_answered=str(words["not_answered"]),
        flagged=str(words["flagged"]),
        as_json=htmlsafe_json_dumps(words, ensure_ascii=False, separators=(",", ":")),
    )


def _for_script(total: int) -> dict[str, object]:
    """Names in braces are places that the script fills."""
    return {
        "positions": positions(total),
        "utc_offset": UTC_OFFSET_MINUTES,
        "minutes_left": {
            number: ngettext("%(num)s minute left.", "%(num)s minutes left.", number) for number in SAID_AT_MINUTES
        },
        "choose_one": _("Choose one answer"),
        "choose_several": _("Choose all the right answers"),
        "saved": _("Saved"),
        "saved_at": _("Saved at %(time)s", time="{time}"),
        "sending": _("Sending…"),
        "unsent_count": _("Answers not sent: %(count)s", count="{count}"),
        "progress": _("Answered: %(count)s of %(total)s", count="{count}", total="{total}"),
        "cell": _("Question %(number)s", number="{number}"),
        "answered": _("answered"),
        "not_answered": _("not answered"),
        "flagged": _("flagged"),
        "not_sent": _("not sent"),
        "unanswered_count": _("Questions without an answer: %(count)s", count="{count}"),
        "flagged_count": _("Flagged questions: %(count)s", count="{count}"),
        "finish_failed": _(
            "The test is not finished: the server did not answer. Your answers are kept on this computer. Try again."
        ),
        "answers_differ": _(
            "The test is not finished: the server holds other answers to the questions %(slots)s. "
            "Look at them and finish again.",
            slots="{slots}",
        ),
        "another_person": _(
            "These answers belong to another person. Sign in with the number and the code of the person who began."
        ),
        "try_again": _("The server did not answer. Your answers are kept. Try again."),
    }


def waiting_words() -> dict[str, str]:
    """What the check of the computer may say."""
    return {
        "script_on": _("On"),
        "storage_good": _("Works"),
        "storage_closed": _("Closed by the browser. Do not close the page while answers are not sent."),
        "connection_good": _("Works, %(ms)s ms", ms="{ms}"),
        "connection_slow": _("Slow, %(ms)s ms. Answers will be sent with a delay.", ms="{ms}"),
        "clock_good": _("Right"),
        "clock_differs": _(
            "Differs by %(time)s (minutes and seconds). Only the clock of the server counts.", time="{time}"
        ),
        "screen_good": _("%(width)s × %(height)s, enough", width="{width}", height="{height}"),
        "screen_narrow": _(
            "%(width)s × %(height)s, narrow. The text will have to be scrolled.", width="{width}", height="{height}"
        ),
    }

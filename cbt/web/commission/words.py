"""Words of the commission's pages: where a candidate stands, what was decided, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from cbt.i18n import format_clock
from cbt.results.queries_file import Deed
from cbt.web.pages import current_locale
from cbt.web.words import WORDS

STATES = {
    "expected": _l("Expected"),
    "running": _l("Test is running"),
    "submitted": _l("Finished"),
    "expired": _l("Time was over"),
    "absent": _l("Did not come"),
    "annulled": _l("Annulled"),
    "cancelled": _l("Sitting cancelled"),
}
STATE_SHAPES = {
    "expected": "neutral",
    "running": "active",
    "submitted": "good",
    "expired": "warning",
    "absent": "neutral",
    "annulled": "bad",
    "cancelled": "neutral",
}
GATES = {
    "admitted": _l("Admitted"),
    "not_admitted": _l("Not admitted"),
    "by_vote": _l("Not admitted, by vote"),
    "none": _l("No result"),
}
GATE_SHAPES = {"admitted": "good", "not_admitted": "bad", "by_vote": "warning", "none": "neutral"}
# Whole sentences as the candidate reads them too. Source: AR r.15; at the repeat stage the commission decides, AR r.20.
VERDICTS = {
    "admitted": _l("Admitted to the interview"),
    "not_admitted": _l("Not admitted to the interview, subject to re-attestation"),
    "by_vote": _l("Not admitted to the interview, the commission takes the decision"),
}
STAGES = {"initial": _l("Initial attestation"), "repeat": _l("Repeat attestation")}
LANGUAGES = {"kk": _l("Kazakh"), "ru": _l("Russian")}
WORKPLACES = {"medico_social": _l("Medico-social institution"), "other": _l("Another organisation")}
SITTING_STATES = {
    "planned": _l("Planned"),
    "open": _l("Open"),
    "closed": _l("Closed"),
    "cancelled": _l("Cancelled"),
}
SITTING_SHAPES = {"planned": "neutral", "open": "active", "closed": "good", "cancelled": "bad"}
LEVELS = {"oblast": _l("oblast level"), "rayon": _l("rayon level")}
OUTCOME_DOCUMENTS = {"certificate": _l("Certificate"), "protocol_copy": _l("Copy of the protocol decision")}
_INCIDENTS = {"late_answers": _l("Answers arrived too late and were not counted")}

_DEEDS = {
    "candidate.registered": _l("Registered for the sitting"),
    "candidate.withdrawn": _l("Taken off the list of the sitting"),
    "candidate.code_issued": _l("A one-time code was issued"),
    "candidate.signed_in": _l("Signed in"),
    "candidate.sign_in_refused": _l("Sign-in was refused: %(reason)s"),
    "candidate.signed_out": _l("Signed out"),
    "attempt.issued": _l("A form of the test was handed out"),
    "attempt.started": _l("The test was started in %(language)s, time until %(deadline)s"),
    "attempt.start_refused": _l("The start was refused: %(reason)s"),
    "attempt.device_released": _l("The invigilator allowed another computer"),
    "attempt.device_taken": _l("The test went on after a new sign-in on the same computer"),
    "attempt.late_answers": _l("Answers that arrived too late are kept and not counted: %(count)s"),
    "attempt.save_refused": _l("Answers were not accepted: %(reason)s"),
    "attempt.submit_refused": _l("The test was not finished: %(reason)s"),
    "attempt.closed": _l("The test was closed, answers received: %(events)s"),
    "result.announced": _l("The result was announced, points: %(points)s"),
    "result.printed": _l("The result sheet was taken"),
}
_SECOND_DEVICE = _l("Signed in on a second computer, to look only")
_CLOSED = {
    "submitted": _l("The candidate finished the test, answers received: %(events)s"),
    "expired": _l("Time was over and the test was closed, answers received: %(events)s"),
}
_TROUBLE = {"attempt.late_answers", "attempt.device_released", "candidate.withdrawn"}


def incident(kind: str) -> str:
    return str(_INCIDENTS.get(kind, kind))


def deed(done: Deed) -> str:
    """What was done, in one sentence, with how many times in a row."""
    facts = done.facts
    text = _DEEDS.get(done.tag, done.tag)
    if done.tag == "candidate.signed_in" and facts.get("second_device"):
        text = _SECOND_DEVICE
    if done.tag == "attempt.closed":
        text = _CLOSED.get(str(facts.get("state")), text)
    sentence = str(text) % _places(facts)
    if done.times == 1:
        return sentence
    return ngettext("%(sentence)s (%(num)s time)", "%(sentence)s (%(num)s times)", done.times, sentence=sentence)


def _places(facts: Mapping[str, object]) -> dict[str, object]:
    """What a sentence may mention: no slot, no choice."""
    deadline = facts.get("deadline")
    slots = facts.get("slots")
    return {
        "reason": _reason(str(facts.get("code", ""))),
        "language": str(LANGUAGES.get(str(facts.get("language")), "")),
        "deadline": format_clock(datetime.fromisoformat(deadline), current_locale())
        if isinstance(deadline, str)
        else "",
        "count": len(slots) if isinstance(slots, list) else 0,
        "events": facts.get("events", 0),
        "points": facts.get("points", 0),
    }


def _reason(code: str) -> str:
    """The refusal's own words where they need no facts, and its code otherwise."""
    text = str(WORDS.get(code, code))
    return code if "%(" in text else text


def deed_shape(done: Deed) -> str:
    if not done.seal.holds:
        return "bad"
    if done.tag.endswith("_refused") or done.tag in _TROUBLE or done.facts.get("second_device"):
        return "warning"
    return "good" if done.tag in {"attempt.started", "attempt.closed", "result.announced"} else "neutral"


def actor(done: Deed) -> str:
    if done.actor_name:
        return done.actor_name
    return _("The candidate") if done.actor.startswith("registration:") else _("The system")


def seal(done: Deed) -> str:
    if not done.seal.holds:
        return _("differs from what was sealed in batch %(number)s", number=done.seal.batch)
    if done.seal.batch is None:
        return _("not sealed yet")
    return _("sealed in batch %(number)s", number=done.seal.batch)

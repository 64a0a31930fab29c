"""The practice test for everybody: choose a position, answer, see at once why; nothing is asked and nothing is kept.

Every page follows from its address alone, so no page reads the database, the session of a browser or a cookie; only the
two pages before the start are in the language that the visitor has chosen for all pages.
"""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path

from flask import Blueprint, Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from cbt.accounts.permissions import PUBLIC
from cbt.bank.formats.reference import library_folder
from cbt.bank.practice import (
    QUESTIONS,
    PracticePaper,
    positions_offered,
    practice_paper,
    practice_picture,
    require_offered,
)
from cbt.regulation import editions
from cbt.web.bundle import script_response, script_version
from cbt.web.context import services
from cbt.web.guard import permit
from cbt.web.pages import current_locale, page, position_title
from cbt.web.practice import shown
from cbt.web.practice.progress import Progress, fitting, read_progress
from cbt.web.practice.words import practice_words

blueprint = Blueprint("practice", __name__, template_folder="templates", url_prefix="/practice")

LANGUAGES = ("kk", "ru")
# The same for everybody who has the address; short, because a new edition of the library may mend a text.
FOR_ALL = "public, max-age=600"
FOR_EVER = "public, max-age=31536000, immutable"
# In the language of this visitor: kept, but asked for anew each time.
FOR_ONE = "private, no-cache"
_SEED = re.compile(r"[0-9a-z]{1,16}")
_PAGES = ("question", "overview", "summary")


@blueprint.before_request
def _know_nobody() -> None:
    """Who is signed in does not matter here, and is not looked up."""
    g.bare_page = True


def _kept(data: str, policy: str, content_type: str = "text/html; charset=utf-8") -> Response:
    response = Response(data, content_type=content_type)
    response.headers["Cache-Control"] = policy
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def _library() -> Path:
    return library_folder(services().settings.library)


def _rules() -> editions.TestRules:
    test = editions.edition(editions.DEFAULT_EDITION).test
    assert test is not None, "the edition in use has a test"
    return test


# Before the start


@blueprint.get("")
@permit(PUBLIC)
def index() -> Response:
    return _kept(
        page(
            "practice/index.html",
            positions=[(position, position_title(position)) for position in positions_offered(_library())],
            questions=QUESTIONS,
            minutes=_minutes_at_the_pace_of_the_day(),
        ),
        FOR_ONE,
    )


def _minutes_at_the_pace_of_the_day() -> int:
    test = _rules()
    return round(test.max_minutes * QUESTIONS / test.items)


@blueprint.get("/<position>")
@permit(PUBLIC)
def opening(position: str) -> ResponseReturnValue:
    return _kept(_opening_page(position), FOR_ONE)


def _opening_page(position: str, language_error: str | None = None) -> str:
    require_offered(_library(), position)
    return page(
        "practice/start.html",
        position=position,
        title=position_title(position),
        questions=QUESTIONS,
        minutes=_minutes_at_the_pace_of_the_day(),
        test=_rules(),
        chosen=current_locale(),
        language_error=language_error,
    )


@blueprint.get("/<position>/start")
@permit(PUBLIC)
def start(position: str) -> ResponseReturnValue:
    """A new draw: its seed stands in the address from here on."""
    language = request.args.get("language")
    if language not in LANGUAGES:
        return _opening_page(position, _("Choose the language of the test.")), 422
    require_offered(_library(), position)
    return redirect(url_for("practice.player", position=position, language=language, seed=secrets.token_hex(4)))


# The test


def _paper(position: str, seed: str) -> PracticePaper:
    if not _SEED.fullmatch(seed):
        abort(404)
    return practice_paper(_library(), position=position, seed=seed)


def _asked_slot() -> int:
    asked = request.args.get("slot", "1")
    return min(max(1, int(asked)), QUESTIONS) if re.fullmatch(r"[0-9]{1,3}", asked) else 1


@blueprint.get("/<position>/<any(kk, ru):language>/<seed>")
@permit(PUBLIC)
def player(position: str, language: str, seed: str) -> Response:
    paper = _paper(position, seed)
    with force_locale(language):
        return _kept(_player_page(paper, language, seed), FOR_ALL)


def _player_page(paper: PracticePaper, language: str, seed: str) -> str:
    progress, slot, words = read_progress(paper, request.args), _asked_slot(), practice_words(QUESTIONS)
    question, answer = paper.questions[slot - 1], progress.at(slot)
    peeked, name = request.args.get("show"), request.args.get("page", "")
    page_name = name if name in _PAGES else "question"
    rows = shown.rows_shown(paper, progress, words, here=slot)
    return page(
        "practice/player.html",
        page_name=page_name,
        position=position_title(paper.position),
        position_code=paper.position,
        test_language=language,
        language=peeked if peeked in LANGUAGES else language,
        slot=slot,
        total=QUESTIONS,
        item=shown.question_shown(paper, slot, peeked if peeked in LANGUAGES else language),
        choice=answer.choice,
        checked=answer.checked,
        marks=shown.signs_of(question, answer),
        explanation=shown.explanation_shown(question, answer, words, first=language),
        is_choice_missing="missing" in request.args and not answer.choice,
        rows=rows,
        is_flagged=rows[slot - 1].flagged,
        summary=shown.summary_shown(paper, progress, language=language),
        state=progress.in_address(),
        to_slot=_address_of(paper, progress, language=language, seed=seed) + "slot=",
        move_url=url_for("practice.move", position=paper.position, language=language, seed=seed),
        again_url=url_for("practice.start", position=paper.position, language=language),
        same_url=url_for("practice.player", position=paper.position, language=language, seed=seed),
        questions_url=url_for("practice.questions", position=paper.position, seed=seed, v=_version_of(paper)),
        player_url=url_for("practice.script", v=script_version("practice")),
        words=words,
        test=_rules(),
        minutes=_minutes_at_the_pace_of_the_day(),
    )


def _address_of(paper: PracticePaper, progress: Progress, *, language: str, seed: str) -> str:
    """The address of the test so far, ready for one more argument."""
    address = url_for("practice.player", position=paper.position, language=language, seed=seed)
    said = "".join(f"{name}={value}&" for name, value in progress.in_address().items())
    return f"{address}?{said}"


@blueprint.get("/<position>/<any(kk, ru):language>/<seed>/move")
@permit(PUBLIC)
def move(position: str, language: str, seed: str) -> ResponseReturnValue:
    """What a form of a page without scripts says: the choice, the flag, and where to go."""
    paper, slot = _paper(position, seed), _asked_slot()
    action = request.args.get("action", "check")
    letters = "" if action == "clear" else "".join(request.args.getlist("choice"))
    progress = read_progress(paper, request.args)
    if not progress.at(slot).checked:
        progress = progress.with_choice(slot, fitting(paper.questions[slot - 1], letters))
    progress = progress.with_flag(slot, request.args.get("flagged") == "1")
    if action == "check":
        progress = progress.with_check(slot)
    elif action == "summary":
        progress = progress.with_all_checked()
    return redirect(_address_of(paper, progress, language=language, seed=seed) + _place_after(action, slot, progress))


def _place_after(action: str, slot: int, progress: Progress) -> str:
    if action == "summary":
        return "page=summary"
    if action == "overview" or (action == "next" and slot >= QUESTIONS):
        return f"page=overview&slot={slot}"
    if action == "check":
        return f"slot={slot}#verdict" if progress.at(slot).checked else f"slot={slot}&missing=1"
    if action == "peek":
        return f"slot={slot}&show={'ru' if request.args.get('show') == 'kk' else 'kk'}"
    if re.fullmatch(r"goto:[0-9]{1,3}", action):
        return f"slot={action[5:]}"
    return f"slot={slot + {'next': 1, 'previous': -1}.get(action, 0)}"


@blueprint.get("/<position>/questions/<seed>")
@permit(PUBLIC)
def questions(position: str, seed: str) -> Response:
    """All of a draw at once, so that the test goes on when the line drops."""
    paper = _paper(position, seed)
    data = json.dumps(shown.questions_as_json(paper), ensure_ascii=False, separators=(",", ":"))
    is_current = request.args.get("v") == _version_of(paper)
    return _kept(data, FOR_EVER if is_current else FOR_ALL, "application/json")


def _version_of(paper: PracticePaper) -> str:
    """Changes with the texts, and with the script that reads them."""
    return f"{paper.digest[:10]}{script_version('practice')[:6]}"


@blueprint.get("/<position>/picture/<sha256>")
@permit(PUBLIC)
def picture(position: str, sha256: str) -> Response:
    response = Response(practice_picture(_library(), position=position, sha256=sha256), content_type="image/png")
    response.headers["Cache-Control"] = FOR_EVER
    return response


@blueprint.get("/player.js")
@permit(PUBLIC)
def script() -> Response:
    return script_response("practice")

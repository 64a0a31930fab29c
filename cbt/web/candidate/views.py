"""The candidate's road: sign in, wait, start, answer, finish, read the result."""

from __future__ import annotations

import secrets
import uuid

from flask import Blueprint, Response, abort, g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from cbt.accounts.permissions import CANDIDATE, PUBLIC
from cbt.delivery import queries_attempt as delivery
from cbt.delivery import sheet
from cbt.delivery.actions import attempts, entering, saving
from cbt.delivery.models import Attempt
from cbt.errors import Refusal
from cbt.i18n import format_duration
from cbt.regulation import timing
from cbt.results import actions as results
from cbt.results import queries as result_queries
from cbt.web import guard
from cbt.web.bundle import script_response, script_version
from cbt.web.candidate import printing, shown, words
from cbt.web.candidate.api import ATTEMPT, settle
from cbt.web.candidate.forms import SignInForm
from cbt.web.context import database, now, services, vault
from cbt.web.guard import CandidateUser, candidate, permit
from cbt.web.messages import STATUS, refuse_json, words_for
from cbt.web.pages import attachment, page, position_title

blueprint = Blueprint("candidate", __name__, template_folder="templates", url_prefix="/candidate")

CLOSED = frozenset({"submitted", "expired", "annulled"})
# Names this browser, so that a candidate whose session was lost is known as being at the same machine.
DEVICE_COOKIE = "cbt-device"
DEVICE_LIFE_S = 24 * 60 * 60


# Sign-in


@blueprint.route("/login", methods=["GET", "POST"])
@permit(PUBLIC)
def login() -> ResponseReturnValue:
    """For people a page; for the player, whose session ended in the middle of the test, the same deed as JSON."""
    wants_json = request.accept_mimetypes.best == "application/json"
    if request.method == "GET" and wants_json:
        return jsonify(csrf_token=generate_csrf())
    if request.method == "GET" and isinstance(current_user._get_current_object(), CandidateUser):
        return redirect(url_for("candidate.waiting"))
    form = SignInForm()
    if not form.validate_on_submit():
        return page("candidate/login.html", form=form), 422 if form.is_submitted() else 200
    device = request.cookies.get(_device_cookie()) or secrets.token_urlsafe(24)
    outcome = _enter(form, device)
    if isinstance(outcome, Refusal):
        if wants_json:
            return refuse_json(outcome)
        field = form.iin if outcome.field == "iin" else form.code
        field.errors = [words_for(outcome)]
        return page("candidate/login.html", form=form), STATUS.get(outcome.code, 422)
    _begin_session(outcome)
    response = jsonify(csrf_token=generate_csrf()) if wants_json else redirect(url_for("candidate.waiting"))
    response.set_cookie(
        _device_cookie(),
        device,
        max_age=DEVICE_LIFE_S,
        httponly=True,
        secure=services().settings.is_https,
        samesite="Lax",
    )
    return response


def _device_cookie() -> str:
    return f"__Host-{DEVICE_COOKIE}" if services().settings.is_https else DEVICE_COOKIE


def _enter(form: SignInForm, device: str) -> entering.Entry | Refusal:
    """`attempt` in the form names whose answers wait: somebody else's sign-in is undone before it changes anything."""
    try:
        with database().transaction() as db:
            outcome = entering.sign_in(
                db,
                vault=vault(),
                iin=form.iin.data or "",
                code=form.code.data or "",
                device=device,
                replaces=guard.session_token(),
                now=now(),
            )
            expected = request.form.get("attempt")
            if expected and isinstance(outcome, entering.Entry) and outcome.attempt_id != expected:
                raise Refusal("another_person", field="iin")
            return outcome
    except Refusal as refusal:
        return refusal


def _begin_session(entry: entering.Entry) -> None:
    """Nothing of the session before survives the sign-in except the language."""
    locale = session.get("locale")
    session.clear()
    g.pop("csrf_token", None)
    if locale:
        session["locale"] = locale
    if entry.attempt_id:
        session[ATTEMPT] = entry.attempt_id
    login_user(guard.load_user(entry.token))


@blueprint.post("/logout")
@permit(CANDIDATE)
def logout() -> AnyResponse:
    user = candidate()
    with database().transaction() as db:
        entering.sign_out(db, token=user.token, registration_id=user.registration_id, now=now())
    logout_user()
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    response = redirect(url_for("candidate.login"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


# Waiting room and start


@blueprint.get("")
@permit(CANDIDATE)
def waiting() -> ResponseReturnValue:
    return _waiting_page()


def _waiting_page(language_error: str | None = None) -> ResponseReturnValue:
    with database().reading() as db:
        seat = delivery.seat_of(db, candidate().registration_id)
        if seat.attempt is not None and seat.attempt.state != "issued":
            return redirect(url_for("candidate.result" if seat.attempt.state in CLOSED else "candidate.exam"))
        text = page(
            "candidate/waiting.html",
            seat=shown.seat_shown(seat),
            standing=shown.why_not_yet(seat, now=now()),
            server_ms=int(now().timestamp() * 1000),
            practice=shown.practice_question(),
            words=words.waiting_words(),
            player_url=_script_url(),
            language_error=language_error,
        )
    return (text, 422) if language_error else text


@blueprint.get("/start")
@permit(CANDIDATE)
def confirm_start() -> ResponseReturnValue:
    """The page of the deed that cannot be undone."""
    language = request.args.get("language")
    if language not in {"kk", "ru"}:
        return _waiting_page(words_for(Refusal("language_needed")))
    with database().reading() as db:
        seat = delivery.seat_of(db, candidate().registration_id)
        if (seat.attempt is not None and seat.attempt.state != "issued") or shown.why_not_yet(seat, now=now()):
            return redirect(url_for("candidate.waiting"))
    return page(
        "confirm.html",
        title=_("Start the test in Kazakh?") if language == "kk" else _("Start the test in Russian?"),
        deed=_("The questions open and the clock starts: %(minutes)s minutes.", minutes=seat.minutes),
        final=_("The clock cannot be stopped, and the language cannot be changed."),
        button=_("Start the test"),
        action_url=url_for("candidate.start"),
        cancel_url=url_for("candidate.waiting"),
        fields={"language": language},
    )


@blueprint.post("/start")
@permit(CANDIDATE)
def start() -> ResponseReturnValue:
    user = candidate()
    try:
        with database().transaction() as db:
            attempt = attempts.start_attempt(
                db,
                registration_id=user.registration_id,
                language=request.form.get("language"),
                session_key=user.session_key,
                now=now(),
            )
    except Refusal as refusal:
        with database().transaction() as db:
            attempts.record_refusal(
                db, tag="attempt.start_refused", refusal=refusal, registration_id=user.registration_id, attempt_id=None,
                now=now(),
            )  # fmt: skip
        if refusal.code == "language_needed":
            return _waiting_page(words_for(refusal))
        return redirect(url_for("candidate.waiting"))
    session[ATTEMPT] = attempt.id
    session["locale"] = attempt.language
    return redirect(url_for("candidate.exam"))


# The player


@blueprint.get("/exam")
@permit(CANDIDATE)
def exam() -> ResponseReturnValue:
    user = candidate()
    with database().reading() as db:
        seat = delivery.seat_of(db, user.registration_id)
        attempt = seat.attempt
        if attempt is None or attempt.started_at is None:
            return redirect(url_for("candidate.waiting"))
        if not _is_running(attempt):
            return redirect(url_for("candidate.result"))
        answers = delivery.current_answers(db, attempt.id)
        slot = _asked_slot(attempt)
        languages = sheet.languages_of(attempt)
        peeked = request.args.get("language")
        language = peeked if peeked in languages else attempt.language or languages[0]
        answer = answers.get(slot, shown.NO_ANSWER)
        return page(
            "candidate/exam.html",
            attempt_id=attempt.id,
            position=position_title(seat.position),
            total=attempt.number_of_items,
            slot=slot,
            item=shown.question_shown(sheet.shown_item(db, attempt, slot=slot), language),
            language=language,
            other_language=next((code for code in languages if code != language), None),
            choice=answer.choice,
            flagged=answer.flagged,
            is_saved=bool(answer.seq),
            rows=shown.rows_shown(attempt, answers, here=slot),
            first=slot == 1,
            last=slot == attempt.number_of_items,
            left=_time_left(attempt),
            deadline=attempt.deadline,
            key=str(uuid.uuid4()),
            words=words.player_words(attempt.number_of_items),
            player_url=_script_url(),
            result_url=url_for("candidate.result"),
            locked=attempt.live_session != user.session_key,
        )


def _is_running(attempt: Attempt) -> bool:
    return (
        attempt.state in {"started", "paused"}
        and attempt.deadline is not None
        and timing.is_open(deadline=attempt.deadline, now=now())
    )


def _asked_slot(attempt: Attempt) -> int:
    asked = request.args.get("slot", "1")
    return min(max(1, int(asked)), attempt.number_of_items) if asked.isdecimal() and len(asked) < 4 else 1


def _time_left(attempt: Attempt) -> str:
    assert attempt.deadline is not None
    return format_duration(attempt.deadline - now())


@blueprint.post("/answer")
@permit(CANDIDATE)
def answer() -> ResponseReturnValue:
    """One answer from a page without scripts, and the move that goes with it."""
    user = candidate()
    with database().reading() as db:
        attempt = delivery.own_attempt(db, registration_id=user.registration_id)
        attempt_id, total = attempt.id, attempt.number_of_items
        event = _posted_event(attempt)
        known = delivery.current_answers(db, attempt_id).get(event["slot"], shown.NO_ANSWER)
    event["key"] = _key_after(known.seq, event)
    if (tuple(event["choice"]), event["flagged"]) != (known.choice, known.flagged):
        try:
            saving.save_body(
                database(), attempt_id=attempt_id, session_key=user.session_key, body={"events": [event]}, now=now()
            )
        except Refusal as refusal:
            if refusal.code == "attempt_closed":
                return redirect(url_for("candidate.result"))
            if refusal.code != "read_only_here":
                raise
    return redirect(_after_answer(event["slot"], total))


def _posted_event(attempt: Attempt) -> dict:
    """The event in a form; what it says is checked where every event is. An odd number is nobody's slot."""
    slot = request.form.get("slot", "")
    cleared = request.form.get("action") == "clear"
    return {
        "key": request.form.get("key"),
        "slot": int(slot) if slot.isdecimal() and len(slot) < 4 else 0,
        "choice": [] if cleared else sorted(request.form.getlist("choice")),
        "flagged": request.form.get("flagged") == "1",
        "language": request.form.get("language") or attempt.language,
        "at_ms": 0,
    }


def _key_after(seq: int, event: dict) -> str:
    """The key of a posted answer: two clicks are one answer, but another choice on a page that the browser kept, with
    its old key, is a new one. `seq` is the number of the answer it replaces."""
    try:
        given = uuid.UUID(event["key"] or "")
    except ValueError:
        return event["key"]  # refused where every key is checked
    return str(uuid.uuid5(given, f"{seq} {event['slot']} {event['choice']} {event['flagged']}"))


def _after_answer(slot: int, total: int) -> str:
    action = request.form.get("action", "next")
    if action == "overview" or (action == "next" and slot >= total):
        return url_for("candidate.finish_overview", slot=slot)
    if action == "peek":
        shown_language = request.form.get("language")
        return url_for("candidate.exam", slot=slot, language="ru" if shown_language == "kk" else "kk")
    if action.startswith("goto:") and action[5:].isdecimal() and len(action) < 9:
        return url_for("candidate.exam", slot=int(action[5:]))
    return url_for("candidate.exam", slot=slot + {"next": 1, "previous": -1}.get(action, 0))


@blueprint.get("/picture/<int:number>")
@permit(CANDIDATE)
def picture(number: int) -> Response:
    with database().reading() as db:
        attempt = delivery.own_attempt(db, registration_id=candidate().registration_id)
        if not _is_running(attempt):
            abort(404)
        return Response(delivery.picture_of(db, attempt, number=number), content_type="image/png")


def _script_url() -> str:
    return url_for("candidate.script", v=script_version("main"))


@blueprint.get("/player.js")
@permit(PUBLIC)
def script() -> Response:
    return script_response("main")


# Finish and result


@blueprint.get("/finish")
@permit(CANDIDATE)
def finish_overview() -> ResponseReturnValue:
    return _finish_page()


def _finish_page(message: str | None = None, status: int = 200) -> ResponseReturnValue:
    with database().reading() as db:
        attempt = delivery.own_attempt(db, registration_id=candidate().registration_id)
        if not _is_running(attempt):
            return redirect(url_for("candidate.result"))
        answers = delivery.current_answers(db, attempt.id)
        text = page(
            "candidate/finish.html",
            rows=shown.rows_shown(attempt, answers),
            slot=_asked_slot(attempt),
            left=_time_left(attempt),
            message=message,
        )
    return text, status


@blueprint.post("/finish")
@permit(CANDIDATE)
def finish() -> ResponseReturnValue:
    """Finish without scripts: what the server holds is what the page has shown."""
    user = candidate()
    attempt_id = None
    try:
        with database().transaction() as db:
            attempt_id = delivery.own_attempt(db, registration_id=user.registration_id).id
            answers = delivery.current_answers(db, attempt_id)
            held = {slot: each.choice for slot, each in answers.items() if each.choice}
            results.submit_attempt(
                db,
                attempt_id=attempt_id,
                session_key=user.session_key,
                count=len(held),
                digest=results.answers_digest(held),
                answers=held,
                now=now(),
            )
    except Refusal as refusal:
        with database().transaction() as db:
            attempts.record_refusal(
                db, tag="attempt.submit_refused", refusal=refusal, registration_id=user.registration_id,
                attempt_id=attempt_id, now=now(),
            )  # fmt: skip
        if refusal.code not in {"read_only_here", "answers_differ"}:
            return redirect(url_for("candidate.waiting"))
        return _finish_page(words_for(refusal), STATUS[refusal.code])
    return redirect(url_for("candidate.result"))


@blueprint.get("/result")
@permit(CANDIDATE)
def result() -> ResponseReturnValue:
    user = candidate()
    with database().transaction() as db:
        seat = delivery.seat_of(db, user.registration_id)
        if seat.attempt is not None:
            settle(db, seat.attempt)
        own = result_queries.own_result(db, registration_id=user.registration_id)
        if own is not None:
            return page("candidate/result.html", result=shown.result_shown(own, seat))
    if seat.attempt is not None and seat.attempt.started_at and not _is_running(seat.attempt):
        return page("candidate/closing.html")
    return redirect(url_for("candidate.waiting"))


@blueprint.get("/result.pdf")
@permit(CANDIDATE)
def result_sheet() -> Response:
    user = candidate()
    with database().transaction() as db:
        seat = delivery.seat_of(db, user.registration_id)
        own = result_queries.own_result(db, registration_id=user.registration_id)
        if own is None:
            abort(404)
        results.note_printed(
            db, registration_id=user.registration_id, attempt_id=own.attempt_id, language=own.language, now=now()
        )
    address = url_for("candidate.check", attempt_id=own.attempt_id, value=printing.check_value(own))
    # Made when the record is written: nobody's answer waits for a page to be set.
    with database().reading() as db:
        pdf = printing.result_pdf(
            db, seat=seat, result=own, vault=vault(), check_address=services().settings.public_url.rstrip("/") + address
        )
    name = {"kk": "natizhe", "ru": "rezultat"}[own.language]
    return attachment(pdf, name=f"{name}-{own.attempt_id[:8]}.pdf", content_type="application/pdf")


@blueprint.get("/check/<attempt_id>/<value>")
@permit(PUBLIC)
def check(attempt_id: str, value: str) -> ResponseReturnValue:
    """Whether a printed result sheet says what the record says; the name stays on the paper."""
    with database().reading() as db:
        attempt = db.get(Attempt, attempt_id)
        own = result_queries.own_result(db, registration_id=attempt.registration_id) if attempt else None
    matches = own is not None and secrets.compare_digest(printing.check_value(own).encode(), value.upper().encode())
    text = page("candidate/check.html", value=value, told=shown.check_shown(own) if own and matches else None)
    return text, 200 if matches else 404

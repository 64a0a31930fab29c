"""The exam for programs: the state of the attempt, its questions, and the road of an answer."""

from __future__ import annotations

import json
from hashlib import sha256

from flask import Blueprint, Response, abort, request, session, url_for
from sqlalchemy.orm import Session

from cbt.accounts.permissions import CANDIDATE
from cbt.accounts.vault import token_hash
from cbt.delivery import queries_attempt as queries
from cbt.delivery import sheet
from cbt.delivery.actions import attempts, saving
from cbt.delivery.models import Attempt
from cbt.errors import Refusal
from cbt.regulation import timing
from cbt.results import actions as results
from cbt.web.context import database, now
from cbt.web.guard import FORMS, SELF_CHECKED, CandidateUser, candidate, load_user, permit, require_csrf, session_token
from cbt.web.messages import refuse_json

blueprint = Blueprint("candidate_api", __name__, url_prefix="/api/attempt")

# Two hundred events of the longest form are under 40 KB.
LARGEST_BODY = 256 * 1024
ATTEMPT = "attempt"  # where the browser's session names its attempt


def _json(value: object, status: int = 200) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, content_type="application/json")


def _body() -> object:
    request.max_content_length = LARGEST_BODY
    if request.mimetype in FORMS:
        abort(415)
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise Refusal("events_malformed", name="JSON") from None


def _remaining(attempt: Attempt) -> dict[str, object]:
    assert attempt.deadline is not None
    running = attempt.state in {"started", "paused"}
    return {
        "deadline": attempt.deadline.isoformat(),
        "remaining_ms": timing.remaining_ms(deadline=attempt.deadline, now=now()) if running else 0,
    }


def settle(db: Session, attempt: Attempt) -> Attempt:
    """An attempt whose time is over is closed by whoever looks first, once its last saves have settled."""
    if attempt.state in {"started", "paused"} and attempt.deadline and attempt.deadline + queries.SETTLING <= now():
        results.expire_attempt(db, attempt_id=attempt.id, now=now())
        db.flush()
    return attempt


@blueprint.get("")
@permit(CANDIDATE)
def state() -> Response:
    user = candidate()
    with database().transaction() as db:
        attempt = settle(db, queries.own_attempt(db, registration_id=user.registration_id))
        answers = queries.current_answers(db, attempt.id)
    return _json(
        {
            "id": attempt.id,
            "state": attempt.state,
            "language": attempt.language,
            "number_of_items": attempt.number_of_items,
            **_remaining(attempt),
            "answers": {
                str(slot): {"choice": list(answer.choice), "flagged": answer.flagged, "seq": answer.seq}
                for slot, answer in answers.items()
            },
            "both_languages": attempt.both_languages,
            "read_only": attempt.live_session != user.session_key,
            "result_url": url_for("candidate.result"),
        }
    )


@blueprint.get("/form")
@permit(CANDIDATE)
def form() -> Response:
    """The questions in this attempt's order. Nothing of them is shown before the start or after the end."""
    user = candidate()
    with database().reading() as db:
        attempt = queries.own_attempt(db, registration_id=user.registration_id)
        if attempt.state not in {"started", "paused"} or not _is_running(attempt):
            raise Refusal("attempt_closed")
        etag = sha256(f"{attempt.id}{attempt.form_hash}{attempt.permutation}".encode()).hexdigest()[:32]
        if request.if_none_match.contains(etag):
            response = Response(status=304)
        else:
            items = sheet.shown_items(db, attempt)
            response = _json(
                {
                    "attempt": attempt.id,
                    "languages": sheet.languages_of(attempt),
                    "items": [item.as_json() for item in items],
                }
            )
    response.set_etag(etag)
    return response


def _is_running(attempt: Attempt) -> bool:
    return attempt.deadline is not None and timing.is_open(deadline=attempt.deadline, now=now())


@blueprint.post("/events")
@permit(SELF_CHECKED)
def events() -> Response:
    """The road of an answer: "saved" is said only after the one statement is durable."""
    token = session_token()
    if token is None:
        abort(401)
    require_csrf()
    attempt_id = session.get(ATTEMPT) or _attempt_behind(token)
    body = _body()
    _require_meant(body, attempt_id)
    saved = saving.save_body(database(), attempt_id=attempt_id, session_key=token_hash(token), body=body, now=now())
    return _json(
        {
            "saved": [{"key": key, "seq": seq} for key, seq in saved.seqs.items()],
            "remaining_ms": timing.remaining_ms(deadline=saved.deadline, now=now()),
            "deadline": saved.deadline.isoformat(),
        }
    )


def _require_meant(body: object, attempt_id: str) -> None:
    """A page may say whose answers it sends: after another person's sign-in in this browser they are not for that
    person. Refusal: read_only_here."""
    if isinstance(body, dict) and body.get("attempt") not in (None, attempt_id):
        raise Refusal("read_only_here")


def _attempt_behind(token: str) -> str:
    """The attempt of a session whose cookie does not name it: of two answers to a browser the later one overwrites
    the cookie of the other, and that must not cost the answers. Refusal: not_started."""
    user = load_user(token)
    if not isinstance(user, CandidateUser):
        abort(401)
    with database().reading() as db:
        session[ATTEMPT] = queries.own_attempt(db, registration_id=user.registration_id).id
    return session[ATTEMPT]


@blueprint.post("/submit")
@permit(CANDIDATE)
def submit() -> Response:
    user = candidate()
    body = _body()
    if not isinstance(body, dict) or type(body.get("count")) is not int or not isinstance(body.get("digest"), str):
        raise Refusal("events_malformed", name="count, digest")
    attempt_id = None
    try:
        with database().transaction() as db:
            attempt_id = queries.own_attempt(db, registration_id=user.registration_id).id
            _require_meant(body, attempt_id)
            result = results.submit_attempt(
                db,
                attempt_id=attempt_id,
                session_key=user.session_key,
                count=body["count"],
                digest=body["digest"],
                answers=_read_answers(body.get("answers")),
                now=now(),
            )
    except Refusal as refusal:
        _record_refusal(user, "attempt.submit_refused", refusal, attempt_id)
        return refuse_json(refusal)
    return _json({"state": "closed", "result": url_for("candidate.result"), "announced_at": result.announced_at.isoformat()})


def _read_answers(raw: object) -> dict[int, tuple[str, ...]] | None:
    """The answers a browser believes to be saved, if it sends them along; anything odd counts as not sent."""
    if not isinstance(raw, dict):
        return None
    return {
        int(slot): tuple(sorted(str(each) for each in choice))
        for slot, choice in raw.items()
        if str(slot).isdecimal() and len(str(slot)) < 4 and isinstance(choice, list) and choice
    }


def _record_refusal(user: CandidateUser, tag: str, refusal: Refusal, attempt_id: str | None) -> None:
    with database().transaction() as db:
        attempts.record_refusal(
            db, tag=tag, refusal=refusal, registration_id=user.registration_id, attempt_id=attempt_id, now=now()
        )

"""Words for refusals and errors, chosen at the edge in the reader's language."""

from __future__ import annotations

import logging
import secrets
from datetime import date, datetime

from flask import Flask, Response, jsonify, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from cbt.errors import Refusal
from cbt.i18n import format_day, format_moment
from cbt.web.pages import current_locale, page, position_title
from cbt.web.words import WORDS

log = logging.getLogger("cbt.web")

# Refusals that are not the fault of what was typed: the HTTP status they answer with.
STATUS = {
    "attempt_closed": 409,
    "read_only_here": 409,
    "answers_differ": 409,
    "content_changed": 409,
    "library_changed": 409,
    "sample_unread": 409,
    "move_not_allowed": 409,
    "too_many_tries": 429,
    "unknown": 404,
}

_TITLES = {
    400: _l("The request was not understood"),
    401: _l("Sign in first"),
    403: _l("This page is not open to you"),
    404: _l("There is no such page"),
    405: _l("The page cannot be used this way"),
    409: _l("This cannot be done now"),
    413: _l("The file or the text is too large"),
    415: _l("This kind of data is not accepted"),
    422: _l("The data did not pass the check"),
    429: _l("Too many tries"),
    500: _l("An error on the server"),
    503: _l("The service is not available now"),
}
_NEXT = {
    400: _l("Go back, refresh the page and try again."),
    401: _l("Your session has ended. Answers that were shown as saved are kept."),
    403: _l("If you need this page for your work, ask the administrator of your body."),
    404: _l("Check the address, or begin from the first page."),
    413: _l("Send a smaller file."),
    429: _l("Wait fifteen minutes or ask the invigilator for a new code."),
    500: _l("Everything that was shown as saved is kept. Try again; if it repeats, tell the administrator the code below."),
    503: _l("Everything that was shown as saved is kept. Try again in a minute."),
}


def words_for(refusal: Refusal) -> str:
    """The sentence of a refusal in the language of the page."""
    text = WORDS.get(refusal.code)
    if text is None:
        log.error("refusal without words: %s", refusal.code)
        return gettext("This cannot be done.")
    facts = {name: _readable(name, value) for name, value in refusal.facts.items() if value is not None}
    return str(text) % facts if facts else str(text)


def _readable(name: str, value: object) -> object:
    """A fact as people read it: positions by title, days and moments in the country's time, lists joined."""
    if name == "position":
        return position_title(str(value))
    if name == "areas" and isinstance(value, list):
        words = gettext("area %(area)s: %(needed)s needed, %(available)s approved")
        return "; ".join(words % area for area in value)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(_readable("", one)) for one in value)
    if isinstance(value, datetime):
        return format_moment(value, current_locale())
    return format_day(value, current_locale()) if isinstance(value, date) else value


def refuse_json(refusal: Refusal, status: int | None = None) -> Response:
    """A refusal for programs: `{"code", "message", "facts"}`."""
    response = jsonify(code=refusal.code, message=words_for(refusal), facts=refusal.facts)
    response.status_code = status or STATUS.get(refusal.code, 422)
    return response


def _wants_json() -> bool:
    return request.path.startswith("/api/")


def _error(status: int, *, code: str, title: str | None = None, reference: str | None = None) -> Response:
    heading = str(title or _TITLES.get(status, _TITLES[400]))
    if _wants_json():
        response = jsonify(code=code, message=heading, facts={"reference": reference} if reference else {})
        response.status_code = status
        return response
    text = page("error.html", code=status, title=heading, next=_NEXT.get(status), reference=reference)
    return Response(text, status=status, content_type="text/html; charset=utf-8")


def _on_refusal(refusal: Refusal) -> Response:
    status = STATUS.get(refusal.code, 422)
    if _wants_json():
        return refuse_json(refusal, status)
    return _error(404, code="unknown") if status == 404 else _error(status, code=refusal.code, title=words_for(refusal))


def _on_csrf(error: CSRFError) -> Response:
    title = gettext("The page was open too long or in another window. Go back, refresh it and try again.")
    return _error(400, code="csrf", title=title)


def _on_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    response = _error(status, code=f"http_{status}")
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _on_fault(error: Exception) -> Response:
    reference = secrets.token_hex(4).upper()
    log.exception("fault %s", reference)
    return _error(500, code="fault", reference=reference)


def init_messages(app: Flask) -> None:
    app.register_error_handler(Refusal, _on_refusal)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Exception, _on_fault)

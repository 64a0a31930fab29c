"""Browser sessions in signed cookies, each signature verified once in a process."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class RememberedSessions(SecureCookieSessionInterface):
    """A cookie whose signature was right stays right while the process lives; who it stands for is asked of the
    database as ever. Only cookies of plain values are remembered: nothing in them can be changed by a request.
    """

    def __init__(self, most: int = 50_000) -> None:
        self._known: dict[str, dict[str, Any]] = {}
        self._most = most

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        if cookie in self._known:
            return self.session_class(self._known[cookie])
        session = super().open_session(app, request)
        if session and all(isinstance(value, str | bool | int) for value in session.values()):
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[cookie] = dict(session)
        return session

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """What any cache may keep for everybody depends on no cookie and sets none."""
        if not response.cache_control.public:
            super().save_session(app, session, response)

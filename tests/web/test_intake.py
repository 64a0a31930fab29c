"""A request is taken in whole before the clock is read."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from werkzeug.wsgi import get_content_length

from cbt.web.intake import WholeRequest

LARGEST = 100_000


class Line:
    """A body that arrives in pieces, and says when it was read to its end."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)
        self.is_empty = threading.Event()
        self.gate = threading.Event()

    def read(self, size: int = -1) -> bytes:
        self.gate.wait(10)
        piece = self._data.read(min(size, 7) if size > 0 else 7)
        if not piece:
            self.is_empty.set()
        return piece


def environment(line: Line, **changes: str) -> dict[str, Any]:
    return {"REQUEST_METHOD": "POST", "wsgi.input": line, "wsgi.input_terminated": True} | changes


def asked(environ: dict[str, Any]) -> tuple[bytes, str | None]:
    seen: list[tuple[bytes, str | None]] = []

    def application(environ: dict[str, Any], start: object) -> Iterable[bytes]:
        length = get_content_length(environ)
        seen.append((environ["wsgi.input"].read(), None if length is None else str(length)))
        return []

    WholeRequest(application, largest=LARGEST)(environ, lambda *_: None)
    return seen[0]


@pytest.mark.parametrize("size", [1, 7, 8, 1000, LARGEST])
def test_a_body_is_whole_when_the_application_begins(size: int) -> None:
    line = Line(b"x" * size)
    line.gate.set()
    body, length = asked(environment(line, CONTENT_LENGTH=str(size)))
    assert (len(body), length) == (size, str(size))


def test_a_body_without_a_length_gets_one() -> None:
    line = Line(b"x" * 5000)
    line.gate.set()
    assert asked(environment(line, HTTP_TRANSFER_ENCODING="chunked")) == (b"x" * 5000, "5000")


def test_a_body_without_a_length_is_not_read_beyond_what_is_allowed() -> None:
    line = Line(b"x" * (LARGEST + 5000))
    line.gate.set()
    assert asked(environment(line))[1] == str(LARGEST + 1)


def test_a_body_that_says_it_is_too_large_is_left_unread() -> None:
    line = Line(b"x" * 10)
    line.gate.set()
    application_read = asked(environment(line, CONTENT_LENGTH=str(LARGEST + 1)))[0]
    assert application_read == b"x" * 7, "the stream itself was handed on"


def test_the_application_takes_requests_in_whole(app: Flask) -> None:
    assert isinstance(app.wsgi_app, WholeRequest)

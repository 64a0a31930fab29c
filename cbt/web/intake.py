"""Takes a request in whole before anything of it is looked at, the clock least of all."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

_IN_MEMORY = 512 * 1024
_PIECE = 64 * 1024


class WholeRequest:
    """Reads the body first. So the one reading of the clock that decides a request is made when all of it is here:
    a body that trickles in cannot carry an early moment past the deadline.

    `largest` in bytes; a body that says it is longer is not read, and the application refuses it by that.
    """

    def __init__(self, application: Callable[..., Any], *, largest: int) -> None:
        self._application = application
        self._largest = largest

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        said = environ.get("CONTENT_LENGTH") or ""
        if said.isdecimal():
            if 0 < int(said) <= self._largest:
                environ["wsgi.input"] = _taken_in(environ["wsgi.input"], int(said))
        elif environ.get("wsgi.input_terminated") and environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            body = _taken_in(environ["wsgi.input"], self._largest + 1)
            environ["CONTENT_LENGTH"] = str(body.seek(0, 2))
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            body.seek(0)
            environ["wsgi.input"] = body
        return self._application(environ, start_response)


def _taken_in(stream: IO[bytes], length: int) -> IO[bytes]:
    """At most `length` bytes of the stream; fewer where the other side broke off."""
    body: IO[bytes] = BytesIO() if length <= _IN_MEMORY else SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    while length and (piece := stream.read(min(length, _PIECE))):
        body.write(piece)
        length -= len(piece)
    body.seek(0)
    return body

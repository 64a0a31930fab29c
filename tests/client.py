"""A candidate as a plain HTTP client: signs in, starts, saves, over one connection that survives restarts."""

from __future__ import annotations

import http.client
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

_CSRF = re.compile(r'name="csrf-token" content="([^"]+)"')


@dataclass
class Client:
    """Cookies and the CSRF token of one browser."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""
    connection: http.client.HTTPConnection | None = None

    def request(
        self, method: str, path: str, body: str | bytes | None = None, content_type: str | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; a broken connection is dropped and the error raised."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if content_type:
            headers["Content-Type"] = content_type
        if self.csrf:
            headers["X-CSRFToken"] = self.csrf
        try:
            self.connection.request(method, path, body=body, headers=headers)
            answer = self.connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                pair = value.split(";", 1)[0]
                key, _, content = pair.partition("=")
                self.cookies[key] = content
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, data

    def get(self, path: str) -> str:
        status, _, data = self.request("GET", path)
        text = data.decode()
        assert status == 200, (path, status, text[:300])
        found = _CSRF.search(text)
        if found:
            self.csrf = found.group(1)
        return text

    def post_form(self, path: str, **fields: str) -> tuple[int, dict[str, str], str]:
        body = urlencode(fields | {"csrf_token": self.csrf})
        status, headers, data = self.request("POST", path, body, "application/x-www-form-urlencoded")
        return status, headers, data.decode()

    def post_json(self, path: str, value: object) -> tuple[int, Any]:
        status, _, data = self.request("POST", path, json.dumps(value), "application/json")
        return status, json.loads(data)

    def get_json(self, path: str) -> Any:
        status, _, data = self.request("GET", path)
        assert status == 200, (path, status, data[:300])
        return json.loads(data)

    def sign_in(self, iin: str, code: str) -> None:
        self.get("/candidate/login")
        status, headers, text = self.post_form("/candidate/login", iin=iin, code=code)
        assert status in {302, 303}, (status, text[:2000])
        self.get(headers["location"])

    def start(self, language: str = "kk") -> None:
        status, headers, text = self.post_form("/candidate/start", language=language)
        assert status in {302, 303}, (status, text[:2000])
        self.get(headers["location"])

    def save(self, slot: int, *choice: str, key: str | None = None) -> tuple[int, Any]:
        return self.post_json("/api/attempt/events", {"events": [event(slot, *choice, key=key)]})


def event(slot: int, *choice: str, key: str | None = None, flagged: bool = False, language: str = "kk") -> dict[str, Any]:
    return {
        "key": key or str(uuid.uuid4()), "slot": slot, "choice": list(choice), "flagged": flagged,
        "language": language, "at_ms": 1_770_000_000_000,
    }  # fmt: skip

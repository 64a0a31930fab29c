"""Everything that reaches a candidate's browser in one whole attempt, and what of it must not be there."""

from __future__ import annotations

import gzip
import io
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flask import Flask
from pypdf import PdfReader
from werkzeug.test import TestResponse

from cbt.results.actions import answers_digest
from tests.exam import Exam
from tests.factories import csrf

# What the candidate's JSON may hold, name by name; anything else is a finding.
ALLOWED = {
    "/api/attempt": {
        "id", "state", "language", "number_of_items", "deadline", "remaining_ms", "answers", "choice", "flagged", "seq",
        "both_languages", "read_only", "result_url",
    },
    "/api/attempt/form": {
        "attempt", "languages", "items", "slot", "kind", "stem", "options", "pictures", "id", "kk", "ru", "src",
        "width", "height", "alt",
    },
    "/api/attempt/events": {"saved", "key", "seq", "remaining_ms", "deadline"},
    "/api/attempt/submit": {"state", "result", "announced_at"},
}  # fmt: skip
# Words of the bank that no answer of the server may use for anything.
FORBIDDEN = re.compile(
    r"\b(?:correct|is_correct|is_key|right_answer|keys?_ids?|rationale|awarded|weight|distractor|difficulty|basis|"
    r"provision|author_id|version_id|item_id|content_hash|items_hash|permutation)\b",
    re.IGNORECASE,
)
_OPTION = re.compile(r'<label class="option">.*?</label>', re.DOTALL)
_TEXT = re.compile(r'(<span class="option-text"[^>]*>).*?(</span>)', re.DOTALL)


@dataclass(frozen=True)
class Exchange:
    """One answer of the server: `text` is all that can be read in it, unpacked."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    mimetype: str
    text: str

    @property
    def path(self) -> str:
        return self.url.partition("?")[0]


@dataclass
class Recorder:
    """A browser that keeps every byte it is sent."""

    app: Flask
    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        self.client.set_cookie("cbt-device", "device")

    def get(self, url: str, **more: object) -> TestResponse:
        return self._keep("GET", url, self.client.get(url, **more))  # type: ignore[arg-type]

    def post(self, url: str, data: Mapping[str, object] | None = None) -> TestResponse:
        token = csrf(self.client)
        if url.startswith("/api/"):
            response = self.client.post(url, json=dict(data or {}), headers={"X-CSRFToken": token})
        else:
            response = self.client.post(url, data={"csrf_token": token, **(data or {})})
        return self._keep("POST", url, response)

    def _keep(self, method: str, url: str, response: TestResponse) -> TestResponse:
        data = response.get_data()
        if response.headers.get("Content-Encoding") == "gzip":
            data = gzip.decompress(data)
        self.exchanges.append(
            Exchange(
                method,
                url,
                response.status_code,
                dict(response.headers),
                response.mimetype,
                _readable(response.mimetype, data),
            )
        )
        return response

    def statics(self) -> None:
        """Everything that the pages so far have named."""
        named = {found for each in self.exchanges for found in re.findall(r'(?:src|href)="(/[^"#]+)', each.text)}
        for url in sorted(named):
            if url.startswith(("/static/", "/candidate/player", "/candidate/picture")):
                self.get(url)


def _readable(mimetype: str, data: bytes) -> str:
    if mimetype == "application/pdf":
        reader = PdfReader(io.BytesIO(data))
        pages = "\n".join(page.extract_text() for page in reader.pages)
        return f"{pages}\n{dict(reader.metadata or {})}\n{data.decode('latin-1')}"
    return data.decode("utf-8", "replace")


def whole_attempt(app: Flask, exam: Exam, number: int = 0) -> Recorder:
    """Sign in, wait, start, see and answer all questions by page and by program, finish, read and print the result."""
    browser = Recorder(app)
    browser.get("/candidate/login")
    assert browser.post("/candidate/login", {"iin": exam.iins[number], "code": exam.codes[number]}).status_code == 302
    browser.get("/candidate")
    browser.get("/candidate/start?language=kk")
    assert browser.post("/candidate/start", {"language": "kk"}).status_code == 302
    for slot in range(1, 81):
        assert browser.get(f"/candidate/exam?slot={slot}").status_code == 200
        browser.get(f"/candidate/exam?slot={slot}&language=ru")
    for slot in range(1, 81, 2):
        form = {"key": str(uuid.uuid4()), "slot": slot, "choice": "b", "language": "kk", "action": "next"}
        assert browser.post("/candidate/answer", form).status_code == 302
    browser.get("/api/attempt")
    assert browser.get("/api/attempt/form").status_code == 200
    events = [
        {"key": str(uuid.uuid4()), "slot": slot, "choice": ["c"], "flagged": False, "language": "kk", "at_ms": slot}
        for slot in range(2, 81, 2)
    ]
    assert browser.post("/api/attempt/events", {"events": events}).status_code == 200
    browser.get("/candidate/finish")
    held = {slot: ("b",) if slot % 2 else ("c",) for slot in range(1, 81)}
    browser.post("/api/attempt/submit", {"count": 1, "digest": "0"})
    digest = {"count": 80, "digest": answers_digest(held)}
    assert browser.post("/api/attempt/submit", digest).status_code == 200
    browser.get("/candidate/result")
    assert browser.get("/candidate/result.pdf").status_code == 200
    browser.statics()
    return browser


def leaks(exchanges: list[Exchange], secrets: Mapping[str, str]) -> Iterator[str]:
    """What should not have left the server. `secrets`: what it is -> the text that betrays it."""
    for each in exchanges:
        for what, text in secrets.items():
            if text in each.text:
                yield f"{each.method} {each.url}: {what}"
        # Styles, scripts and papers have words of their own; what is made for this attempt does not.
        if each.mimetype in {"text/html", "application/json"}:
            yield from (f"{each.method} {each.url}: the word {word!r}" for word in set(FORBIDDEN.findall(each.text)))
        if each.mimetype == "application/json" and each.status == 200 and each.path in ALLOWED:
            strange = set(names_in(json.loads(each.text))) - ALLOWED[each.path]
            yield from (f"{each.method} {each.url}: the field {name!r}" for name in sorted(strange))
        if each.mimetype == "text/html":
            shapes = {_TEXT.sub(r"\1\2", label).replace(" checked", "") for label in _OPTION.findall(each.text)}
            if len({re.sub(r'value="[a-h]"|>[A-H]<', "", shape) for shape in shapes}) > 1:
                yield f"{each.method} {each.url}: the options differ in more than letter and text"


def names_in(value: object) -> Iterator[str]:
    """Names of fields; numbers of slots are not names."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if not name.isdecimal():
                yield name
            yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)

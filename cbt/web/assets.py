"""Static files from memory under addresses that change with their content, so that a browser asks for each once."""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, request, url_for

STATIC = Path(__file__).parent / "static"

# A fixed table: the machine's own list of types differs from one system to another.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class StaticFile:
    content_type: str
    plain: bytes
    packed: bytes | None  # gzip, where it is smaller
    etag: str


def load_static(folder: Path) -> dict[str, StaticFile]:
    """Every file of the folder by its relative path; a suffix without a known type fails at start."""
    return {
        path.relative_to(folder).as_posix(): _load(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def _load(path: Path) -> StaticFile:
    plain = path.read_bytes()
    packed = gzip.compress(plain, 9, mtime=0)
    return StaticFile(
        content_type=_TYPES[path.suffix],
        plain=plain,
        packed=packed if len(packed) < len(plain) else None,
        etag=hashlib.sha256(plain).hexdigest()[:20],
    )


def edition_of(files: dict[str, StaticFile]) -> str:
    """One hash over all files: scripts import each other by relative path, so they must share a folder."""
    digest = hashlib.sha256()
    for path, file in sorted(files.items()):
        digest.update(f"{path}\0{file.etag}\n".encode())
    return digest.hexdigest()[:12]


def init_assets(app: Flask, folder: Path = STATIC) -> None:
    """Serve `folder` at /static/<edition>/<path> and give templates `asset(path)`."""
    files = load_static(folder)
    edition = edition_of(files)

    def static_file(edition_asked: str, path: str) -> Response:
        file = files.get(path)
        if file is None:
            abort(404)
        packed = file.packed if "gzip" in request.accept_encodings else None
        response = Response(file.plain if packed is None else packed, content_type=file.content_type)
        response.headers["Vary"] = "Accept-Encoding"
        if packed is not None:
            response.headers["Content-Encoding"] = "gzip"
        # A page opened before an upgrade still gets its scripts, but nobody may keep them under the old name.
        response.headers["Cache-Control"] = _FOR_EVER if edition_asked == edition else "no-cache"
        response.set_etag(file.etag if packed is None else f"{file.etag}-gz")
        response.make_conditional(request)
        return response

    static_file.permission = "public"  # type: ignore[attr-defined]
    app.add_url_rule("/static/<edition_asked>/<path:path>", endpoint="static_file", view_func=static_file)

    def asset(path: str) -> str:
        if path not in files:
            raise LookupError(f"no static file {path!r}")
        return url_for("static_file", edition_asked=edition, path=path)

    def inlined(path: str) -> str:
        """A small picture within the page itself: one request less on a slow line."""
        file = files[path]
        return f"data:{file.content_type.partition(';')[0]};base64,{base64.b64encode(file.plain).decode()}"

    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["inlined"] = inlined

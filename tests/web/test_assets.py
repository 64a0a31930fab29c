"""Static files: addresses that change with content, small and kept for ever; colours that can be read."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cbt.web.assets import STATIC, edition_of, init_assets, load_static

TEMPLATES = STATIC.parent / "templates"


def _app(folder: Path = STATIC) -> Flask:
    app = Flask(__name__, static_folder=None)
    init_assets(app, folder)
    return app


def _address(app: Flask, path: str) -> str:
    with app.test_request_context():
        return app.jinja_env.globals["asset"](path)  # type: ignore[operator]


@pytest.fixture
def app() -> Flask:
    return _app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_file_may_be_kept_for_ever_under_its_address(app: Flask, client: FlaskClient) -> None:
    answer = client.get(_address(app, "cbt.css"))
    assert answer.status_code == 200
    assert answer.data == (STATIC / "cbt.css").read_bytes()
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/css; charset=utf-8"
    assert "Set-Cookie" not in answer.headers


def test_a_browser_that_unpacks_gets_the_packed_file(app: Flask, client: FlaskClient) -> None:
    answer = client.get(_address(app, "cbt.css"), headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert gzip.decompress(answer.data) == (STATIC / "cbt.css").read_bytes()


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_known_etag_is_answered_without_the_file(app: Flask, client: FlaskClient, encoding: str) -> None:
    address = _address(app, "base.js")
    etag = client.get(address, headers={"Accept-Encoding": encoding}).headers["ETag"]
    again = client.get(address, headers={"Accept-Encoding": encoding, "If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_plain_and_packed_forms_have_their_own_etags(app: Flask, client: FlaskClient) -> None:
    address = _address(app, "base.js")
    etags = {client.get(address, headers={"Accept-Encoding": each}).headers["ETag"] for each in ("identity", "gzip")}
    assert len(etags) == 2


def test_a_page_opened_before_an_upgrade_still_gets_its_scripts_but_may_not_keep_them(client: FlaskClient) -> None:
    answer = client.get("/static/000000000000/base.js")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["nothing.css", "../assets.py", "%2e%2e/assets.py", "player/../../assets.py", ""])
def test_only_known_files_are_served(app: Flask, client: FlaskClient, path: str) -> None:
    folder = _address(app, "cbt.css").removesuffix("cbt.css")
    assert client.get(folder + path).status_code == 404


def test_a_misspelt_asset_fails_when_the_page_is_made(app: Flask) -> None:
    with pytest.raises(LookupError, match=r"cbtt\.css"):
        _address(app, "cbtt.css")


def test_a_changed_file_changes_every_address(tmp_path: Path) -> None:
    (tmp_path / "player").mkdir()
    (tmp_path / "player" / "main.js").write_text("import './queue.js'")
    (tmp_path / "player" / "queue.js").write_text("export const size = 1")
    before = _address(_app(tmp_path), "player/main.js")
    (tmp_path / "player" / "queue.js").write_text("export const size = 2")
    after = _address(_app(tmp_path), "player/main.js")
    assert before != after
    assert edition_of(load_static(tmp_path)) in after


def test_a_file_of_an_unknown_type_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "notes.docx").write_bytes(b"x")
    with pytest.raises(KeyError):
        load_static(tmp_path)


def test_static_files_are_open_to_everybody(app: Flask) -> None:
    assert app.view_functions["static_file"].permission == "public"  # type: ignore[attr-defined]


def test_style_and_scripts_of_every_page_stay_under_fifteen_kilobytes() -> None:
    files = load_static(STATIC)
    packed = {name: len(files[name].packed or files[name].plain) for name in ("cbt.css", "base.js", "prefs.js")}
    assert packed["cbt.css"] < 10_000
    assert sum(packed.values()) < 15_000


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_needs_a_looser_content_policy(template: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", template.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|javascript:", source)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source))


# Colours. Source: WCAG 2.2, 1.4.3, 1.4.6 and 1.4.11.


def _tokens(theme: str) -> dict[str, str]:
    css = re.sub(r"/\*.*?\*/", "", (STATIC / "cbt.css").read_text(), flags=re.DOTALL)
    light = dict(re.findall(r"--([\w-]+): ([^;]+);", re.search(r":root \{(.*?)\}", css, re.DOTALL)[1]))  # type: ignore[index]
    chosen, by_device = (
        dict(re.findall(r"--([\w-]+): ([^;]+);", block))
        for block in re.findall(
            r":root(?:\[data-theme=\"dark\"\]|:not\(\[data-theme=\"light\"\]\)) \{(.*?)\}", css, re.DOTALL
        )[:2]
    )
    assert chosen == by_device, "the two dark themes differ"
    return light if theme == "light" else light | chosen


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "ground", "least"),
    [
        ("ink", "paper", 7),
        ("ink", "surface", 7),
        ("ink", "wash", 7),
        ("ink", "good-ground", 7),
        ("ink", "warning-ground", 7),
        ("ink", "bad-ground", 7),
        ("ink-soft", "paper", 7),
        ("ink-soft", "surface", 4.5),
        ("accent", "paper", 7),
        ("accent", "surface", 4.5),
        ("accent", "wash", 4.5),
        ("accent-strong", "wash", 4.5),
        ("on-accent", "accent", 4.5),
        ("on-accent", "accent-strong", 4.5),
        ("on-banner", "banner", 7),
        ("good", "good-ground", 4.5),
        ("warning", "warning-ground", 4.5),
        ("bad", "bad-ground", 4.5),
        ("bad", "paper", 7),
        ("on-bad", "bad", 4.5),
        ("line-strong", "paper", 3),
        ("line-strong", "surface", 3),
        ("focus", "paper", 3),
        ("focus", "surface", 3),
        ("focus", "wash", 3),
        ("gold", "paper", 3),
    ],
)
def test_colours_can_be_told_apart(theme: str, front: str, ground: str, least: float) -> None:
    tokens = _tokens(theme)
    assert _contrast(tokens[front], tokens[ground]) >= least

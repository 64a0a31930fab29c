"""What every page shares: language, dates, pages of a list, headers, and small answers made smaller."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from babel.numbers import format_decimal
from flask import Flask, Response, g, render_template, request, session, url_for
from flask_babel import Babel, get_locale
from werkzeug.routing import IntegerConverter, Map

from cbt import i18n
from cbt.regulation import editions
from cbt.web import guard, navigation

PAGE_SIZE = 25
Row = TypeVar("Row")
_CSP = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'"
)
_HEADERS = (
    ("Content-Security-Policy", _CSP),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    # A hall's computers are shared: nothing of a page stays on their disks.
    ("Cache-Control", "no-store"),
)
_HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000")
_WORTH_PACKING = 1400


def locale() -> str:
    """The language of the interface for this request: kk or ru."""
    chosen = session.get("locale")
    if chosen in i18n.LOCALES:
        return chosen
    return request.accept_languages.best_match(i18n.LOCALES) or "kk"


def current_locale() -> str:
    return str(get_locale() or "kk")


def position_title(position: str) -> str:
    """The name of an attested position in the language of the page."""
    for known in editions.edition(editions.DEFAULT_EDITION).positions or ():
        if known.id == position:
            return known.ru if current_locale() == "ru" else known.kk
    return position


def page(template: str, /, **values: object) -> str:
    return render_template(template, **values)


def attachment(data: bytes, *, name: str, content_type: str) -> Response:
    """A file to download; the name may hold any letters. Source: RFC 6266."""
    ascii_name = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    response = Response(data, content_type=content_type)
    response.headers["Content-Disposition"] = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
    return response


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A page of a list; `url(n)` is the same address with another page."""

    items: Sequence[Row]
    number: int
    pages: int
    total: int

    def url(self, number: int) -> str:
        arguments = request.args.to_dict(flat=False) | {"page": [str(number)]}
        return url_for(request.endpoint or "", **(request.view_args or {}), **arguments)  # type: ignore[arg-type]


def page_number() -> int:
    asked = request.args.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1


def paged(count: int, rows_of: Callable[[int, int], Sequence[Row]], *, size: int = PAGE_SIZE) -> Page[Row]:
    """The asked page of a list: `rows_of(limit, offset)` fetches it."""
    pages = max(1, -(-count // size))
    number = min(page_number(), pages)
    return Page(items=rows_of(size, (number - 1) * size), number=number, pages=pages, total=count)


def paged_list(rows: Sequence[Row], *, size: int = PAGE_SIZE) -> Page[Row]:
    """The asked page of rows that are already in memory."""
    return paged(len(rows), lambda limit, offset: rows[offset : offset + limit], size=size)


@dataclass(frozen=True)
class ShownActor:
    """The signed-in person as the header shows them."""

    name: str
    body_name: str | None
    roles: tuple[str, ...]
    choices: tuple[navigation.Link, ...]


def _switch_language_url(code: str) -> str:
    back = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return url_for("account.language", code=code, next=back)


def _header() -> dict[str, object]:
    user = guard.current_user
    values: dict[str, object] = {"actor": None, "nav": (), "account_url": None, "sign_out_url": None}
    if isinstance(user._get_current_object(), guard.StaffUser):
        staff = user.staff
        here = staff.actor
        names = {body.id: body.name(current_locale()) for body in staff.bodies}
        choices = tuple(
            navigation.Link(names[body.id], url_for("account.act_in", body_id=body.id), body.id == here.body_id)
            for body in staff.bodies
        )
        values["actor"] = ShownActor(
            name=here.name,
            body_name=names[here.body_id],
            roles=tuple(navigation.role_name(role) for role in sorted(here.roles)),
            choices=choices if len(choices) > 1 else (),
        )
        values["nav"] = navigation.links(here)
        values["account_url"] = url_for("account.mine")
        values["sign_out_url"] = url_for("account.logout")
    return values


def _context() -> dict[str, object]:
    self_checked = getattr(g, "bare_page", False)
    header = {"actor": None, "nav": (), "account_url": None, "sign_out_url": None} if self_checked else _header()
    return header | {
        "locale": current_locale(),
        "locales": i18n.LOCALES,
        "switch_language_url": _switch_language_url,
        "position_title": position_title,
    }


class WithHeaders:
    """Adds what every answer carries, unless the view has said otherwise; below Flask, where it costs least."""

    def __init__(self, application: Callable[..., Any], headers: tuple[tuple[str, str], ...]) -> None:
        self._application = application
        self._headers = headers

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said = {name.lower() for name, _value in headers}
            return start_response(status, headers + [row for row in self._headers if row[0].lower() not in said], *rest)

        return self._application(environ, start)


def _packed(response: Response) -> Response:
    """Compress text worth compressing; slow lines are the rule, not the exception."""
    if (
        response.direct_passthrough
        or response.status_code != 200
        or "Content-Encoding" in response.headers
        or "gzip" not in request.accept_encodings
        or not ((response.mimetype or "").startswith("text/") or response.mimetype == "application/json")
    ):
        return response
    data = response.get_data()
    if len(data) >= _WORTH_PACKING:
        response.set_data(gzip.compress(data, compresslevel=4, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.add("Vary", "Accept-Encoding")
    return response


def _number(value: float) -> str:
    return format_decimal(value, locale=current_locale())


class DatabaseId(IntegerConverter):
    """A number in an address that can be a key of a row; a longer one is no page, and no fault of the database."""

    def __init__(self, map: Map, **limits: int) -> None:
        super().__init__(map, **{"max": 2**63 - 1, **limits})  # type: ignore[arg-type]


def init_pages(app: Flask) -> None:
    app.url_map.converters["int"] = DatabaseId
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(i18n.TRANSLATIONS)
    app.config["BABEL_DEFAULT_LOCALE"] = "kk"
    Babel(app, locale_selector=locale)
    app.context_processor(_context)
    filters: dict[str, Callable[..., str]] = {
        "day": lambda value: i18n.format_day(
            i18n.local_day(value) if isinstance(value, datetime) else value, current_locale()
        ),
        "moment": lambda value: i18n.format_moment(value, current_locale()),
        "clock": lambda value: i18n.format_clock(value, current_locale()),
        "duration": lambda value: i18n.format_duration(
            value if isinstance(value, timedelta) else timedelta(seconds=float(value))
        ),
        "number": _number,
    }
    app.jinja_env.filters.update(filters)
    app.after_request(_packed)
    headers = (*_HEADERS, _HTTPS_ONLY) if app.config["SESSION_COOKIE_SECURE"] else _HEADERS
    app.wsgi_app = WithHeaders(app.wsgi_app, headers)  # type: ignore[method-assign]



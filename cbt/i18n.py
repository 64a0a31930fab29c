"""Two languages outside of any web request: catalogues, dates and the order of the Kazakh alphabet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from uuid import uuid4

from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from cbt.zone import COUNTRY_ZONE

LOCALES = ("kk", "ru")
_PACKAGE = Path(__file__).resolve().parent
TRANSLATIONS = next(
    (path for path in (_PACKAGE / "translations", _PACKAGE.parent / "translations") if path.is_dir()),
    _PACKAGE.parent / "translations",
)


def compile_catalogues() -> None:
    """Write each .mo that is missing or older than its .po."""
    for locale in LOCALES:
        po = TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"
        mo = po.with_suffix(".mo")
        if po.exists() and (not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime):
            with po.open("rb") as source:
                catalogue = read_po(source, locale=locale)
            # A name of its own: on a fresh machine every worker process comes here at the same moment.
            part = mo.with_suffix(f".{uuid4().hex}.part")
            with part.open("wb") as target:
                write_mo(target, catalogue)
            part.replace(mo)


@lru_cache(maxsize=8)
def translator(locale: str) -> NullTranslations:
    """The catalogue of a language; English source strings where it has no word."""
    return Translations.load(str(TRANSLATIONS), [locale])


def local_day(moment: datetime) -> date:
    """The calendar day of a moment in the country."""
    return moment.astimezone(COUNTRY_ZONE).date()


def format_day(day: date, locale: str) -> str:
    return format_date(day, "long", locale=locale)


def format_moment(moment: datetime, locale: str) -> str:
    """Day and time in the country's zone, to the minute."""
    return format_datetime(moment.astimezone(COUNTRY_ZONE), "d MMM y, HH:mm", locale=locale)


def format_clock(moment: datetime, locale: str) -> str:
    """Time of day in the country's zone, to the second."""
    return format_time(moment.astimezone(COUNTRY_ZONE), "HH:mm:ss", locale=locale)


def format_duration(length: timedelta) -> str:
    """Minutes and seconds, as `42:10`."""
    seconds = max(0, int(length.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}"


_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_ORDER = {letter: f"{place:02d}" for place, letter in enumerate(_ALPHABET, start=10)}


def collation_key(text: str) -> str:
    """Sort key over the 42 letters of the Kazakh alphabet, the same on every database."""
    return "".join(_ORDER.get(letter, "09" + letter if letter.isalnum() else "00" + letter) for letter in text.casefold())


def in_kazakh_order(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=collation_key)

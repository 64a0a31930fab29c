"""Words and figures that several papers share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from cbt.i18n import COUNTRY_ZONE, format_day, local_day, translator


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One thing named in both languages."""

    kk: str
    ru: str

    def facts(self) -> dict[str, str]:
        return {"kk": self.kk, "ru": self.ru}


def window(opens_at: datetime, closes_at: datetime, language: str) -> str:
    """When a sitting is open, in the country's zone: one day and two times, or two days."""
    first, last = local_day(opens_at), local_day(closes_at)
    if first == last:
        return f"{format_day(first, language)}, {_clock(opens_at)}–{_clock(closes_at)}"
    return f"{format_day(first, language)}, {_clock(opens_at)} – {format_day(last, language)}, {_clock(closes_at)}"


def _clock(moment: datetime) -> str:
    return moment.astimezone(COUNTRY_ZONE).strftime("%H:%M")


def points_of(points: int, maximum: int, language: str) -> str:
    ngettext = translator(language).ngettext
    return ngettext("%(points)s point of %(maximum)s possible", "%(points)s points of %(maximum)s possible", points) % {
        "points": points,
        "maximum": maximum,
    }


def provision(source: str, language: str) -> str:
    """A source such as "AR r.15, r.20" in words; other sources as they stand."""
    numbers = re.findall(r"r\.([\d-]+)", source)
    if not source.startswith("AR ") or not numbers:
        return source
    ngettext = translator(language).ngettext
    words = ngettext(
        "paragraph %(numbers)s of the attestation rules",
        "paragraphs %(numbers)s of the attestation rules",
        len(numbers),
    )
    return words % {"numbers": ", ".join(numbers)}


def page_of(language: str) -> str:
    """The words of a page number; the template puts the numbers in place of `{page}` and `{pages}`."""
    _ = translator(language).gettext
    return _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"}


def language_name(testing_language: str, language: str) -> str:
    _ = translator(language).gettext
    return {"kk": _("Kazakh"), "ru": _("Russian")}[testing_language]


def masked(iin_tail: str) -> str:
    """A personal number of which only the last four digits are shown."""
    return f"•••••••• {iin_tail}"


def require_digits(text: str, count: int, what: str) -> None:
    """Guards a paper against a value it must never carry, such as a whole personal number."""
    if len(text) != count or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{what} must be {count} digits")

"""Sign-in slips: one per candidate, cut from the page and handed over in the room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cbt.documents.press import press, qr
from cbt.documents.wording import Bilingual, masked, page_of, require_digits, window
from cbt.i18n import LOCALES, translator


@dataclass(frozen=True, kw_only=True, slots=True)
class Slip:
    name: str
    iin_tail: str  # the last four digits; the whole number never reaches the paper
    position: Bilingual
    place: Bilingual
    opens_at: datetime
    closes_at: datetime
    minutes: int
    address: str
    code: str  # twelve digits

    def __post_init__(self) -> None:
        require_digits(self.iin_tail, 4, "iin_tail")
        require_digits(self.code, 12, "code")


def slips_pdf(slips: Sequence[Slip], *, language: str) -> bytes:
    """Four slips on an A4 page, each in Kazakh and Russian; `language` is that of whoever prints them."""
    _ = translator(language).gettext
    facts = {
        "language": language,
        "title": _("Sign-in slips"),
        "page_of": page_of(language),
        "empty": _("No candidate is registered for this sitting."),
        "labels": {each: _labels(each) for each in LOCALES},
        "addresses": {
            address: {"qr": qr(address), "parts": re.findall(r"[^/]+//[^/]*|/[^/]*|[^/]+", address)}
            for address in sorted({slip.address for slip in slips})
        },
        "qr_alt": _("QR code of the address on this slip"),
        "slips": [_facts(slip) for slip in slips],
    }
    moment = slips[0].opens_at if slips else datetime(2000, 1, 1, tzinfo=UTC)
    return press("slips.typ", facts, moment=moment)


def _labels(language: str) -> dict[str, str]:
    _ = translator(language).gettext
    return {
        "title": _("Sign-in slip"),
        "iin": _("IIN"),
        "code": _("One-time code"),
        "how": _("Open the address and enter your IIN and this code."),
    }


def _rules(minutes: int, language: str) -> list[str]:
    _ = translator(language).gettext
    return [
        _("Bring this slip and your identity document. Do not show the code to anyone."),
        _("You choose Kazakh or Russian. You have %(minutes)s minutes from the moment you press Start.")
        % {"minutes": minutes},
    ]


def _facts(slip: Slip) -> dict[str, Any]:
    return {
        "name": slip.name,
        "iin": masked(slip.iin_tail),
        "position": slip.position.facts(),
        "place": slip.place.facts(),
        "window": {each: window(slip.opens_at, slip.closes_at, each) for each in LOCALES},
        "rules": {each: _rules(slip.minutes, each) for each in LOCALES},
        "address": slip.address,
        "code": [slip.code[start : start + 4] for start in (0, 4, 8)],
    }

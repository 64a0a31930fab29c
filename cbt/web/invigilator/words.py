"""Words of the pages about sittings for what the system keeps as codes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SITTING_STATES = {
    "planned": (_l("Planned"), "neutral"),
    "open": (_l("Open"), "active"),
    "closed": (_l("Closed"), "good"),
    "cancelled": (_l("Cancelled"), "bad"),
}
STANDINGS = {
    "no_code": (_l("No slip yet"), "warning"),
    "expected": (_l("Expected"), "neutral"),
    "here": (_l("Signed in"), "active"),
    "testing": (_l("Test is running"), "active"),
    "paused": (_l("Paused"), "warning"),
    "finished": (_l("Finished"), "good"),
    "time_over": (_l("Time is over"), "good"),
    "annulled": (_l("Annulled"), "bad"),
}
STAGES = {"initial": _l("Initial attestation"), "repeat": _l("Repeat attestation")}
WORKPLACES = {"medico_social": _l("Medico-social institution"), "other": _l("Other organisation")}
FIELDS = {
    "iin": _l("IIN"),
    "name": _l("Surname, first name, patronymic"),
    "position": _l("Position"),
    "stage": _l("Attestation"),
    "workplace": _l("Place of work"),
    "territory": _l("District or city"),
}

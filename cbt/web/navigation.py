"""The sections each role sees, and the names of roles."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import lazy_gettext as _l

from cbt.accounts.actor import Actor


@dataclass(frozen=True)
class Link:
    """A place to go: what it is called, where it is, and whether we are there."""

    label: str
    url: str
    current: bool = False


ROLE_NAMES = {
    "author": _l("Question author"),
    "reviewer": _l("Question reviewer"),
    "invigilator": _l("Invigilator"),
    "secretary": _l("Commission secretary"),
    "member": _l("Commission member"),
    "chair": _l("Commission chair"),
    "body_admin": _l("Body administrator"),
    "ministry_admin": _l("Ministry administrator"),
    "auditor": _l("Auditor"),
}

# Endpoint, label and the permission that opens it, in the order of the work.
_SECTIONS = (
    ("author.items", _l("Question bank"), "bank:item:write"),
    ("author.library", _l("Reference library"), "bank:item:write"),
    ("reviewer.queue", _l("Questions to approve"), "bank:item:approve"),
    ("author.blueprints", _l("Blueprints and forms"), "assembly:form:draw"),
    ("reviewer.forms", _l("Forms to approve"), "assembly:form:approve"),
    ("invigilator.sittings", _l("Sittings"), "delivery:sitting:read"),
    ("commission.sittings", _l("Results"), "commission:score:read"),
    ("admin.members", _l("Staff"), "accounts:member:manage"),
    ("admin.bodies", _l("Bodies"), "accounts:body:manage"),
    ("admin.audit", _l("Record of deeds"), "audit:entry:read"),
)


def role_name(role: str) -> str:
    return str(ROLE_NAMES[role])


def links(actor: Actor) -> tuple[Link, ...]:
    """The sections this actor may open."""
    here = (request.endpoint or "").partition(".")[0]
    return tuple(
        Link(str(label), url_for(endpoint), _is_under(endpoint, here))
        for endpoint, label, permission in _SECTIONS
        if permission in actor.permissions
    )


def _is_under(endpoint: str, audience: str) -> bool:
    """Whether this page stands below a section: by its address, or else as a page of the first one of its audience."""
    siblings = [other for other, _label, _permission in _SECTIONS if other.partition(".")[0] == audience]
    by_address = [other for other in siblings if f"{request.path}/".startswith(f"{url_for(other)}/")]
    return endpoint in (by_address or siblings)[:1]


def home_of(actor: Actor) -> str:
    """The first page of a person's day."""
    own = links(actor)
    return own[0].url if own else url_for("public.home")



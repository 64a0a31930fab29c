"""Staff, bodies and the record of deeds."""

from __future__ import annotations

from flask import Blueprint

from cbt.web.guard import permit

blueprint = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")


@blueprint.get("/members")
@permit("accounts:member:manage")
def members() -> str:
    return ""


@blueprint.get("/bodies")
@permit("accounts:body:manage")
def bodies() -> str:
    return ""


@blueprint.get("/audit")
@permit("audit:entry:read")
def audit() -> str:
    return ""

"""Sittings, candidates' lists and the room."""

from __future__ import annotations

from flask import Blueprint

from cbt.web.guard import permit

blueprint = Blueprint("invigilator", __name__, url_prefix="/invigilator", template_folder="templates")


@blueprint.get("/sittings")
@permit("delivery:sitting:read")
def sittings() -> str:
    return ""

"""What a commission sees of results."""

from __future__ import annotations

from flask import Blueprint

from cbt.web.guard import permit

blueprint = Blueprint("commission", __name__, url_prefix="/commission", template_folder="templates")


@blueprint.get("/sittings")
@permit("commission:score:read")
def sittings() -> str:
    return ""

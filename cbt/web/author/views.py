"""Authors' pages: questions, blueprints and forms."""

from __future__ import annotations

from flask import Blueprint

from cbt.web.guard import permit

blueprint = Blueprint("author", __name__, url_prefix="/author", template_folder="templates")


@blueprint.get("/items")
@permit("bank:item:write")
def items() -> str:
    return ""


@blueprint.get("/blueprints")
@permit("assembly:form:draw")
def blueprints() -> str:
    return ""

"""Blueprints and forms of an author's body."""

from __future__ import annotations

from cbt.web.author.blueprint import blueprint
from cbt.web.guard import permit


@blueprint.get("/blueprints")
@permit("assembly:form:draw")
def blueprints() -> str:
    return ""

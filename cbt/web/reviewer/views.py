"""Reviewers' pages: questions and forms to approve."""

from __future__ import annotations

from flask import Blueprint

from cbt.web.guard import permit

blueprint = Blueprint("reviewer", __name__, url_prefix="/reviewer", template_folder="templates")


@blueprint.get("/queue")
@permit("bank:item:approve")
def queue() -> str:
    return ""


@blueprint.get("/forms")
@permit("assembly:form:approve")
def forms() -> str:
    return ""

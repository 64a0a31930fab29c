"""Forms that wait for approval by another person."""

from __future__ import annotations

from cbt.web.guard import permit
from cbt.web.reviewer.blueprint import blueprint


@blueprint.get("/forms", endpoint="forms")
@permit("assembly:form:approve")
def form_list() -> str:
    return ""

"""Questions that wait for approval by another person."""

from __future__ import annotations

from cbt.web.guard import permit
from cbt.web.reviewer.blueprint import blueprint


@blueprint.get("/queue")
@permit("bank:item:approve")
def queue() -> str:
    return ""

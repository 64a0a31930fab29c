"""Authors' questions: the list, writing, submitting, versions."""

from __future__ import annotations

from cbt.web.author.blueprint import blueprint
from cbt.web.guard import permit


@blueprint.get("/items", endpoint="items")
@permit("bank:item:write")
def item_list() -> str:
    return ""

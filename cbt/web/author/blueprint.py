"""Where the author's pages live."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("author", __name__, url_prefix="/author", template_folder="templates")

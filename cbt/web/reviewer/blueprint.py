"""Where the reviewer's pages live."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("reviewer", __name__, url_prefix="/reviewer", template_folder="templates")

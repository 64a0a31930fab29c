"""Authors' pages: questions, the reference library, blueprints and forms."""

from __future__ import annotations

from cbt.web.author import forms, items, library
from cbt.web.author.blueprint import blueprint

__all__ = ("blueprint", "forms", "items", "library")

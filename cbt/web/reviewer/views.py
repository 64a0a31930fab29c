"""Reviewers' pages: questions, adopted lots and forms to approve."""

from __future__ import annotations

from cbt.web.reviewer import forms, items, lots
from cbt.web.reviewer.blueprint import blueprint

__all__ = ("blueprint", "forms", "items", "lots")

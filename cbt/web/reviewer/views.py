"""Reviewers' pages: questions and forms to approve."""

from __future__ import annotations

from cbt.web.reviewer import forms, items
from cbt.web.reviewer.blueprint import blueprint

__all__ = ("blueprint", "forms", "items")

"""Sittings, candidates' lists and the room."""

from __future__ import annotations

from cbt.web.invigilator import people, room, sittings, slips
from cbt.web.invigilator.blueprint import blueprint

__all__ = ("blueprint", "people", "room", "sittings", "slips")

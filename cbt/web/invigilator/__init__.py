"""Sittings, candidates' lists and the room."""

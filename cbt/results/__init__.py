"""Marks and verdicts from pinned versions under an edition of the rules."""

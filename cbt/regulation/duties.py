"""Four eyes: nobody approves their own work. Source: AR r.13 (developed and approved are two acts)."""

from __future__ import annotations

from cbt.errors import Refusal


def require_another_person(author_id: object, approver_id: object) -> None:
    """Whoever wrote a question does not approve it; refuses `author_cannot_approve`."""
    _require_two_people(author_id, approver_id, "author_cannot_approve")


def require_another_form_approver(drawer_id: object, approver_id: object) -> None:
    """Whoever drew a form does not approve it; refuses `drawer_cannot_approve`."""
    _require_two_people(drawer_id, approver_id, "drawer_cannot_approve")


def require_another_blueprint_approver(planner_id: object, approver_id: object) -> None:
    """Whoever drafted a blueprint does not approve it; refuses `planner_cannot_approve`."""
    _require_two_people(planner_id, approver_id, "planner_cannot_approve")


def _require_two_people(maker_id: object, approver_id: object, code: str) -> None:
    # Two unknown people could be one: a missing id is a fault of the caller, never a pass.
    if maker_id is None or approver_id is None:
        raise ValueError("both people must be known")
    if maker_id == approver_id:
        raise Refusal(code)

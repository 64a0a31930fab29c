"""Plan a sitting, change the plan, open, close or cancel it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from cbt.accounts.actor import Actor
from cbt.accounts.models import Body
from cbt.assembly import actions as assembly
from cbt.assembly.models import Form
from cbt.assembly.queries import positions, usable_forms
from cbt.audit.actions import record
from cbt.delivery.models import Attempt, Registration, Sitting, SittingForm
from cbt.delivery.typed import clean_line
from cbt.errors import Refusal
from cbt.regulation import editions, lifecycle, timing

# A year typed wrongly is found here and not on the day.
FARTHEST = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a body decides about a sitting; moments are aware."""

    place_kk: str
    place_ru: str
    opens_at: datetime
    closes_at: datetime
    minutes: int
    both_languages: bool
    supervisor: str
    form_ids: Sequence[int]


def plan_sitting(session: Session, *, plan: Plan, actor: Actor, now: datetime) -> Sitting:
    """A planned sitting of the actor's body.

    Refusals: text_*, too_long, too_short, window_backwards, window_past, window_far, forms_missing,
    form_not_usable, sitting_repeated. Source: AR r.13.
    """
    # Two presses of one button wait for each other here.
    session.execute(select(Body.id).where(Body.id == actor.body_id).with_for_update(key_share=True))
    sitting = Sitting(
        body_id=actor.body_id,
        edition=editions.DEFAULT_EDITION,
        state=lifecycle.SITTING.start,
        created_by=actor.account_id,
        created_at=now,
    )
    forms = _write(session, sitting, plan, now)
    _require_new(session, sitting, forms)
    session.add(sitting)
    session.flush()
    _record_plan(session, "sitting.planned", sitting, forms, actor, now)
    return sitting


def edit_sitting(session: Session, *, sitting: Sitting, plan: Plan, actor: Actor, now: datetime) -> None:
    """Change a plan before the sitting is opened. Refusals: as in `plan_sitting`, move_not_allowed."""
    _locked(session, sitting)
    lifecycle.next_state(lifecycle.SITTING, sitting.state, "edit")
    forms = _write(session, sitting, plan, now)
    _require_new(session, sitting, forms)
    session.execute(delete(SittingForm).where(SittingForm.sitting_id == sitting.id))
    _record_plan(session, "sitting.edited", sitting, forms, actor, now)


def _write(session: Session, sitting: Sitting, plan: Plan, now: datetime) -> list[Form]:
    """Put a checked plan into the row; the forms it names."""
    sitting.place_kk = clean_line(plan.place_kk, field="place_kk")
    sitting.place_ru = clean_line(plan.place_ru, field="place_ru")
    sitting.supervisor = clean_line(plan.supervisor, field="supervisor")
    try:
        sitting.minutes = timing.require_minutes(plan.minutes, edition=editions.edition(sitting.edition))
    except Refusal as refusal:
        raise Refusal(refusal.code, field="minutes", **refusal.facts) from None
    _require_window(plan, now)
    sitting.opens_at, sitting.closes_at = plan.opens_at, plan.closes_at
    sitting.both_languages = plan.both_languages
    return _chosen_forms(session, sitting.body_id, plan.form_ids)


def _require_window(plan: Plan, now: datetime) -> None:
    if plan.opens_at >= plan.closes_at:
        raise Refusal("window_backwards", field="closes")
    if plan.closes_at <= now:
        raise Refusal("window_past", field="closes")
    if plan.opens_at > now + FARTHEST:
        raise Refusal("window_far", field="day")


def _chosen_forms(session: Session, body_id: int, form_ids: Sequence[int]) -> list[Form]:
    """Only forms that the oblast has approved may be handed out. Source: AR r.13 (R-035, R-036)."""
    usable = {form.id: form for position in positions() for form in usable_forms(session, body_id=body_id, position=position)}
    if not form_ids:
        raise Refusal("forms_missing", field="forms")
    if not set(form_ids) <= set(usable):
        raise Refusal("form_not_usable", field="forms")
    return [usable[form_id] for form_id in sorted(set(form_ids))]


def _require_new(session: Session, sitting: Sitting, forms: Sequence[Form]) -> None:
    """The same forms at the same place and time are a second press of the button."""
    with session.no_autoflush:
        rows = session.execute(
            select(SittingForm.sitting_id, SittingForm.form_id)
            .join(Sitting, Sitting.id == SittingForm.sitting_id)
            .where(
                Sitting.body_id == sitting.body_id,
                Sitting.place_kk == sitting.place_kk,
                Sitting.opens_at == sitting.opens_at,
                Sitting.closes_at == sitting.closes_at,
                Sitting.state != "cancelled",
                Sitting.id != (sitting.id or 0),
            )
        ).all()
    twins: dict[int, set[int]] = {}
    for sitting_id, form_id in rows:
        twins.setdefault(sitting_id, set()).add(form_id)
    if {form.id for form in forms} in twins.values():
        raise Refusal("sitting_repeated", field="place_kk")


def _record_plan(
    session: Session, tag: str, sitting: Sitting, forms: Sequence[Form], actor: Actor, now: datetime
) -> None:
    session.add_all(SittingForm(sitting_id=sitting.id, form_id=form.id, position=form.position) for form in forms)
    record(
        session, tag, actor=actor.label, subject=sitting_label(sitting.id), body_id=sitting.body_id, now=now,
        place=sitting.place_kk, opens_at=sitting.opens_at, closes_at=sitting.closes_at, minutes=sitting.minutes,
        forms=[form.id for form in forms],
    )  # fmt: skip


def open_sitting(session: Session, *, sitting: Sitting, actor: Actor, now: datetime) -> None:
    """Let candidates start within the window, and put the forms in use.

    Refusals: move_not_allowed, window_past, no_form_for_position (a registered position without a form),
    form_not_usable (a form was withdrawn since).
    """
    _locked(session, sitting)
    state = lifecycle.next_state(lifecycle.SITTING, sitting.state, "open")
    if now >= sitting.closes_at:
        raise Refusal("window_past")
    rows = session.scalars(select(SittingForm).where(SittingForm.sitting_id == sitting.id)).all()
    forms = _chosen_forms(session, sitting.body_id, [row.form_id for row in rows])
    registered = session.scalars(
        select(Registration.position)
        .where(Registration.sitting_id == sitting.id, Registration.withdrawn_at.is_(None))
        .distinct()
    )
    if bare := sorted(set(registered) - {form.position for form in forms}):
        raise Refusal("no_form_for_position", position=bare[0])
    assembly.put_in_use(session, form_ids=[form.id for form in forms], sitting_id=sitting.id, actor=actor, now=now)
    sitting.state = state
    record(session, "sitting.opened", actor=actor.label, subject=sitting_label(sitting.id), body_id=sitting.body_id, now=now)


def close_sitting(session: Session, *, sitting: Sitting, actor: Actor, now: datetime) -> None:
    """End a sitting; nobody can start any more. Refusals: move_not_allowed, attempts_running with their count."""
    _locked(session, sitting)
    state = lifecycle.next_state(lifecycle.SITTING, sitting.state, "close")
    running = session.scalar(
        select(func.count())
        .select_from(Attempt)
        .join(Registration, Registration.id == Attempt.registration_id)
        .where(Registration.sitting_id == sitting.id, Attempt.state.in_(("started", "paused")))
    )
    if running:
        raise Refusal("attempts_running", count=running)
    sitting.state = state
    record(session, "sitting.closed", actor=actor.label, subject=sitting_label(sitting.id), body_id=sitting.body_id, now=now)


def cancel_sitting(session: Session, *, sitting: Sitting, reason: str, actor: Actor, now: datetime) -> None:
    """Call off a planned sitting, with the reason. Refusals: move_not_allowed, text_* at `reason`."""
    reason = clean_line(reason, field="reason", longest=500)
    _locked(session, sitting)
    sitting.state = lifecycle.next_state(lifecycle.SITTING, sitting.state, "cancel")
    record(
        session, "sitting.cancelled", actor=actor.label, subject=sitting_label(sitting.id), body_id=sitting.body_id,
        now=now, reason=reason,
    )  # fmt: skip


def sitting_label(sitting_id: int) -> str:
    """How the record names a sitting."""
    return f"sitting:{sitting_id}"


def _locked(session: Session, sitting: Sitting) -> None:
    """Hold the row, so that two deeds on one sitting follow each other."""
    session.flush()
    session.refresh(sitting, with_for_update=True)

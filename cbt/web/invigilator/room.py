"""The room during a sitting: who has come, who is writing and how far, and help for one person."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cbt.delivery import queries
from cbt.delivery.actions.entering import release_device
from cbt.web.context import database, now
from cbt.web.guard import actor, permit
from cbt.web.invigilator import people
from cbt.web.invigilator.blueprint import PERSON, ROOM, SITTING, blueprint, own_person, own_sitting, sitting_page
from cbt.web.invigilator.forms import ConfirmForm
from cbt.web.pages import paged_list

# A hall fits on one page.
ROOM_SIZE = 100


@blueprint.get(f"{SITTING}/room")
@permit(ROOM)
def room(sitting_id: int) -> str:
    with database().reading() as db:
        found = own_sitting(db, sitting_id)
        everybody = queries.list_of(db, found.id, now=now())
        listed = paged_list(people.sought(everybody), size=ROOM_SIZE)
        progress = queries.progress_of(db, [row.attempt_id for row in listed.items if row.attempt_id])
    return sitting_page(
        "invigilator/room.html",
        sitting=found,
        people=listed,
        shown=people.shown(listed.items, progress),
        everybody=len(everybody),
        figures=people.figures(everybody),
        at=now(),
        **people.filters(everybody),
    )


@blueprint.route(f"{PERSON}/release", methods=["GET", "POST"])
@permit(ROOM)
def release(sitting_id: int, registration_id: int) -> ResponseReturnValue:
    """Let somebody go on at another machine."""
    form = ConfirmForm()
    with database().reading() as db:
        found, registration = own_person(db, sitting_id, registration_id)
    if form.validate_on_submit():
        with database().transaction() as db:
            found, registration = own_person(db, sitting_id, registration_id)
            release_device(db, registration=registration, body_id=found.body_id, actor=actor(), now=now())
        flash(_("%(name)s can now sign in at another computer with the same slip.", name=registration.name))
        return redirect(url_for("invigilator.room", sitting_id=sitting_id))
    return sitting_page("invigilator/release.html", sitting=found, form=form, registration=registration)

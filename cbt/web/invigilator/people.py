"""Pages of the candidates' list: register one, load a file, take somebody off; and how rows of it are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from cbt.accounts.iin import masked
from cbt.accounts.models import Body
from cbt.accounts.queries import body_of, oblast_of, territory_of
from cbt.delivery import lists, queries
from cbt.delivery.actions import registering
from cbt.delivery.actions.registering import ImportReport
from cbt.delivery.models import Registration, Sitting
from cbt.delivery.queries import STANDINGS, Listed, Progress
from cbt.delivery.typed import folded
from cbt.errors import Refusal
from cbt.regulation import editions, timing
from cbt.web.context import database, now, vault
from cbt.web.guard import actor, permit
from cbt.web.invigilator import words
from cbt.web.invigilator.blueprint import PERSON, REGISTER, SITTING, blueprint, own_person, own_sitting, sitting_page
from cbt.web.invigilator.forms import ConfirmForm, ListForm, PersonForm, blame
from cbt.web.messages import STATUS, words_for
from cbt.web.pages import attachment, current_locale, position_title

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A longer report would be read by nobody; the first faults are mended first.
MOST_SHOWN = 200
_COLUMNS = ["", *words.FIELDS]


# How rows are shown


@dataclass(frozen=True, kw_only=True)
class Row:
    """A person on the list as a page shows them: of the number only the last four digits."""

    registration: Registration
    iin: str
    position: str
    stage: str
    standing: str
    state: tuple[object, str]
    items: int | None
    answered: int | None
    last_contact: datetime | None
    incidents: int
    started_at: datetime | None
    finished_at: datetime | None
    remaining: timedelta | None


def shown(rows: Sequence[Listed], progress: Mapping[str, Progress]) -> list[Row]:
    return [_row(row, progress.get(row.attempt_id or "", Progress())) for row in rows]


def _row(row: Listed, progress: Progress) -> Row:
    is_running = row.standing == "testing" and row.deadline is not None
    return Row(
        registration=row.registration,
        iin=masked(vault().decrypt_iin(row.iin_cipher)),
        position=position_title(row.registration.position),
        stage=str(words.STAGES[row.registration.stage]),
        standing=row.standing,
        state=words.STANDINGS[row.standing],
        items=row.number_of_items,
        answered=progress.answered if row.attempt_id else None,
        last_contact=progress.last_contact or row.started_at,
        incidents=progress.incidents,
        started_at=row.started_at,
        finished_at=row.finished_at,
        remaining=timedelta(milliseconds=timing.remaining_ms(deadline=row.deadline, now=now()))
        if is_running and row.deadline
        else None,
    )


def sought(rows: Sequence[Listed]) -> list[Listed]:
    """The people a search in the address asks for: by name or number in the list, position and state."""
    text = folded(request.args.get("q", ""))
    position, state = request.args.get("position", ""), request.args.get("state", "")
    return [
        row
        for row in rows
        if (text in folded(row.registration.name) or text == str(row.registration.ordinal))
        and position in ("", row.registration.position)
        and state in ("", row.standing)
    ]


def filters(rows: Sequence[Listed]) -> dict[str, object]:
    """What the search form of a list offers: only what occurs in it."""
    positions = sorted({row.registration.position for row in rows})
    states = {row.standing for row in rows}
    asked = {name: request.args.get(name, "").strip() for name in ("q", "position", "state")}
    return {
        "asked": asked,
        "is_filtered": any(asked.values()),
        "several_positions": len(positions) > 1,
        "position_choices": [("", _("All positions")), *((each, position_title(each)) for each in positions)],
        "state_choices": [
            ("", _("All states")),
            *((each, words.STANDINGS[each][0]) for each in STANDINGS if each in states),
        ],
    }


def figures(rows: Sequence[Listed]) -> list[tuple[int, str]]:
    """How many are where, in the order of the day."""
    counts = {standing: sum(row.standing == standing for row in rows) for standing in STANDINGS}
    return [
        (len(rows), _("on the list")),
        (counts["no_code"] + counts["expected"], _("not signed in")),
        (counts["here"], _("signed in, waiting")),
        (counts["testing"] + counts["paused"], _("writing the test")),
        (counts["finished"] + counts["time_over"], _("finished")),
    ]


# Register one


@blueprint.route(f"{SITTING}/register", methods=["GET", "POST"])
@permit(REGISTER)
def register(sitting_id: int) -> ResponseReturnValue:
    form = PersonForm()
    with database().reading() as db:
        found = own_sitting(db, sitting_id)
        form.offer(positions=_positions(db, found), territory=_territory(db))
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                registration = registering.register_candidate(
                    db,
                    sitting=own_sitting(db, sitting_id),
                    iin=form.iin.data or "",
                    name=form.name.data or "",
                    position=form.position.data,
                    stage=form.stage.data,
                    workplace=form.workplace.data,
                    territory_id=int(form.territory.data),
                    actor=actor(),
                    vault=vault(),
                    now=now(),
                )
                commission = body_of(db, registration.commission_id)
        except Refusal as refusal:
            blame(form, refusal)
            return _register_page(found, form), STATUS.get(refusal.code, 422)
        flash(_registered_words(registration, commission))
        onward = "invigilator.register" if "another" in request.form else "invigilator.sitting"
        return redirect(url_for(onward, sitting_id=sitting_id))
    return _register_page(found, form), 422 if form.is_submitted() else 200


def _register_page(sitting: Sitting, form: PersonForm) -> str:
    return sitting_page("invigilator/register.html", sitting=sitting, form=form, is_closed=_is_closed(sitting))


def _is_closed(sitting: Sitting) -> bool:
    return sitting.state not in {"planned", "open"} or now() >= sitting.closes_at


def _registered_words(registration: Registration, commission: Body) -> str:
    return _(
        "%(name)s is on the list under number %(number)s. Commission: %(commission)s.",
        name=registration.name,
        number=registration.ordinal,
        commission=commission.name(current_locale()),
    )


def _positions(db: Session, sitting: Sitting) -> list[tuple[str, str]]:
    found = dict.fromkeys(form.position for form in queries.forms_of(db, sitting.id))
    return [(position, position_title(position)) for position in found]


def _territory(db: Session) -> list[tuple[str, str]]:
    """Where the person may work: the oblast and its rayons, or the rayon one acts for."""
    body_id = actor().body_id
    oblast = oblast_of(db, body_id)
    bodies = [body for body in territory_of(db, oblast.id) if body_id in (oblast.id, body.id)]
    return [(str(body.id), body.name(current_locale())) for body in bodies]


# Load a file


@blueprint.route(f"{SITTING}/import", methods=["GET", "POST"])
@permit(REGISTER)
def load(sitting_id: int) -> ResponseReturnValue:
    """One step, all or nothing: either the whole file is on the list, or the page says what to mend in it."""
    form = ListForm()
    with database().reading() as db:
        found = own_sitting(db, sitting_id)
    report: ImportReport | None = None
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            rows = lists.read_list(form.file.data.read())
            with database().transaction() as db:
                report = registering.import_candidates(
                    db,
                    [(row.number, row.person, row.refusals) for row in rows],
                    sitting=own_sitting(db, sitting_id),
                    actor=actor(),
                    vault=vault(),
                    now=now(),
                )
        except Refusal as refusal:
            blame(form, refusal)
            status = STATUS.get(refusal.code, 422)
        else:
            if report.registered:
                return _loaded(sitting_id, report, sum(row.zeros_restored for row in rows))
    return sitting_page(
        "invigilator/load.html",
        sitting=found,
        form=form,
        is_closed=_is_closed(found),
        most=lists.MOST_ROWS,
        report=_faults(report) if report else None,
    ), status


def _loaded(sitting_id: int, report: ImportReport, restored: int) -> Response:
    flash(
        ngettext(
            "%(num)s person from the file is on the list.",
            "%(num)s people from the file are on the list.",
            report.registered,
        )
    )
    if restored:
        words_of_zeros = ngettext(
            "In %(num)s row the zeros at the beginning of the IIN were missing and have been put back.",
            "In %(num)s rows the zeros at the beginning of the IIN were missing and have been put back.",
            restored,
        )
        flash(words_of_zeros, "warning")
    return redirect(url_for("invigilator.sitting", sitting_id=sitting_id))  # type: ignore[return-value]


def _faults(report: ImportReport) -> dict[str, object]:
    wrong = [row for row in report.rows if row.refusals]
    return {
        "rows": [
            {
                "number": row.number,
                "name": row.name,
                "faults": [
                    (words.FIELDS.get(refusal.field or "", ""), words_for(refusal))
                    for refusal in sorted(row.refusals, key=lambda each: _COLUMNS.index(each.field or ""))
                ],
            }
            for row in wrong[:MOST_SHOWN]
        ],
        "wrong": len(wrong),
        "total": len(report.rows),
        "more": len(wrong) - MOST_SHOWN,
    }


@blueprint.get(f"{SITTING}/list.xlsx")
@permit(REGISTER)
def empty_list(sitting_id: int) -> Response:
    """The empty list to fill in, with this sitting's positions in both languages to choose from."""
    with database().reading() as db:
        found = own_sitting(db, sitting_id)
        ids = [position for position, _title in _positions(db, found)]
        territory = [name for _id, name in _territory(db)]
    known = {each.id: each for each in editions.edition(found.edition).positions or ()}
    titles = [known[each].kk for each in ids] + [known[each].ru for each in ids]
    data = lists.template(positions=titles, territory=territory)
    return attachment(data, name=_("candidates-%(number)s.xlsx", number=sitting_id), content_type=XLSX)


# Take somebody off


@blueprint.route(f"{PERSON}/withdraw", methods=["GET", "POST"])
@permit(REGISTER)
def withdraw(sitting_id: int, registration_id: int) -> ResponseReturnValue:
    form = ConfirmForm()
    status = 200
    with database().reading() as db:
        found, registration = own_person(db, sitting_id, registration_id)
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                _found, registration = own_person(db, sitting_id, registration_id)
                registering.withdraw_registration(db, registration=registration, actor=actor(), now=now())
        except Refusal as refusal:
            blame(form, refusal)
            status = STATUS.get(refusal.code, 422)
        else:
            flash(_("%(name)s is off the list.", name=registration.name))
            return redirect(url_for("invigilator.sitting", sitting_id=sitting_id))
    return sitting_page("invigilator/withdraw.html", sitting=found, form=form, registration=registration), status

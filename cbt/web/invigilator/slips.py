"""Sign-in slips: new one-time codes as a PDF to print, for the whole list or for one person."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from cbt.delivery import queries
from cbt.delivery.actions.registering import issue_codes
from cbt.delivery.models import Candidate, Registration, Sitting
from cbt.delivery.queries import Listed
from cbt.documents.slips import Slip, slips_pdf
from cbt.documents.wording import Bilingual
from cbt.errors import Refusal
from cbt.regulation import editions
from cbt.web.context import database, now, services, vault
from cbt.web.guard import actor, permit
from cbt.web.invigilator.blueprint import (
    PERSON,
    REGISTER,
    ROOM,
    SITTING,
    blueprint,
    own_person,
    own_sitting,
    sitting_page,
)
from cbt.web.invigilator.forms import ConfirmForm, SlipsForm, blame
from cbt.web.messages import STATUS
from cbt.web.pages import attachment, current_locale

PDF = "application/pdf"
_DONE = {"finished", "time_over", "annulled"}


@blueprint.route(f"{SITTING}/slips", methods=["GET", "POST"])
@permit(REGISTER)
def slips(sitting_id: int) -> ResponseReturnValue:
    with database().reading() as db:
        found = own_sitting(db, sitting_id)
        everybody = queries.list_of(db, found.id, now=now())
    new, waiting = _for_whom(everybody, "new"), _for_whom(everybody, "all")
    form = SlipsForm(data={"which": "new" if new else "all"})
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            return _print(sitting_id, form.which.data)
        except Refusal as refusal:
            blame(form, refusal)
            status = STATUS.get(refusal.code, 422)
    return sitting_page(
        "invigilator/slips.html", sitting=found, form=form, new=len(new), waiting=len(waiting)
    ), status


def _for_whom(rows: Sequence[Listed], which: str) -> list[Registration]:
    return [
        row.registration
        for row in rows
        if (row.standing == "no_code" if which == "new" else row.standing not in _DONE)
    ]


def _print(sitting_id: int, which: str) -> Response:
    with database().transaction() as db:
        sitting = own_sitting(db, sitting_id)
        chosen = _for_whom(queries.list_of(db, sitting.id, now=now()), which)
        if not chosen:
            raise Refusal("nobody_for_slips", field="which")
        issued = _issue(db, sitting, chosen)
    return _paper(sitting, issued)


@blueprint.route(f"{PERSON}/slip", methods=["GET", "POST"])
@permit(ROOM)
def slip(sitting_id: int, registration_id: int) -> ResponseReturnValue:
    form = ConfirmForm()
    status = 200
    if form.validate_on_submit():
        try:
            with database().transaction() as db:
                found, registration = own_person(db, sitting_id, registration_id)
                issued = _issue(db, found, [registration])
            return _paper(found, issued)
        except Refusal as refusal:
            if refusal.code == "unknown":
                raise
            blame(form, refusal)
            status = STATUS.get(refusal.code, 422)
    with database().reading() as db:
        found, registration = own_person(db, sitting_id, registration_id)
    return sitting_page("invigilator/slip.html", sitting=found, form=form, registration=registration), status


def _issue(db: Session, sitting: Sitting, registrations: Sequence[Registration]) -> list[Slip]:
    issued = issue_codes(db, registrations=registrations, vault=vault(), actor=actor(), now=now())
    return [_slip(db, sitting, registration, code) for registration, code in issued]


def _paper(sitting: Sitting, issued: Sequence[Slip]) -> Response:
    """Pressed after the codes are kept: hundreds of slips take seconds, and answers of other rooms must not wait."""
    pdf = slips_pdf(issued, language=current_locale())
    return attachment(pdf, name=_("slips-%(number)s.pdf", number=sitting.id), content_type=PDF)


def _slip(db: Session, sitting: Sitting, registration: Registration, code: str) -> Slip:
    position = editions.require_usable(editions.edition(sitting.edition)).position(registration.position)
    candidate = db.get_one(Candidate, registration.candidate_id)
    return Slip(
        name=registration.name,
        iin_tail=vault().decrypt_iin(candidate.iin_cipher)[-4:],
        position=Bilingual(kk=position.kk, ru=position.ru),
        place=Bilingual(kk=sitting.place_kk, ru=sitting.place_ru),
        opens_at=sitting.opens_at,
        closes_at=sitting.closes_at,
        minutes=sitting.minutes,
        address=f"{services().settings.public_url.rstrip('/')}/candidate",
        code=code,
    )

"""The blueprint of the pages about sittings, and what they share."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy.orm import Session

from cbt.delivery import queries
from cbt.delivery.models import Registration, Sitting
from cbt.documents.wording import window
from cbt.web.guard import actor
from cbt.web.pages import current_locale, page

blueprint = Blueprint("invigilator", __name__, url_prefix="/invigilator", template_folder="templates")

READ = "delivery:sitting:read"
MANAGE = "delivery:sitting:manage"
REGISTER = "delivery:candidate:register"
ROOM = "delivery:room:manage"
# The largest number that both databases take for a row.
_ID = "<int(max=9223372036854775807)"
SITTING = f"/sittings/{_ID}:sitting_id>"
PERSON = f"{SITTING}/people/{_ID}:registration_id>"


def own_sitting(db: Session, sitting_id: int) -> Sitting:
    """A sitting of the body one acts in; another's is not found."""
    return queries.sitting_of(db, sitting_id, body_id=actor().body_id)


def own_person(db: Session, sitting_id: int, registration_id: int) -> tuple[Sitting, Registration]:
    sitting = own_sitting(db, sitting_id)
    return sitting, queries.registration_of(db, registration_id, sitting_id=sitting.id)


def sitting_page(template: str, /, *, sitting: Sitting, **values: object) -> str:
    """A page about one sitting: every one of them says where and when it is held."""
    return page(
        template,
        sitting=sitting,
        place=sitting.place_ru if current_locale() == "ru" else sitting.place_kk,
        window=window(sitting.opens_at, sitting.closes_at, current_locale()),
        may=actor().permissions,
        **values,
    )

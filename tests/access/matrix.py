"""Every route of the product: who may use it, and which objects stand in its address. A route without a row fails.

The roles are written out here and not taken from the product's own grants, so that a grant changed by mistake shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cbt.accounts.permissions import ROLES

CANDIDATE, NOBODY = "candidate", "nobody"
WHO = (*ROLES, CANDIDATE, NOBODY)
EVERYBODY = frozenset(WHO)
STAFF = frozenset(ROLES)


@dataclass(frozen=True)
class Row:
    """`objects`: argument of the address -> name of the object in `Side.ids`; `fixed`: arguments that belong to nobody.

    `get`, `post`: answers to those who may; `refused`: the answer to staff who may not, where it is not 403.
    """

    roles: frozenset[str]
    objects: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, object] = field(default_factory=dict)
    get: frozenset[int] = frozenset({200})
    post: frozenset[int] = frozenset({200, 302, 303, 400, 409, 415, 422})
    refused: int = 0


def row(
    roles: str | Iterable[str],
    objects: str | dict[str, str] = "",
    *,
    fixed: dict[str, object] | None = None,
    get: Iterable[int] = (200,),
    refused: int = 0,
) -> Row:
    names = frozenset(roles.split()) if isinstance(roles, str) else frozenset(roles)
    if isinstance(objects, str):
        objects = {name: name for name in objects.split()}
    return Row(names, objects, fixed or {}, frozenset(get), refused=refused)


AUTHOR, REVIEWER, ADMIN = "author", "reviewer", "body_admin ministry_admin"
ROOM, OFFICE = "invigilator secretary", "secretary"
SCORES, FILES, EXPORT = "secretary member chair auditor", "secretary member chair", "secretary chair"
PERSON = {"sitting_id": "sitting_id", "registration_id": "registration_id"}
PLANNED = {"sitting_id": "planned_sitting_id"}

MATRIX: dict[str, Row] = {
    # for everybody
    "public.home": row(EVERYBODY, get=(200, 302)),
    "public.healthz": row(EVERYBODY),
    "public.readyz": row(EVERYBODY),
    "static_file": row(EVERYBODY, fixed={"edition_asked": "any", "path": "cbt.css"}),
    "account.login": row(EVERYBODY, get=(200, 302)),
    "account.language": row(EVERYBODY, fixed={"code": "ru"}, get=(302,)),
    "candidate.login": row(EVERYBODY, get=(200, 302)),
    "candidate.script": row(EVERYBODY),
    "candidate.check": row(EVERYBODY, fixed={"attempt_id": "0" * 32, "value": "AAAA"}, get=(404,)),
    "practice.index": row(EVERYBODY),
    "practice.opening": row(EVERYBODY, fixed={"position": "att-care"}),
    "practice.start": row(EVERYBODY, fixed={"position": "att-care"}, get=(422,)),
    "practice.player": row(EVERYBODY, fixed={"position": "att-care", "language": "kk", "seed": "a1"}),
    "practice.move": row(EVERYBODY, fixed={"position": "att-care", "language": "kk", "seed": "a1"}, get=(302,)),
    "practice.questions": row(EVERYBODY, fixed={"position": "att-care", "seed": "a1"}),
    "practice.picture": row(EVERYBODY, fixed={"position": "att-care", "sha256": "0"}, get=(404,)),
    "practice.script": row(EVERYBODY),
    # any member of staff
    "account.mine": row(STAFF),
    "account.password": row(STAFF),
    "account.logout": row(STAFF),
    "account.act_in": row(STAFF, "body_id"),
    # questions
    "author.items": row(AUTHOR),
    "author.new_item": row(AUTHOR),
    "author.item": row(AUTHOR, "item_id"),
    "author.edit_item": row(AUTHOR, "item_id"),
    "author.submit_item": row(AUTHOR, "item_id"),
    "author.preview_item": row(AUTHOR, "item_id"),
    "author.compare_item": row(AUTHOR, {"item_id": "approved_item_id"}),
    "author.renew_item": row(AUTHOR, {"item_id": "approved_item_id"}),
    "author.retire_item": row(AUTHOR, {"item_id": "approved_item_id"}),
    "author.picture": row(AUTHOR, "sha256"),
    "author.library": row(AUTHOR),
    "author.library_bank": row(AUTHOR, fixed={"position": "att-care"}),
    "author.library_area": row(AUTHOR, fixed={"position": "att-care", "area": "D1"}),
    "author.library_picture": row(AUTHOR, fixed={"sha256": "0" * 64}, get=(404,)),
    "author.adopt": row(AUTHOR, fixed={"position": "att-care"}, get=(409,)),
    "reviewer.queue": row(REVIEWER),
    "reviewer.item": row(REVIEWER, "version_id"),
    "reviewer.preview_item": row(REVIEWER, "version_id"),
    "reviewer.approve_item": row(REVIEWER, "version_id"),
    "reviewer.return_item": row(REVIEWER, "version_id"),
    "reviewer.picture": row(REVIEWER, "sha256"),
    "reviewer.lot": row(REVIEWER, "adoption_id"),
    "reviewer.approve_lot": row(REVIEWER, "adoption_id", get=(200, 302)),
    # blueprints and forms
    "author.blueprints": row(AUTHOR),
    "author.position": row(AUTHOR, fixed={"position": "att-care"}),
    "author.draft_blueprint": row(AUTHOR, fixed={"position": "att-care"}),
    "author.blueprint_page": row(AUTHOR, "blueprint_id"),
    "author.edit_blueprint": row(AUTHOR, "blueprint_id"),
    "author.withdraw_blueprint": row(AUTHOR, "blueprint_id"),
    "author.draw_forms": row(AUTHOR),
    "author.form_page": row(AUTHOR, "form_id"),
    "author.drawn_forms": row(AUTHOR, "form_id"),
    "author.print_proof": row(AUTHOR, "form_id"),
    "author.withdraw_form": row(AUTHOR, "form_id"),
    "reviewer.forms": row(REVIEWER),
    "reviewer.blueprint_page": row(REVIEWER, "blueprint_id"),
    "reviewer.approve_blueprint": row(REVIEWER, "blueprint_id"),
    "reviewer.form_page": row(REVIEWER, "form_id"),
    "reviewer.approve_form": row(REVIEWER, "form_id"),
    "reviewer.print_proof": row(REVIEWER, "form_id"),
    "reviewer.withdraw_form": row(REVIEWER, "form_id"),
    # sittings
    "invigilator.sittings": row("invigilator secretary body_admin"),
    "invigilator.sitting": row("invigilator secretary body_admin", "sitting_id"),
    "invigilator.plan": row(OFFICE),
    "invigilator.edit": row(OFFICE, PLANNED),
    "invigilator.cancel": row(OFFICE, PLANNED),
    "invigilator.open_": row(ROOM, PLANNED),
    "invigilator.close": row(ROOM, "sitting_id"),
    "invigilator.room": row(ROOM, "sitting_id"),
    "invigilator.register": row(OFFICE, "sitting_id"),
    "invigilator.load": row(OFFICE, "sitting_id"),
    "invigilator.empty_list": row(OFFICE, "sitting_id"),
    "invigilator.slips": row(OFFICE, "sitting_id"),
    "invigilator.slip": row(ROOM, PERSON),
    "invigilator.release": row(ROOM, PERSON),
    "invigilator.withdraw": row(OFFICE, PERSON),
    # commissions
    "commission.sittings": row(SCORES),
    "commission.sitting": row(SCORES, "sitting_id"),
    "commission.scores_xlsx": row(EXPORT, "sitting_id"),
    "commission.scores_pdf": row(EXPORT, "sitting_id"),
    "commission.candidate": row(FILES, "registration_id"),
    # administrators
    "admin.members": row(ADMIN),
    "admin.bodies": row(ADMIN),
    "admin.new_body": row(ADMIN, "parent_id"),
    "admin.new_member": row(ADMIN, "body_id"),
    "admin.known_member": row(ADMIN, "body_id"),
    "admin.member": row(ADMIN, "body_id account_id"),
    "admin.member_password": row(ADMIN, "body_id account_id"),
    "admin.close_account": row(ADMIN, "body_id account_id"),
    "admin.open_account": row(ADMIN, "body_id account_id"),
    "admin.end_role": row(ADMIN, "body_id account_id role"),
    "admin.audit": row("body_admin ministry_admin auditor"),
    # the candidate's own attempt: its address is the session, so there is no object of anybody else to name
    "candidate.waiting": row(CANDIDATE, get=(200, 302)),
    "candidate.confirm_start": row(CANDIDATE, get=(422, 302)),
    "candidate.start": row(CANDIDATE),
    "candidate.exam": row(CANDIDATE),
    "candidate.answer": row(CANDIDATE),
    "candidate.finish_overview": row(CANDIDATE),
    "candidate.finish": row(CANDIDATE),
    "candidate.picture": row(CANDIDATE, fixed={"number": 1}, get=(200, 404)),
    "candidate.result": row(CANDIDATE, get=(200, 302)),
    "candidate.result_sheet": row(CANDIDATE, get=(404,)),
    "candidate.logout": row(CANDIDATE),
    "candidate_api.state": row(CANDIDATE),
    "candidate_api.form": row(CANDIDATE),
    # The road of an answer loads no user: who has no attempt is told to sign in.
    "candidate_api.events": row(CANDIDATE, refused=401),
    "candidate_api.submit": row(CANDIDATE),
}

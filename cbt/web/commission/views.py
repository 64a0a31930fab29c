"""What a commission sees of its own candidates: sittings, scores, files."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from cbt.accounts.queries import body_of
from cbt.delivery.models import Sitting
from cbt.documents.wording import window
from cbt.regulation import editions
from cbt.results import actions
from cbt.results import queries_commission as queries
from cbt.results.queries_file import file_of
from cbt.web.commission import papers, shown, words
from cbt.web.context import database, now, vault
from cbt.web.guard import actor, permit
from cbt.web.pages import PAGE_SIZE, attachment, current_locale, page, paged_list, position_title

blueprint = Blueprint("commission", __name__, url_prefix="/commission", template_folder="templates")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The largest number that both databases take for a row.
ID = "<int(max=9223372036854775807)"


@blueprint.get("/sittings")
@permit("commission:score:read")
def sittings() -> str:
    sought = request.args.get("q", "").strip()
    with database().reading() as session:
        every = queries.sittings_of(session, body_id=actor().body_id)
    found = [row for row in every if sought.casefold() in f"{row.place_kk}\n{row.place_ru}".casefold()]
    return page(
        "commission/sittings.html",
        sittings=paged_list(found),
        sought=sought,
        has_any=bool(every),
        has_search=len(every) > PAGE_SIZE or bool(sought),
        state_words=words.SITTING_STATES,
        state_shapes=words.SITTING_SHAPES,
    )


def _wanted() -> queries.Wanted:
    names = {"name": "q", "position": "position", "gate": "gate", "state": "state", "language": "language"}
    asked = {field: request.args.get(name, "").strip() for field, name in names.items()}
    return queries.Wanted(**asked, incidents=request.args.get("incidents", ""))


def _scores(sitting_id: int) -> tuple[Sitting, list[queries.CandidateRow]]:
    with database().reading() as session:
        found = queries.sitting_of(session, sitting_id, body_id=actor().body_id)
        return found, queries.candidates_of(session, sitting=found, body_id=actor().body_id, now=now())


def _asked(rows: list[queries.CandidateRow]) -> list[queries.CandidateRow]:
    """The rows under the filters and in the order of the address."""
    wanted = _wanted()
    return queries.in_order((row for row in rows if wanted.takes(row)), request.args.get("sort", "name"))


def _note_exported(sitting: Sitting, rows: int) -> None:
    with database().transaction() as session:
        actions.note_exported(session, sitting_id=sitting.id, rows=rows, actor=actor(), now=now())


@blueprint.get(f"/sittings/{ID}:sitting_id>")
@permit("commission:score:read")
def sitting(sitting_id: int) -> str:
    found, rows = _scores(sitting_id)
    wanted = _wanted()
    test = editions.require_usable(editions.edition(found.edition)).test
    return page(
        "commission/sitting.html",
        sitting=found,
        place=papers.place_of(found),
        window=window(found.opens_at, found.closes_at, current_locale()),
        figures=shown.figures(queries.figures_of(rows)),
        is_awaited=any(row.state in {"expected", "running"} for row in rows),
        distribution=queries.distribution_of(rows),
        test=test,
        candidates=paged_list(_asked(rows)),
        wanted=wanted,
        filters=shown.filters(rows, position_title),
        is_filtered=wanted != queries.Wanted(),
        words=words,
        may_open="commission:file:read" in actor().permissions,
        may_export="commission:score:export" in actor().permissions,
        query={name: value for name, value in request.args.items() if name != "page"},
    )


@blueprint.get(f"/sittings/{ID}:sitting_id>/scores.xlsx")
@permit("commission:score:export")
def scores_xlsx(sitting_id: int) -> Response:
    """The rows that the page shows under the same filters, in the same order."""
    found, rows = _scores(sitting_id)
    chosen = _asked(rows)
    _note_exported(found, len(chosen))
    return attachment(papers.scores_xlsx(chosen), name=papers.file_name(found, "xlsx"), content_type=XLSX)


@blueprint.get(f"/sittings/{ID}:sitting_id>/scores.pdf")
@permit("commission:score:export")
def scores_pdf(sitting_id: int) -> Response:
    """Always the whole list: it is signed."""
    found, rows = _scores(sitting_id)
    with database().reading() as session:
        body = body_of(session, actor().body_id)
    _note_exported(found, len(rows))
    data = papers.scores_pdf(found, rows, body=body, actor=actor(), now=now())
    return attachment(data, name=papers.file_name(found, "pdf"), content_type="application/pdf")


@blueprint.get(f"/candidates/{ID}:registration_id>")
@permit("commission:file:read")
def candidate(registration_id: int) -> str:
    """Opening a file is a deed of its own and is kept; what was read is shown only after that."""
    with database().reading() as session:
        opened = file_of(session, registration_id, body_id=actor().body_id, vault=vault(), now=now())
    with database().transaction() as session:
        actions.note_file_opened(session, registration_id=registration_id, actor=actor(), now=now())
    return page(
        "commission/candidate.html",
        file=opened,
        place=papers.place_of(opened.sitting),
        verdict=shown.verdict(opened),
        profile=shown.profile(opened),
        registration=shown.registration(opened),
        attempt=shown.attempt(opened),
        incidents=shown.incidents(opened),
        activity=shown.activity(opened),
        record=shown.record(opened),
        openings=shown.openings(opened),
        title=_("Candidate's file"),
    )

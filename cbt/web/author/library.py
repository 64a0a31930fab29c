"""The reference library beside an author's bank: what is new, what has a newer text, and taking it over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from cbt.accounts import queries as accounts
from cbt.bank import queries, queries_adoption
from cbt.bank.actions import adopting
from cbt.bank.adoption import TAKEN_WITH_AREA, Row, Standing, compare, taken_of
from cbt.bank.content import ItemContent
from cbt.bank.formats.reference import LibraryBank, bank_of, library_folder, positions_in
from cbt.bank.models import Adoption
from cbt.errors import Refusal
from cbt.web import bank_pages
from cbt.web.author.blueprint import blueprint
from cbt.web.context import database, now, services
from cbt.web.guard import actor, permit
from cbt.web.messages import STATUS, words_for
from cbt.web.pages import page, paged_list, position_title

WRITE = "bank:item:write"
# Longer lists are folded, so that the page stays one that is read to its end.
_MOST_LISTED = 10
# Standings that the page only explains, in the order in which it does.
_LEFT_ALONE = (Standing.OPEN, Standing.FOREIGN, Standing.MOVED, Standing.RETIRED, Standing.OWN)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """The bank of a position in the library beside what the body has of it."""

    bank: LibraryBank
    rows: tuple[Row, ...]
    adoptions: Sequence[Adoption]

    def of(self, *standings: Standing) -> list[Row]:
        return [row for row in self.rows if row.standing in standings]

    @property
    def new(self) -> list[Row]:
        return self.of(Standing.NEW)

    @property
    def newer(self) -> list[Row]:
        return self.of(Standing.CHANGED)

    @property
    def undecided(self) -> list[Row]:
        return self.of(Standing.BOTH)

    @property
    def exposed(self) -> list[Row]:
        """Questions for tests that the library has made practice questions: everybody can see their keys."""
        return [
            row
            for row in self.of(Standing.MOVED)
            if row.offered and row.offered.practice and row.held and not row.held.practice
            if row.held.newest_state != "retired"
        ]

    @property
    def is_untouched(self) -> bool:
        return len(self.new) == len(self.bank.items)

    @property
    def waiting(self) -> int:
        """Adopted questions that no reviewer has decided on."""
        held = [row.held for row in self.rows if row.held is not None]
        return sum(each.newest_state == "submitted" and each.adopted_hash is not None for each in held)


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """An area of the library, counted by how its questions stand in the body's bank."""

    code: str
    practice: int
    counts: Counter[Standing]

    def count(self, *names: str) -> int:
        return sum(self.counts[Standing(name)] for name in names)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def taken(self) -> int:
        return sum(self.counts[standing] for standing in TAKEN_WITH_AREA)


@dataclass(frozen=True, kw_only=True)
class NewerText:
    """A question whose text in the library differs from that in the body's bank."""

    row: Row
    words: str
    changes: list[bank_pages.Change]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is ticked on the page: areas, and codes of questions that the body changed too."""

    areas: frozenset[str]
    codes: frozenset[str]
    seen_digest: str


def _folder() -> Path:
    return library_folder(services().settings.library)


def _shelf(db: Session, bank: LibraryBank) -> Shelf:
    body_id = actor().body_id
    return Shelf(
        bank=bank,
        rows=compare(bank, queries_adoption.held_by(db, body_id=body_id, position=bank.position)),
        adoptions=queries_adoption.adoptions_of(db, body_id=body_id, position=bank.position),
    )


# The shelves


@blueprint.get("/library")
@permit(WRITE)
def library() -> str:
    folder = _folder()
    shelves, faults = [], []
    with database().reading() as db:
        for position in positions_in(folder):
            try:
                shelves.append(_shelf(db, bank_of(folder, position)))
            except Refusal as refusal:
                faults.append((position, words_for(refusal)))
        return page(
            "author/library.html",
            shelves=shelves,
            faults=faults,
            names=accounts.names_of(db, {each.adopted_by for shelf in shelves for each in shelf.adoptions[:1]}),
        )


# One bank


@blueprint.get("/library/<position>")
@permit(WRITE)
def library_bank(position: str) -> str:
    return _bank_page(bank_of(_folder(), position))


def _bank_page(bank: LibraryBank, problem: str = "") -> str:
    body_id = actor().body_id
    with database().reading() as db:
        shelf = _shelf(db, bank)
        areas = _area_rows(shelf.rows)
        lots = [queries_adoption.lot_of(db, each.id, body_id=body_id) for each in shelf.adoptions]
        own_texts = _own_texts(db, shelf)
        return page(
            "author/library_bank.html",
            shelf=shelf,
            bank=bank,
            areas=areas,
            total=AreaRow(
                code="", practice=len(bank.practice_items), counts=sum((row.counts for row in areas), start=Counter())
            ),
            choice=_choice() if _was_chosen() else _proposed(areas, bank),
            newer=[_newer_text(row, own_texts) for row in shelf.newer],
            undecided=[_newer_text(row, own_texts) for row in shelf.undecided],
            withdrawn=shelf.of(Standing.WITHDRAWN),
            left_alone=[(row, _why_left(row)) for standing in _LEFT_ALONE for row in shelf.of(standing)],
            most_listed=_MOST_LISTED,
            lots=lots,
            names=accounts.names_of(db, {each.adopted_by for each in shelf.adoptions}),
            problem=problem,
            words=bank_pages,
        )


def _area_rows(rows: Sequence[Row]) -> list[AreaRow]:
    offered = [(row, row.offered) for row in rows if row.offered is not None]
    return [
        AreaRow(
            code=code,
            practice=sum(item.practice for _row, item in offered if item.area == code),
            counts=Counter(row.standing for row, item in offered if item.area == code),
        )
        for code in dict.fromkeys(item.area for _row, item in offered)
    ]


def _own_texts(db: Session, shelf: Shelf) -> Mapping[int, ItemContent]:
    """What the body's bank says now, by question; nothing is fetched where the library brings nothing else."""
    if not (shelf.newer or shelf.undecided):
        return {}
    rows = queries.items_for_export(db, body_id=actor().body_id, position=shelf.bank.position)
    return {row.item.id: row.content for row in rows}


def _newer_text(row: Row, own_texts: Mapping[int, ItemContent]) -> NewerText:
    assert row.offered is not None
    assert row.held is not None  # a text can only be newer than one that is there
    return NewerText(
        row=row,
        words=bank_pages.first_words(row.offered.content, 120),
        changes=bank_pages.changes(own_texts[row.held.item_id], row.offered.content),
    )


def _why_left(row: Row) -> str:
    if row.standing is Standing.OPEN and row.held and row.held.newest_state == "returned":
        return _("It is returned to its author. If the library's text is right, write it there and hand it in again.")
    if row.standing is Standing.OPEN:
        return _("A version of it is being written or waits for approval. Look here again when it is decided.")
    if row.standing is Standing.FOREIGN:
        return _("A question of your own bears this code. Both stay as they are.")
    if row.standing is Standing.RETIRED:
        return _("You have retired it. It is not offered again.")
    if row.standing is Standing.OWN:
        return _("You have changed the text. The library has not, so yours stays.")
    assert row.held is not None
    assert row.offered is not None  # what was moved is on both sides
    if row.held.area != row.offered.area:
        return _("In your bank it stands in area %(area)s.", area=row.held.area)
    if row.held.practice:
        return _("In your bank it is a practice question, in the library it is not.")
    return _("In the library it is a practice question, in your bank it is not.")


# Reading


@blueprint.get("/library/<position>/<area>")
@permit(WRITE)
def library_area(position: str, area: str) -> str:
    """The questions of an area in full, so that a body knows what it takes over."""
    bank = bank_of(_folder(), position)
    with database().reading() as db:
        rows = [row for row in _shelf(db, bank).rows if row.offered is not None and row.offered.area == area]
    if not rows:
        raise Refusal("unknown")
    new = [row for row in rows if row.standing is Standing.NEW]
    only_new = request.args.get("only") == "new"
    sizes = {sha256: (picture.width, picture.height) for sha256, picture in bank.pictures.items()}
    return page(
        "author/library_area.html",
        bank=bank,
        area=area,
        rows=paged_list(new if only_new else rows),
        only_new=only_new,
        counts={"all": len(rows), "new": len(new)},
        sizes=sizes,
        words=bank_pages,
    )


@blueprint.get("/library-pictures/<sha256>")
@permit(WRITE)
def library_picture(sha256: str) -> Response:
    folder = _folder()
    for position in positions_in(folder):
        with suppress(Refusal):  # the damage of one bank hides no picture of another
            if picture := bank_of(folder, position).pictures.get(sha256):
                return Response(picture.png, content_type="image/png")
    raise Refusal("unknown")


# Taking over


@blueprint.route("/library/<position>/adopt", methods=["GET", "POST"])
@permit(WRITE)
def adopt(position: str) -> ResponseReturnValue:
    """The deed is bound to the edition that stood on the page where it was chosen."""
    bank, choice = bank_of(_folder(), position), _choice()
    try:
        if request.method == "GET":
            return _confirmation(bank, choice)
        with database().transaction() as db:
            outcome = adopting.adopt(
                db, bank=bank, seen_digest=choice.seen_digest, areas=choice.areas, named=choice.codes, actor=actor(),
                now=now(),
            )  # fmt: skip
    except Refusal as refusal:
        if refusal.code == "unknown":
            raise
        return _bank_page(bank, words_for(refusal)), STATUS.get(refusal.code, 422)
    count = len(outcome.created) + len(outcome.new_versions)
    flash(
        ngettext(
            "%(num)s question is handed in for approval by another person.",
            "%(num)s questions are handed in for approval by another person.",
            count,
        ),
        "good",
    )
    return redirect(url_for("author.library_bank", position=position))


def _confirmation(bank: LibraryBank, choice: Choice) -> str:
    """Refusals: library_changed, nothing_chosen, nothing_to_adopt."""
    if bank.digest != choice.seen_digest:
        raise Refusal("library_changed")
    if not (choice.areas or choice.codes):
        raise Refusal("nothing_chosen")
    with database().reading() as db:
        taken = taken_of(_shelf(db, bank).rows, areas=choice.areas, named=choice.codes)
    if not taken:
        raise Refusal("nothing_to_adopt")
    by_standing = Counter(row.standing for row in taken)
    facts = [
        (_("Position"), position_title(bank.position)),
        (_("Edition of the library"), bank.edition.name),
        (_("Areas"), ", ".join(dict.fromkeys(row.area for row in taken))),
        (_("New questions"), by_standing[Standing.NEW]),
        (_("Newer texts"), by_standing[Standing.CHANGED]),
        (_("In place of a text of your own"), ", ".join(row.code for row in taken if row.standing is Standing.BOTH)),
    ]
    return page(
        "author/library_adopt.html",
        bank=bank,
        choice=choice,
        count=len(taken),
        replaces=len(taken) > by_standing[Standing.NEW],
        facts=[(term, value) for term, value in facts if value],
        back={"area": sorted(choice.areas), "code": sorted(choice.codes), "digest": choice.seen_digest},
    )


def _was_chosen() -> bool:
    return "digest" in request.values


def _choice() -> Choice:
    given = request.form if request.method == "POST" else request.args
    return Choice(
        areas=frozenset(given.getlist("area")),
        codes=frozenset(given.getlist("code")),
        seen_digest=given.get("digest", ""),
    )


def _proposed(areas: Sequence[AreaRow], bank: LibraryBank) -> Choice:
    """Everything that comes with its area; what the body wrote itself is never proposed for replacement."""
    return Choice(areas=frozenset(row.code for row in areas if row.taken), codes=frozenset(), seen_digest=bank.digest)

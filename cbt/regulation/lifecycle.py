"""Which deed moves a thing from which state to which: one table per thing, and nothing that is not in it may happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cbt.errors import Refusal


@dataclass(frozen=True, eq=False)
class Table:
    """The moves of one kind of thing, from the state it is born in; names come in the order of the table."""

    thing: str
    start: str
    moves: Mapping[tuple[str, str], str]

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([self.start, *(state for state, _ in self.moves), *self.moves.values()]))

    @property
    def deeds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(deed for _, deed in self.moves))

    @property
    def final_states(self) -> tuple[str, ...]:
        return tuple(state for state in self.states if not allowed_deeds(self, state))


def next_state(table: Table, state: str, deed: str) -> str:
    """The state after the deed; refuses `move_not_allowed` for every pair that is not in the table."""
    try:
        return table.moves[state, deed]
    except KeyError:
        raise Refusal("move_not_allowed", thing=table.thing, state=state, deed=deed) from None


def allowed_deeds(table: Table, state: str) -> tuple[str, ...]:
    """What may be done with a thing in that state."""
    return tuple(deed for before, deed in table.moves if before == state)


def _table(thing: str, start: str, moves: dict[str, dict[str, str]]) -> Table:
    flat = {(state, deed): after for state, deeds in moves.items() for deed, after in deeds.items()}
    return Table(thing, start, MappingProxyType(flat))


ITEM_VERSION = _table(
    "item_version",
    "draft",
    {
        "draft": {"edit": "draft", "submit": "submitted"},
        "submitted": {"return": "returned", "approve": "approved"},
        "returned": {"edit": "returned", "submit": "submitted"},
        "approved": {"retire": "retired"},
    },
)

BLUEPRINT = _table(
    "blueprint",
    "drafted",
    {
        "drafted": {"edit": "drafted", "approve": "approved", "withdraw": "withdrawn"},
        "approved": {"withdraw": "withdrawn"},
    },
)

# A form serves several sittings: putting it in use again changes nothing.
FORM = _table(
    "form",
    "drafted",
    {
        "drafted": {"approve": "approved", "withdraw": "withdrawn"},
        "approved": {"use": "in_use", "withdraw": "withdrawn"},
        "in_use": {"use": "in_use", "withdraw": "withdrawn"},
    },
)

SITTING = _table(
    "sitting",
    "planned",
    {
        "planned": {"edit": "planned", "open": "open", "cancel": "cancelled"},
        "open": {"close": "closed"},
    },
)

# A paused attempt whose sitting ends is closed with the answers the server holds.
ATTEMPT = _table(
    "attempt",
    "issued",
    {
        "issued": {"start": "started", "annul": "annulled"},
        "started": {"pause": "paused", "submit": "submitted", "expire": "expired", "annul": "annulled"},
        "paused": {"resume": "started", "expire": "expired", "annul": "annulled"},
        "submitted": {"annul": "annulled"},
        "expired": {"annul": "annulled"},
    },
)

# One road to the commission; the two stages differ in what the commission may say at its end (AR r.15, r.18, r.20).
# A case initial or repeat is a table of its own, so that no wording of the other stage can be reached.
_ROAD_TO_THE_COMMISSION = {
    "draft": {"complete_documents": "documents_complete"},
    "documents_complete": {"schedule_test": "scheduled_test"},
    "scheduled_test": {"excuse_absence": "test_postponed", "record_absence": "not_attested", "record_test": "tested"},
    "test_postponed": {"schedule_test": "scheduled_test"},
    "scheduled_session": {
        "excuse_absence": "session_postponed",
        "record_absence": "not_attested",
        "interview": "interviewed",
    },
    "session_postponed": {"schedule_session": "scheduled_session"},
    "interviewed": {"vote": "voted"},
}

INITIAL_CASE = _table(
    "initial_case",
    "draft",
    {
        **_ROAD_TO_THE_COMMISSION,
        "tested": {"schedule_session": "scheduled_session", "record_low_points": "repeat"},
        "voted": {"decide_conforms": "conforms", "decide_repeat": "repeat"},
    },
)

REPEAT_CASE = _table(
    "repeat_case",
    "draft",
    {
        **_ROAD_TO_THE_COMMISSION,
        "tested": {"schedule_session": "scheduled_session", "decide_not_conforms": "not_conforms"},
        "voted": {"decide_conforms": "conforms", "decide_not_conforms": "not_conforms"},
    },
)

# Source: 002 r.9, r.10. A returned application keeps its number; the clock starts again when it is sent anew.
REGISTRY_APPLICATION = _table(
    "registry_application",
    "draft",
    {
        "draft": {"submit": "received"},
        "received": {"register": "registered", "return": "returned", "refuse": "refused"},
        "returned": {"submit": "received", "close": "closed"},
    },
)

TABLES = (ITEM_VERSION, BLUEPRINT, FORM, SITTING, ATTEMPT, INITIAL_CASE, REPEAT_CASE, REGISTRY_APPLICATION)

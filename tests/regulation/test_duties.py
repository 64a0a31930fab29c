"""Four eyes over questions, forms and blueprints."""

from __future__ import annotations

import pytest

from cbt.errors import Refusal
from cbt.regulation.duties import (
    require_another_blueprint_approver,
    require_another_form_approver,
    require_another_person,
)

GATES = [
    (require_another_person, "author_cannot_approve"),
    (require_another_form_approver, "drawer_cannot_approve"),
    (require_another_blueprint_approver, "planner_cannot_approve"),
]


@pytest.mark.parametrize(("gate", "code"), GATES)
def test_nobody_approves_their_own_work(gate, code):
    with pytest.raises(Refusal) as no:
        gate(7, 7)
    assert no.value.code == code


@pytest.mark.parametrize(("gate", "code"), GATES)
def test_another_person_may_approve(gate, code):
    assert gate(7, 8) is None


@pytest.mark.parametrize(("gate", "code"), GATES)
@pytest.mark.parametrize(("maker", "approver"), [(None, 8), (7, None), (None, None)])
def test_an_unknown_person_is_never_another_person(gate, code, maker, approver):
    with pytest.raises(ValueError):
        gate(maker, approver)

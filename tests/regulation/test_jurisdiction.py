"""The table of competence, line by line."""

from __future__ import annotations

import pytest

from cbt.errors import Refusal
from cbt.regulation.editions import DEFAULT_EDITION, edition
from cbt.regulation.jurisdiction import commission_body, jurisdiction

EDITION = edition(DEFAULT_EDITION)


@pytest.mark.parametrize(
    ("position", "workplace", "documents_to", "commission", "test_by", "outcome_document", "issued_by"),
    [
        ("att-needs-assessment", "medico_social", "oblast", "oblast", "oblast", "certificate", "oblast"),
        ("att-needs-assessment", "other", "oblast", "oblast", "oblast", "certificate", "oblast"),
        ("att-specialist", "medico_social", "oblast", "oblast", "oblast", "protocol_copy", "oblast"),
        ("att-specialist", "other", "rayon", "rayon", "oblast", "protocol_copy", "rayon"),
        ("att-consultant", "medico_social", "rayon", "rayon", "oblast", "protocol_copy", "rayon"),
        ("att-consultant", "other", "rayon", "rayon", "oblast", "protocol_copy", "rayon"),
        ("att-care", "medico_social", "rayon", "rayon", "oblast", "protocol_copy", "rayon"),
        ("att-care", "other", "rayon", "rayon", "oblast", "protocol_copy", "rayon"),
    ],
)
def test_the_competent_bodies_follow_from_the_post_and_the_workplace(
    position, workplace, documents_to, commission, test_by, outcome_document, issued_by
):
    found = jurisdiction(position=position, workplace=workplace, edition=EDITION)
    assert (found.documents_to, found.commission, found.test_by) == (documents_to, commission, test_by)
    assert (found.outcome_document, found.issued_by) == (outcome_document, issued_by)
    assert found.source.startswith("AR r.")


@pytest.mark.parametrize(
    ("position", "workplace", "code"),
    [
        ("att-director", "other", "position_not_attested"),
        ("", "other", "position_not_attested"),
        ("att-care", "hospital", "workplace_unknown"),
        ("att-specialist", "", "workplace_unknown"),
    ],
)
def test_a_post_or_workplace_outside_the_lists_is_refused(position, workplace, code):
    with pytest.raises(Refusal) as no:
        jurisdiction(position=position, workplace=workplace, edition=EDITION)
    assert no.value.code == code


def test_competence_does_not_stand_on_an_unverified_edition():
    with pytest.raises(Refusal) as no:
        jurisdiction(position="att-care", workplace="other", edition=edition("kz-mlsp-2023-210"))
    assert no.value.code == "edition_unverified"


@pytest.mark.parametrize(
    ("level", "rayon", "body"),
    [
        ("oblast", "rayon body", "oblast body"),
        ("rayon", "rayon body", "rayon body"),
        ("oblast", None, "oblast body"),
        ("rayon", None, "oblast body"),
    ],
)
def test_a_city_without_a_rayon_body_holds_both_commissions_in_one(level, rayon, body):
    assert commission_body(level, oblast="oblast body", rayon=rayon) == body


def test_there_are_two_levels():
    with pytest.raises(ValueError):
        commission_body("ministry", oblast="oblast body", rayon=None)

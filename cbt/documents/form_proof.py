"""The printable proof of a form: every question in both languages with its key, for those who approve it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cbt.documents.press import press
from cbt.documents.richtext import Blocks, tree
from cbt.documents.wording import Bilingual, page_of
from cbt.i18n import LOCALES, format_moment, translator

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    png: bytes
    alt: Bilingual


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofOption:
    kk: Blocks
    ru: Blocks
    correct: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofQuestion:
    code: str
    area: str  # the code of one of the proof's areas
    kk: Blocks
    ru: Blocks
    options: Sequence[ProofOption]
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofArea:
    code: str
    title: Bilingual


@dataclass(frozen=True, kw_only=True, slots=True)
class FormProof:
    """A form as drawn; without an approver and a moment of approval it is a draft and says so on every page."""

    body: Bilingual
    position: Bilingual
    number: str
    areas: Sequence[ProofArea]
    questions: Sequence[ProofQuestion]
    form_hash: str
    seed: str
    drawn_by: str
    drawn_at: datetime
    printed_by: str
    printed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    serial: str = ""  # of this printed copy, where copies are counted

    def __post_init__(self) -> None:
        if (self.approved_by is None) != (self.approved_at is None):
            raise ValueError("an approval has both a person and a moment")


def form_proof_pdf(proof: FormProof) -> bytes:
    facts = {
        "labels": {each: _labels(proof, each) for each in LOCALES},
        "body": proof.body.facts(),
        "position": proof.position.facts(),
        "number": proof.number,
        "form_hash": proof.form_hash[:12],
        "approved": proof.approved_at is not None,
        "particulars": [list(rows) for rows in zip(*(_particulars(proof, each) for each in LOCALES), strict=True)],
        "areas": _areas(proof),
        "questions": [_question(number, it) for number, it in enumerate(proof.questions, start=1)],
    }
    return press("form_proof.typ", facts, moment=proof.printed_at)


def _labels(proof: FormProof, language: str) -> dict[str, str]:
    _ = translator(language).gettext
    return {
        "title": _("Proof of a form"),
        "confidential": _("Confidential: contains the key"),
        "state_label": _("State"),
        "state": _("Approved") if proof.approved_at else _("Draft, not approved"),
        "form": _("Form"),
        "area": _("Content area"),
        "questions": _("Questions"),
        "total": _("Total"),
        "key": _("key"),
        "legend": _("The right answer carries a filled letter and the word “key”."),
        "alt": _("Text in place of the picture"),
        "page_of": page_of(language),
        "printed": _("Printed by %(name)s, %(moment)s")
        % {"name": proof.printed_by, "moment": format_moment(proof.printed_at, language)},
    }


def _particulars(proof: FormProof, language: str) -> list[dict[str, str]]:
    _ = translator(language).gettext
    rows = [
        (_("Hash of the form"), proof.form_hash, "mono", ""),
        (_("Seed of the draw"), proof.seed, "mono", ""),
        (_("Drawn by"), proof.drawn_by, "text", format_moment(proof.drawn_at, language)),
    ]
    if proof.approved_by is not None and proof.approved_at is not None:
        rows.append((_("Approved by"), proof.approved_by, "text", format_moment(proof.approved_at, language)))
    if proof.serial:
        rows.append((_("Copy number"), proof.serial, "mono", ""))
    return [{"label": label, "value": value, "face": face, "moment": moment} for label, value, face, moment in rows]


def _areas(proof: FormProof) -> list[dict[str, Any]]:
    return [
        {
            "code": area.code,
            "title": area.title.facts(),
            "count": sum(question.area == area.code for question in proof.questions),
        }
        for area in proof.areas
    ]


def _question(number: int, question: ProofQuestion) -> dict[str, Any]:
    return {
        "number": number,
        "code": question.code,
        "area": question.area,
        "may_outgrow_a_page": _may_outgrow_a_page(question),
        "kk": tree(question.kk),
        "ru": tree(question.ru),
        "options": [
            {"letter": letter, "kk": tree(option.kk), "ru": tree(option.ru), "correct": option.correct}
            for letter, option in zip(LETTERS, question.options, strict=False)
        ],
        "pictures": [{"png": picture.png, "alt": picture.alt.facts()} for picture in question.pictures],
    }


def _may_outgrow_a_page(question: ProofQuestion) -> bool:
    """A cautious count of lines: a page holds over fifty, and a line over forty letters."""
    texts = [(question.kk, question.ru), *((option.kk, option.ru) for option in question.options)]
    lines = 12 * len(question.pictures) + sum(max(_lines(kk), _lines(ru)) for kk, ru in texts)
    return lines > 40


def _lines(blocks: Blocks) -> int:
    return 1 + sum(
        1 + sum(len(run["text"]) for run in runs) // 40 + sum(run["text"].count("\n") for run in runs)
        for block in tree(blocks)
        for runs in block.get("entries", [block.get("runs", [])])
    )

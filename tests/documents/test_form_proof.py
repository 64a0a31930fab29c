from __future__ import annotations

import re

import pytest

from cbt.documents.form_proof import form_proof_pdf
from cbt.documents.richtext import plain
from cbt.documents.wording import Bilingual
from cbt.i18n import translator

from .samples import HOSTILE, pages, picture, proof, question, solid, tags, words


def label(text: str, language: str = "kk") -> str:
    return translator(language).gettext(text)


def test_every_question_stands_whole_on_one_page_in_both_languages() -> None:
    printed = pages(form_proof_pdf(proof([question(number) for number in range(1, 81)])))
    for number in range(1, 81):
        page = next(page for page in printed if f"Сұрақ{number} " in page)
        assert f"NA-A1-{number:03}" in page
        assert f"Вопрос{number} " in page
        for letter in "абвг":
            assert f"нұсқа{number}{letter}" in page
            assert f"вариант{number}{letter}" in page


@pytest.mark.parametrize("right", range(4))
def test_the_key_is_marked_in_both_languages_and_nothing_else_is(right: int) -> None:
    text = words(form_proof_pdf(proof([question(1, right=right)])))
    for word, language in (("нұсқа", "kk"), ("вариант", "ru")):
        marked = re.findall(rf"{label('key', language).upper()} {word}1(.)", text)
        assert marked == ["абвг"[right]]


def test_several_right_answers_are_all_marked() -> None:
    several = question(1)
    options = [type(option)(kk=option.kk, ru=option.ru, correct=True) for option in several.options[:3]]
    text = words(form_proof_pdf(proof([question(1, options=options)])))
    assert re.findall(rf"{label('key').upper()} нұсқа1(.)", text) == ["а", "б", "в"]


def test_a_question_longer_than_a_page_is_printed_to_its_end() -> None:
    long = question(2, kk=plain("Ұзақ мәтін соңына дейін. " * 400 + "Соңы"))
    printed = pages(form_proof_pdf(proof([question(1), long, question(3)])))
    text = " ".join(printed)
    assert text.count("Ұзақ мәтін") == 400
    assert sum("Ұзақ мәтін" in page for page in printed) > 1
    assert "Соңы" in text
    assert "Сұрақ3 " in text


def test_an_unapproved_form_is_called_a_draft_on_every_page() -> None:
    questions = [question(number) for number in range(1, 10)]
    draft = pages(form_proof_pdf(proof(questions, approved_by=None, approved_at=None)))
    assert len(draft) > 2
    for page in draft:
        assert label("Draft, not approved") in page
        assert label("Draft, not approved", "ru") in page
    assert label("Draft, not approved") not in words(form_proof_pdf(proof(questions)))


def test_an_approval_has_both_a_person_and_a_moment() -> None:
    with pytest.raises(ValueError, match="approval"):
        proof([question(1)], approved_at=None)


def test_every_page_is_confidential_numbered_and_names_the_form() -> None:
    printed = pages(form_proof_pdf(proof([question(number) for number in range(1, 20)])))
    for number, page in enumerate(printed, start=1):
        assert solid(label("Confidential: contains the key")) in solid(page)
        assert label("Page %(page)s of %(pages)s") % {"page": number, "pages": len(printed)} in page
        assert "NA-2026-03" in page
        assert "9f2b71c09f2b" in page
        assert "Төлегенова А. С." in page


def test_the_first_page_tells_where_the_form_comes_from() -> None:
    first = pages(form_proof_pdf(proof([question(number) for number in range(1, 20)], serial="0007")))[0]
    for expected in ("9f2b71c0" * 8, "20260316-3", "Әбенова М. Қ.", "Сейітқали Б. Ж.", "0007"):
        assert expected in first
    assert "A1 Заңнама негіздері Основы законодательства 19" in first


def test_formatted_text_keeps_its_words_and_lists() -> None:
    blocks = (
        ("p", (("H", frozenset()), ("2", frozenset({"sub"})), ("O ", frozenset()), ("қажет", frozenset({"b", "i"})))),
        ("ul", ((("бірінші", frozenset()),), (("екінші", frozenset({"i"})),))),
        ("p", (("бір жол\nекінші жол", frozenset()),)),
    )
    pdf = form_proof_pdf(proof([question(1, kk=blocks)]))
    assert "H2Oқажет•бірінші•екіншібіржолекіншіжол" in solid(words(pdf))
    assert [kind for kind, _alt in tags(pdf)].count("/LI") == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_item_text_is_printed_as_typed(text: str) -> None:
    hostile = question(1, kk=plain(text), ru=(("ul", (((text, frozenset({"b"})),),)),))
    assert solid(words(form_proof_pdf(proof([hostile])))).count(solid(text)) == 2


def test_a_picture_is_printed_with_its_words_in_both_languages() -> None:
    pdf = form_proof_pdf(proof([question(1, pictures=[picture()])]))
    assert ("/Figure", "Бөлменің жоспары") in tags(pdf)
    assert "Бөлменің жоспары" in words(pdf)
    assert "План комнаты" in words(pdf)


def test_both_languages_stand_side_by_side_with_kazakh_first() -> None:
    text = words(form_proof_pdf(proof([question(1)], position=Bilingual("Күтім", "Уход"))))
    assert text.index("Сұрақ1") < text.index("Вопрос1") < text.index("нұсқа1а") < text.index("вариант1а")

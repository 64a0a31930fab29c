"""One canonical form, and a hash that moves with everything a candidate or a reviewer relies on."""

import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from cbt.bank.content import (
    Basis,
    ItemContent,
    Option,
    Picture,
    Text,
    canonical,
    content_hash,
    forbidden_character,
    key,
    parse,
    search_text,
)
from cbt.errors import Refusal

CONTENT = ItemContent(
    kind="single",
    level="knowledge",
    difficulty=0.6,
    basis=Basis(act="Әлеуметтік кодекс", provision="133-бап", as_of=date(2025, 1, 1)),
    stem=Text(kk="Қай қызмет **үйде** көрсетіледі?", ru="Какая услуга оказывается **на дому**?"),
    options=(
        Option("a", Text(kk="Күтім", ru="Уход"), correct=True),
        Option("b", Text(kk="Сот", ru="Суд"), correct=False),
        Option("c", Text(kk="Салық", ru="Налог"), correct=False),
    ),
    rationale=Text(kk="Кодексте айтылған.", ru="Так сказано в кодексе."),
    pictures=(Picture("ab" * 32, Text(kk="Сызба", ru="Схема")),),
)


def test_the_canonical_form_is_this_text():
    assert canonical(CONTENT) == (
        '{"basis":{"act":"Әлеуметтік кодекс","as_of":"2025-01-01","provision":"133-бап"},"difficulty":0.6,'
        '"kind":"single","level":"knowledge","options":['
        '{"correct":true,"id":"a","kk":"Күтім","ru":"Уход"},'
        '{"correct":false,"id":"b","kk":"Сот","ru":"Суд"},'
        '{"correct":false,"id":"c","kk":"Салық","ru":"Налог"}],'
        '"pictures":[{"alt":{"kk":"Сызба","ru":"Схема"},"sha256":"' + "ab" * 32 + '"}],'
        '"rationale":{"kk":"Кодексте айтылған.","ru":"Так сказано в кодексе."},'
        '"stem":{"kk":"Қай қызмет **үйде** көрсетіледі?","ru":"Какая услуга оказывается **на дому**?"}}'
    )


def test_a_content_comes_back_from_its_canonical_form():
    assert parse(canonical(CONTENT)) == CONTENT


def test_a_draft_without_a_date_comes_back_too():
    draft = replace(CONTENT, basis=replace(CONTENT.basis, as_of=None))
    assert parse(canonical(draft)) == draft


def _option(place: int, **changes: object) -> ItemContent:
    options = list(CONTENT.options)
    options[place] = replace(options[place], **changes)
    return replace(CONTENT, options=tuple(options))


@pytest.mark.parametrize(
    "changed",
    [
        replace(CONTENT, stem=replace(CONTENT.stem, kk="Басқа сұрақ?")),
        replace(CONTENT, stem=replace(CONTENT.stem, ru="Другой вопрос?")),
        _option(1, text=Text(kk="Соты", ru="Суд")),
        _option(1, text=Text(kk="Сот", ru="Суды")),
        _option(1, id="d"),
        _option(1, correct=True),
        replace(CONTENT, options=CONTENT.options[::-1]),
        replace(CONTENT, kind="multiple"),
        replace(CONTENT, level="judgement"),
        replace(CONTENT, difficulty=0.61),
        replace(CONTENT, rationale=replace(CONTENT.rationale, kk="Басқа")),
        replace(CONTENT, rationale=replace(CONTENT.rationale, ru="Другое")),
        replace(CONTENT, basis=replace(CONTENT.basis, act="Заң")),
        replace(CONTENT, basis=replace(CONTENT.basis, provision="134-бап")),
        replace(CONTENT, basis=replace(CONTENT.basis, as_of=date(2025, 1, 2))),
        replace(CONTENT, pictures=()),
        replace(CONTENT, pictures=(replace(CONTENT.pictures[0], sha256="cd" * 32),)),
        replace(CONTENT, pictures=(replace(CONTENT.pictures[0], alt=Text(kk="Сызба", ru="Рисунок")),)),
    ],
)
def test_the_hash_moves_with_every_part(changed):
    assert content_hash(changed) != content_hash(CONTENT)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  бір   екі  ", "бір екі"),
        ("бір\u00a0екі\u2009үш", "бір екі үш"),
        ("бір\r\nекі\rүш", "бір\nекі\nүш"),
        ("бір \n\n\n\n екі\n", "бір\n\nекі"),
        (unicodedata.normalize("NFD", "йод ё"), "йод ё"),
    ],
)
def test_a_text_is_tidied_on_the_way_in(typed, kept):
    text = Text(kk=typed, ru=typed)
    assert (text.kk, text.ru) == (kept, kept)


def test_an_option_is_one_line():
    assert Option("a", Text(kk="бір\n\nекі", ru="раз\r\nдва"), correct=False).text == Text(kk="бір екі", ru="раз два")


def test_the_way_of_typing_does_not_move_the_hash():
    typed = unicodedata.normalize("NFD", CONTENT.stem.ru).replace(" ", "  ") + "\r\n"
    assert content_hash(replace(CONTENT, stem=Text(kk=CONTENT.stem.kk, ru=typed))) == content_hash(CONTENT)


UNSEEN = ["\x00", "\x07", "\x1b", "\x1c", "\x7f", "\x85", "\u00ad", "\u200b", "\u200d", "\u200e", "\u202e", "\u2066",
          "\u2028", "\ufeff", "\ufe0f", "\u3164", "\ue000", "\ud800", "\U000e0041"]  # fmt: skip


@pytest.mark.parametrize("character", UNSEEN, ids=lambda c: f"U+{ord(c):04X}")
def test_an_invisible_character_never_gets_into_a_hash(character):
    content = replace(CONTENT, rationale=Text(kk=f"Көд{character}екс", ru="Так"))
    with pytest.raises(Refusal) as refused:
        content_hash(content)
    assert refused.value.code == "forbidden_character"
    assert refused.value.field == "rationale.kk"
    assert refused.value.facts == {"character": f"U+{ord(character):04X}"}


@pytest.mark.parametrize("text", ["Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі", "№ 5 — «үй», 10 %", "за́мок", "😀", "бір\nекі"])
def test_letters_signs_and_emoji_are_no_invisible_characters(text):
    assert forbidden_character(text) is None


@pytest.mark.parametrize(
    ("act", "provision", "kk", "ru"),
    [
        ("№ 21 бұйрық / приказ № 21", "7-тармақ / пункт 7", "№ 21 бұйрық, 7-тармақ", "приказ № 21, пункт 7"),
        ("№ 21 бұйрық", "7-тармақ / пункт 7", "№ 21 бұйрық, 7-тармақ", "№ 21 бұйрық, пункт 7"),
        ("25-ө", "а/б", "25-ө, а/б", "25-ө, а/б"),
        ("а / б / в", "г / д", "а / б / в, г", "а / б / в, д"),
    ],
)
def test_a_basis_written_in_both_languages_is_read_in_one(act, provision, kk, ru):
    basis = Basis(act=act, provision=provision, as_of=None)
    assert (basis.of("kk"), basis.of("ru")) == (kk, ru)


def test_kazakh_letters_keep_their_bytes():
    text = "Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі"
    assert parse(canonical(replace(CONTENT, stem=Text(kk=text, ru=text)))).stem.kk.encode() == text.encode()


def test_the_key_is_the_ids_of_the_right_options():
    assert key(CONTENT) == frozenset("a")
    assert key(_option(2, correct=True)) == frozenset("ac")


def test_words_are_searched_in_both_languages_without_case_or_markup():
    words = search_text(CONTENT)
    for part in ("қай қызмет үйде", "на дому?", "салық", "суд", "133-бап", "сызба"):
        assert part in words
    assert "*" not in words

"""The form of one question: both languages, options, basis and pictures, and every problem beside its field."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date
from uuid import uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from cbt.bank.actions.rows import NEVER_KEPT
from cbt.bank.check import EASIEST, FEWEST_OPTIONS, HARDEST, MOST_OPTIONS, Problem, error, problems_of
from cbt.bank.content import Basis, ItemContent, Option, Picture, Text
from cbt.bank.formats.blueprint import standard_blueprint
from cbt.web.bank_pages import KINDS, LEVELS, area_choices, percent, problem_words
from cbt.web.pages import position_title

USUAL_OPTIONS = 4
MOST_PICTURES = 20
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NOT_READ = frozenset({"share_expected", "date_expected", "place_missing"})
_CLIENT_KEY = re.compile(r"[0-9a-f]{32}")


class OptionForm(Form):
    id = HiddenField()
    kk = TextAreaField()
    ru = TextAreaField()
    correct = BooleanField(_l("This option is right"))


class PictureForm(Form):
    sha256 = HiddenField()
    kk = StringField()
    ru = StringField()
    remove = BooleanField(_l("Remove this picture"))


class ItemForm(FlaskForm):
    client_key = HiddenField()
    seen_hash = HiddenField()
    place = SelectField(_l("Position and area"), validate_choice=False)
    kind = RadioField(_l("Kind"), validate_choice=False)
    level = RadioField(_l("Level"), validate_choice=False)
    difficulty = StringField(_l("Per cent of candidates expected to answer right"))
    stem_kk = TextAreaField(_l("Question text, in Kazakh"))
    stem_ru = TextAreaField(_l("Question text, in Russian"))
    options = FieldList(FormField(OptionForm), max_entries=MOST_OPTIONS)
    rationale_kk = TextAreaField(_l("Rationale, in Kazakh"))
    rationale_ru = TextAreaField(_l("Rationale, in Russian"))
    act = StringField(_l("Act"))
    provision = StringField(_l("Provision"))
    as_of = StringField(_l("The provision is true as of"))
    pictures = FieldList(FormField(PictureForm), max_entries=MOST_PICTURES)
    new_picture = FileField(_l("Add a picture"))
    new_alt_kk = StringField(_l("Description of the new picture, in Kazakh"))
    new_alt_ru = StringField(_l("Description of the new picture, in Russian"))

    def __init__(self, *args: object, position: str = "", **kwargs: object) -> None:
        """`position` narrows the areas to those of an existing question's position."""
        super().__init__(*args, **kwargs)
        self.kind.choices = [(code, str(words)) for code, words in KINDS.items()]
        self.level.choices = [(code, str(words)) for code, words in LEVELS.items()]
        self.place.choices = _places(position)
        self.options_problems: list[str] = []
        while len(self.options.entries) < FEWEST_OPTIONS:
            self.add_option()
        self._name_entries()

    # From a question and back

    @classmethod
    def blank(cls, *, place: str) -> ItemForm:
        form = cls(
            data={
                "client_key": uuid4().hex,
                "place": place,
                "kind": "single",
                "level": "knowledge",
                "options": [{"id": letter} for letter in _LETTERS[:USUAL_OPTIONS]],
            }
        )
        return form

    @classmethod
    def of(cls, content: ItemContent, *, position: str, area: str, seen_hash: str) -> ItemForm:
        return cls(
            position=position,
            data={
                "seen_hash": seen_hash,
                "place": f"{position}:{area}",
                "kind": content.kind,
                "level": content.level,
                "difficulty": percent(content.difficulty),
                "act": content.basis.act,
                "provision": content.basis.provision,
                "as_of": content.basis.as_of.isoformat() if content.basis.as_of else "",
                "stem_kk": content.stem.kk,
                "stem_ru": content.stem.ru,
                "options": [
                    {"id": option.id, "kk": option.text.kk, "ru": option.text.ru, "correct": option.correct}
                    for option in content.options
                ],
                "rationale_kk": content.rationale.kk,
                "rationale_ru": content.rationale.ru,
                "pictures": [
                    {"sha256": each.sha256, "kk": each.alt.kk, "ru": each.alt.ru} for each in content.pictures
                ],
            },
        )

    @property
    def position(self) -> str:
        return (self.place.data or "").partition(":")[0]

    @property
    def area(self) -> str:
        return (self.place.data or "").partition(":")[2]

    @property
    def key(self) -> str | None:
        """What the browser calls the question, if it is a key that this form gave out."""
        given = self.client_key.data or ""
        return given if _CLIENT_KEY.fullmatch(given) else None

    def content(self) -> ItemContent:
        """What was typed; options and pictures left empty are dropped."""
        return ItemContent(
            kind=self.kind.data or "",
            level=self.level.data or "",
            difficulty=self._share() or 0,
            basis=Basis(act=self.act.data or "", provision=self.provision.data or "", as_of=self._day()),
            stem=Text(kk=self.stem_kk.data or "", ru=self.stem_ru.data or ""),
            options=tuple(
                Option(
                    id=each.id.data or "",
                    text=Text(kk=each.kk.data or "", ru=each.ru.data or ""),
                    correct=each.correct.data,
                )
                for each in self._written_options()
            ),
            rationale=Text(kk=self.rationale_kk.data or "", ru=self.rationale_ru.data or ""),
            pictures=tuple(
                Picture(each.sha256.data or "", Text(kk=each.kk.data or "", ru=each.ru.data or ""))
                for each in self._kept_pictures()
            ),
        )

    def _share(self) -> float | None:
        typed = (self.difficulty.data or "").strip().rstrip("%").strip().replace(",", ".")
        try:
            value = float(typed)
        except ValueError:
            return None
        return round(value / 100, 4) if math.isfinite(value) else None

    def _day(self) -> date | None:
        try:
            return date.fromisoformat((self.as_of.data or "").strip())
        except ValueError:
            return None

    def _written_options(self) -> list[OptionForm]:
        forms = [entry.form for entry in self.options.entries]
        return [
            each for each in forms if each.correct.data or (each.kk.data or "").strip() or (each.ru.data or "").strip()
        ]

    def _kept_pictures(self) -> list[PictureForm]:
        return [entry.form for entry in self.pictures.entries if not entry.form.remove.data]

    # More rows

    def add_option(self) -> None:
        """One more empty option with the next free letter; at most eight."""
        if len(self.options.entries) < MOST_OPTIONS:
            used = {entry.form.id.data for entry in self.options.entries}
            self.options.append_entry({"id": next(letter for letter in _LETTERS if letter not in used)})
            self._name_entries()

    @property
    def may_add_option(self) -> bool:
        return len(self.options.entries) < MOST_OPTIONS

    def add_picture(self, sha256: str) -> None:
        """The picture just taken in, with the description typed beside it."""
        alts = {"kk": self.new_alt_kk.data, "ru": self.new_alt_ru.data}
        self.pictures.append_entry({"sha256": sha256, **alts})
        self.new_alt_kk.data = self.new_alt_ru.data = ""
        self._name_entries()

    def _name_entries(self) -> None:
        for entry in self.options.entries:
            letter = (entry.form.id.data or "").upper()[:2]
            entry.form.kk.label.text = _("Option %(letter)s, in Kazakh", letter=letter)
            entry.form.ru.label.text = _("Option %(letter)s, in Russian", letter=letter)
        for number, entry in enumerate(self.pictures.entries, start=1):
            entry.form.kk.label.text = _("Description of picture %(number)s, in Kazakh", number=number)
            entry.form.ru.label.text = _("Description of picture %(number)s, in Russian", number=number)

    # Problems

    def problems(self) -> list[Problem]:
        """Everything wrong with what was typed, what cannot be read as a number or a day first."""
        content, unread = self.content(), []
        if self._share() is None:
            unread.append(error("share_expected", "difficulty"))
        if (self.as_of.data or "").strip() and self._day() is None:
            unread.append(error("date_expected", "basis.as_of", value=(self.as_of.data or "")[:40]))
        if not self.area:
            unread.append(error("place_missing", "area"))
        told = {problem.field for problem in unread}
        return [*unread, *(problem for problem in problems_of(content) if problem.field not in told)]

    def blame(self, problems: Iterable[Problem]) -> None:
        """Put each error beside its field."""
        for problem in problems:
            if problem.severity == "error":
                self.say(problem.field, words_of(problem))

    def say(self, path: str, text: str) -> None:
        if path.startswith("options") and path.count(".") < 2:  # of all options together, not of one text
            self.options_problems.append(text)
            self.form_errors.append((text, "options-0-kk"))
            return
        field = self.field_of(path)
        field.errors = [*field.errors, text]
        # A list shows the errors of its entries only when it has some of its own.
        if path.startswith("options"):
            self.options.errors = [text]
        elif path.startswith("pictures."):
            self.pictures.errors = [text]

    def field_of(self, path: str) -> Field:
        """The field to correct for a path such as `options.b.ru`."""
        name, _dot, rest = path.partition(".")
        if name == "options":
            return self._option_field(rest)
        if name == "pictures":
            return self._picture_field(rest)
        fields = {
            "basis.act": self.act,
            "basis.provision": self.provision,
            "basis.as_of": self.as_of,
            "area": self.place,
            "position": self.place,
        }
        return fields.get(path) or self._fields.get(path.replace(".", "_"), self.stem_kk)

    def _option_field(self, rest: str) -> Field:
        id_, _dot, language = rest.partition(".")
        forms = [entry.form for entry in self.options.entries]
        found = next((each for each in forms if each.id.data == id_), forms[0])
        return found.ru if language == "ru" else found.kk

    def _picture_field(self, rest: str) -> Field:
        number, _dot, language = rest.partition(".")
        kept = self._kept_pictures()
        if not number.isdecimal() or int(number) > len(kept):
            return self.new_picture
        found = kept[int(number) - 1]
        return found.ru if language == "ru" else found.kk


def bars_a_draft(problem: Problem) -> bool:
    """Whether not even a draft may be kept with this problem."""
    return problem.code in NEVER_KEPT or problem.code in _NOT_READ


def words_of(problem: Problem) -> str:
    """The sentence of a problem; the form speaks of per cent where the files speak of shares."""
    if problem.field == "difficulty":
        least, most = percent(HARDEST), percent(EASIEST)
        return _("Enter a number of per cent from %(least)s to %(most)s.", least=least, most=most)
    if problem.code == "place_missing":
        return _("Choose the position and the area.")
    return problem_words(problem)


def _places(position: str) -> object:
    """Areas of one position, or of all positions under their names."""
    if position:
        return [(f"{position}:{code}", words) for code, words in area_choices(position) if code]
    return {
        position_title(each.position): [
            (f"{each.position}:{code}", words) for code, words in area_choices(each.position) if code
        ]
        for each in standard_blueprint().positions
    }

"""Forms of the pages about sittings: a plan, a person, a list, a deed to confirm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    Form,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from cbt.accounts.iin import require_iin
from cbt.assembly.models import Form as TestForm
from cbt.delivery.actions.planning import Plan
from cbt.delivery.models import Sitting
from cbt.delivery.typed import clean_line
from cbt.errors import Refusal
from cbt.i18n import COUNTRY_ZONE
from cbt.web.invigilator.words import FIELDS, STAGES, WORKPLACES
from cbt.web.messages import words_for

_NEEDED = InputRequired(_l("Fill in this field."))
_CHOICE = InputRequired(_l("Choose one."))
_DAYS = ["%Y-%m-%d", "%d.%m.%Y"]
_TIMES = ["%H:%M", "%H:%M:%S", "%H.%M"]


class BoxesField(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PlanForm(FlaskForm):
    """The boxes of each position's forms are added by `plan_form`."""

    place_kk = StringField(_l("Place in Kazakh"), validators=[_NEEDED])
    place_ru = StringField(_l("Place in Russian"), validators=[_NEEDED])
    day = DateField(_l("Day"), format=_DAYS, validators=[_NEEDED])
    opens = TimeField(_l("Candidates start from"), format=_TIMES, validators=[_NEEDED])
    closes = TimeField(_l("Nobody starts after"), format=_TIMES, validators=[_NEEDED])
    last_day = DateField(_l("Last day, if the sitting goes on for several days"), format=_DAYS, validators=[Optional()])
    minutes = IntegerField(_l("Minutes for the test"), validators=[_NEEDED])
    both_languages = BooleanField(_l("Each question can also be looked at in the other language"))
    supervisor = StringField(_l("Who supervises the test"), validators=[_NEEDED])

    def validate(self, extra_validators=None) -> bool:  # type: ignore[no-untyped-def]
        """Asks for a test form too, so that everything wrong with a plan is said at once."""
        is_right = super().validate(extra_validators)
        boxes = self.boxes()
        if boxes and not any(field.data for field in boxes):
            blame(self, Refusal("forms_missing"), field=boxes[0].name)
            return False
        return is_right

    def boxes(self) -> list[BoxesField]:
        return [field for field in self if isinstance(field, BoxesField)]

    def plan(self) -> Plan:
        """What was typed, with moments in the country's zone."""
        # Only asked of a form that passed its own check.
        assert self.day.data
        assert self.opens.data
        assert self.closes.data
        last_day = self.last_day.data or self.day.data
        return Plan(
            place_kk=self.place_kk.data or "",
            place_ru=self.place_ru.data or "",
            opens_at=datetime.combine(self.day.data, self.opens.data, COUNTRY_ZONE),
            closes_at=datetime.combine(last_day, self.closes.data, COUNTRY_ZONE),
            minutes=self.minutes.data or 0,
            both_languages=bool(self.both_languages.data),
            supervisor=self.supervisor.data or "",
            form_ids=[form_id for field in self.boxes() for form_id in field.data or []],
        )


def plan_form(
    usable: Sequence[tuple[str, str, Sequence[TestForm]]], *, label, sitting: Sitting | None, chosen: Sequence[int]
) -> PlanForm:
    """A form with boxes for each position's usable forms; `usable` holds (position, title, forms)."""
    fields = {
        f"forms_{position.replace('-', '_')}": BoxesField(
            title, coerce=int, choices=[(form.id, label(form)) for form in forms]
        )
        for position, title, forms in usable
    }
    kind = type("PlanFormOfBody", (PlanForm,), fields)
    if sitting is None:
        return kind(data={"minutes": 60, "both_languages": True})
    opens, closes = sitting.opens_at.astimezone(COUNTRY_ZONE), sitting.closes_at.astimezone(COUNTRY_ZONE)
    return kind(
        data={
            "place_kk": sitting.place_kk,
            "place_ru": sitting.place_ru,
            "day": opens.date(),
            "opens": opens.time(),
            "closes": closes.time(),
            "last_day": closes.date() if closes.date() != opens.date() else None,
            "minutes": sitting.minutes,
            "both_languages": sitting.both_languages,
            "supervisor": sitting.supervisor,
        }
        | {name: list(chosen) for name in fields}
    )


class PersonForm(FlaskForm):
    iin = StringField(FIELDS["iin"], validators=[_NEEDED])
    name = StringField(FIELDS["name"], validators=[_NEEDED])
    position = SelectField(FIELDS["position"], validators=[_CHOICE])
    stage = RadioField(FIELDS["stage"], choices=list(STAGES.items()), validators=[_CHOICE])
    workplace = RadioField(FIELDS["workplace"], choices=list(WORKPLACES.items()), validators=[_CHOICE])
    territory = SelectField(FIELDS["territory"], validators=[_CHOICE])

    def offer(self, *, positions: Sequence[tuple[str, str]], territory: Sequence[tuple[str, str]]) -> None:
        self.position.choices = _with_blank(positions)
        self.territory.choices = _with_blank(territory)


    def validate_iin(self, field: StringField) -> None:
        _ask(require_iin, field.data or "")

    def validate_name(self, field: StringField) -> None:
        _ask(lambda name: clean_line(name, field="name"), field.data or "")


def _ask(rule: Callable[[str], str], typed: str) -> None:
    """Ask a rule early, so that everything wrong with a form is said at once."""
    try:
        rule(typed)
    except Refusal as refusal:
        raise ValidationError(words_for(refusal)) from None


def _with_blank(choices: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Nothing is chosen silently where there is a choice."""
    return list(choices) if len(choices) == 1 else [("", "—"), *choices]


class ListForm(FlaskForm):
    file = FileField(_l("File with the list"), validators=[FileRequired(_l("Choose a file."))])


class SlipsForm(FlaskForm):
    which = RadioField(
        _l("For whom"),
        choices=[("new", _l("Only those who have no slip yet")), ("all", _l("Everybody who has not finished"))],
        validators=[_CHOICE],
    )


class ConfirmForm(FlaskForm):
    """Nothing but the token: the deed stands in the address."""


class CancelForm(FlaskForm):
    reason = TextAreaField(_l("Reason"), validators=[_NEEDED])


def blame(form: Form, refusal: Refusal, *, field: str | None = None) -> None:
    """Put the words of a refusal beside its field, or the one given; what belongs to no field goes on top."""
    blamed = next((each for each in form if each.name == (field or refusal.field)), None)
    if blamed is None:
        form.form_errors.append(words_for(refusal))
    else:
        blamed.errors = [*blamed.errors, words_for(refusal)]

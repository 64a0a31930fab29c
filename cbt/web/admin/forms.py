"""Forms of administrators: a new person, roles, a password for somebody, a body."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form, PasswordField, SelectMultipleField, StringField
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from cbt.errors import Refusal
from cbt.web.messages import words_for
from cbt.web.navigation import role_name


class RolesField(SelectMultipleField):
    """Roles as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def offer(self, roles: tuple[str, ...]) -> None:
        self.choices = [(role, role_name(role)) for role in roles]


class NewMemberForm(FlaskForm):
    name = StringField(_l("Name"), validators=[DataRequired(_l("Enter the name."))])
    login = StringField(_l("Login"), validators=[DataRequired(_l("Enter the login."))])
    password = PasswordField(_l("First password"), validators=[DataRequired(_l("Enter a password."))])
    roles = RolesField(_l("Roles"), validators=[DataRequired(_l("Choose at least one role."))])


class KnownMemberForm(FlaskForm):
    login = StringField(_l("Login"), validators=[DataRequired(_l("Enter the login."))])
    roles = RolesField(_l("Roles"), validators=[DataRequired(_l("Choose at least one role."))])


class MoreRolesForm(FlaskForm):
    roles = RolesField(_l("More roles"), validators=[DataRequired(_l("Choose at least one role."))])


class NewPasswordForm(FlaskForm):
    password = PasswordField(_l("New password"), validators=[DataRequired(_l("Enter a password."))])


class BodyForm(FlaskForm):
    kato = StringField(_l("KATO code"), validators=[DataRequired(_l("Enter the KATO code."))])
    name_kk = StringField(_l("Name in Kazakh"), validators=[DataRequired(_l("Enter the name in Kazakh."))])
    name_ru = StringField(_l("Name in Russian"), validators=[DataRequired(_l("Enter the name in Russian."))])
    name_en = StringField(_l("Name in English"), validators=[DataRequired(_l("Enter the name in English."))])


def blame(form: Form, refusal: Refusal) -> None:
    """Put the words of a refusal at the field it blames, or over the whole form."""
    field = form._fields.get(refusal.field or "")
    if field is None:
        form.form_errors.append(words_for(refusal))
    else:
        field.errors = [*field.errors, words_for(refusal)]

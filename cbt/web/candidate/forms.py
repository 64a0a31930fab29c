"""The sign-in form of a candidate."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length


class SignInForm(FlaskForm):
    iin = StringField(
        _l("Individual identification number (IIN)"),
        validators=[DataRequired(_l("Enter the individual identification number.")), Length(max=40)],
    )
    code = StringField(
        _l("One-time code"), validators=[DataRequired(_l("Enter the code from the slip.")), Length(max=60)]
    )

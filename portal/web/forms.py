"""What forms of every room share: the sentences of a refused command stand at the fields they speak of."""

from flask_wtf import FlaskForm

from portal.core.errors import Invalid
from portal.web.i18n import translate


def show_errors(form: FlaskForm, invalid: Invalid) -> None:
    """This function will put each sentence of `invalid` at its field; what names no field of the form stands above it."""
    for name, messages in invalid.errors.items():
        sentences = [translate(message) for message in messages]
        if name in form:
            form[name].errors = [*form[name].errors, *sentences]
        else:
            form.form_errors = [*form.form_errors, *sentences]

"""The form of several uploads at once."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import SelectField

from portal.media.states import Purpose
from portal.media.words import PURPOSES
from portal.web.i18n import translate


class UploadForm(FlaskForm):  # type: ignore[misc]
    """Files, and the place on the TV that pictures among them are made fit for."""

    files = MultipleFileField(_("文件"))
    purpose = SelectField(_("图片用在哪里"), default=Purpose.ITEM.value, validate_choice=False)

    def offer(self) -> None:
        """This function will fill the list of places."""
        self.purpose.choices = [(purpose.value, translate(label)) for purpose, label in PURPOSES.items()]

    def chosen(self) -> Purpose:
        """This function will return the place chosen; an unknown one counts as an item's full screen."""
        return Purpose(self.purpose.data) if self.purpose.data in set(Purpose) else Purpose.ITEM

"""The form of an export: in which form, and whether names and words are in it."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField

from portal.audit.export.scope import Format


class ExportForm(FlaskForm):  # type: ignore[misc]
    """What is carried out."""

    format = RadioField(_("格式"), default=Format.LINES.value, validate_choice=False)
    personal = BooleanField(_("包含姓名、账号、地址和内容"), default=True)

    def offer(self) -> None:
        """This function will fill the list of formats."""
        self.format.choices = [
            (Format.LINES.value, gettext("JSON 行，带证明")), (Format.WORKBOOK.value, gettext("Excel 表")),
        ]  # fmt: skip

    def chosen(self) -> Format:
        """This function will return the format chosen; an unknown one counts as lines."""
        return Format.WORKBOOK if self.format.data == Format.WORKBOOK.value else Format.LINES

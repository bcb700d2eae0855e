"""The form by which drafts are handed in. What a field must hold is said by the command."""

from datetime import datetime

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.fields import DateTimeLocalField
from wtforms.validators import Length, Optional

from portal.core.clock import SHANGHAI
from portal.core.ids import ObjectId
from portal.review.submitting import Chosen

_TITLE, _NOTE = 60, 500
MOMENT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
"""How browsers send a local moment, and how people type one where there is no picker; the first is how it is shown."""


class SubmitForm(FlaskForm):  # type: ignore[misc]
    """Title, note and time of a submission; the chosen drafts are check boxes of their own, `chosen`."""

    title = StringField(_l("标题"), [Optional(), Length(max=_TITLE, message=_l("标题最多 60 个字。"))])
    note = TextAreaField(_l("给审核员的说明"), [Optional(), Length(max=_NOTE, message=_l("说明最多 500 个字。"))])
    publish_at = DateTimeLocalField(_l("定时发布"), [Optional()], format=MOMENT_FORMATS)
    urgent = BooleanField(_l("加急"))

    def chosen(self) -> list[Chosen]:
        """This function will return the drafts that were ticked, each with the hash that the page showed."""
        pairs = (value.partition(":") for value in request.form.getlist("chosen"))
        return list({Chosen(ObjectId(object_id), sha256) for object_id, _colon, sha256 in pairs})

    def moment(self) -> datetime | None:
        """This function will return the set time, which people type in China Standard Time."""
        typed: datetime | None = self.publish_at.data
        return typed.replace(tzinfo=SHANGHAI) if typed else None

    def read(self) -> bool:
        """This function will tell whether everything typed can be read; what cannot has a sentence at its field."""
        valid = bool(self.validate())
        if self.publish_at.process_errors:
            self.publish_at.errors = [_("请写成日期和时间，如 2026-12-01 08:00。")]
        return valid

"""Forms of publishing and of taking things back. What a field must hold is said by the commands."""

from datetime import datetime

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.fields import DateTimeLocalField
from wtforms.validators import Length, Optional

from portal.core.clock import SHANGHAI
from portal.review.forms import MOMENT_FORMATS

_TITLE, _REASON = 60, 500


class PublishForm(FlaskForm):  # type: ignore[misc]
    """What of the approved goes on air now; the chosen revisions are check boxes of their own, `chosen`."""

    title = StringField(_l("标题"), [Optional(), Length(max=_TITLE, message=_l("标题最多 60 个字。"))])
    reason = TextAreaField(_l("说明"), [Optional(), Length(max=_REASON, message=_l("说明最多 500 个字。"))])

    def chosen(self) -> list[str]:
        """This function will return the ids of the revisions that were ticked."""
        return request.form.getlist("chosen")


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why something is taken off air or let back."""

    reason = TextAreaField(_l("原因"), [Length(max=_REASON, message=_l("原因最多 500 个字。"))])


class TimeForm(FlaskForm):  # type: ignore[misc]
    """When a submission goes on air; empty means not by itself."""

    publish_at = DateTimeLocalField(_l("发布时间"), [Optional()], format=MOMENT_FORMATS)

    def load(self, at: datetime | None) -> None:
        """This function will fill the form with a moment, as people in China Standard Time read it."""
        self.publish_at.data = at.astimezone(SHANGHAI) if at else None

    def read(self) -> bool:
        """This function will tell whether the time can be read; what cannot has a sentence at its field."""
        valid = bool(self.validate())
        if self.publish_at.process_errors:
            self.publish_at.errors = [_("请写成日期和时间，如 2026-12-01 08:00。")]
        return valid

    def moment(self) -> datetime | None:
        """This function will return the time, which people type in China Standard Time."""
        typed: datetime | None = self.publish_at.data
        return typed.replace(tzinfo=SHANGHAI) if typed else None

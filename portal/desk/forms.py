"""The decision that a reviewer sends: which revisions were seen, with their hashes, and what is to happen to them."""

from collections.abc import Sequence

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from portal.review.commands import Decision, Verdict

APPROVE, RETURN, PUBLISH = "approve", "return", "publish"


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """The bar below a submission, and the small form of a single object in it."""

    reason = StringField(_l("意见"))

    @property
    def act(self) -> str:
        """Which button was pressed; anything else than a known one counts as none."""
        asked = request.form.get("decision", "")
        return asked if asked in {APPROVE, RETURN, PUBLISH} else ""

    def decisions(self) -> Sequence[Decision]:
        """This function will return the decision about every revision that the page showed."""
        verdict = Verdict.RETURN if self.act == RETURN else Verdict.APPROVE
        reason = (self.reason.data or "").strip() if verdict is Verdict.RETURN else ""
        pairs = (value.partition(":") for value in request.form.getlist("seen"))
        return [Decision(revision_id, sha256, verdict, reason) for revision_id, _colon, sha256 in pairs]

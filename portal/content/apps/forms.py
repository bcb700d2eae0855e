"""The form of an app: its file, which says everything about it, and whom it is for."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField

from portal.content.apps.checking import facts
from portal.content.apps.rules import App
from portal.content.editing.forms import EnvelopeForm
from portal.media.apk.queries import find_app
from portal.web.state import ctx


class AppForm(EnvelopeForm):
    """An installation file, kept by its SHA-256; nothing that stands in it can be typed."""

    asset = HiddenField()
    asset_upload = FileField(_l("安装包"))

    def payload(self) -> Mapping[str, Any]:
        """This function will return what was read from the chosen file."""
        row = find_app(ctx().session, self.asset.data)
        return facts(row) if row is not None else {"asset": self.asset.data}

    def load_payload(self, payload: App) -> None:
        """This function will fill the form from an app."""
        self.asset.data = payload.asset

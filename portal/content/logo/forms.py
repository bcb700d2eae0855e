"""The form of the logo."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import StringField

from portal.content.editing.forms import EnvelopeForm
from portal.content.logo.rules import Logo


class LogoForm(EnvelopeForm):
    """One picture, and the groups it is for."""

    image = StringField(_l("从媒体库选"))
    image_upload = FileField(_l("logo图片"))

    def payload(self) -> Mapping[str, Any]:
        """This function will return what was chosen as a logo's payload."""
        return {"image": self.image.data} if self.image.data else {}

    def load_payload(self, payload: Logo) -> None:
        """This function will fill the form from a logo."""
        self.image.data = payload.image

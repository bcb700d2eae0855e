"""The form of a splash frame."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import SelectField, StringField

from portal.content.editing.forms import EnvelopeForm, number
from portal.content.limits import FRAME_POSITIONS
from portal.content.splash.rules import Frame


class FrameForm(EnvelopeForm):
    """A picture that fills the screen, and which of the frames it is."""

    position = SelectField(_l("第几帧"), choices=[str(n) for n in range(1, FRAME_POSITIONS + 1)], validate_choice=False)
    image = StringField(_l("从媒体库选"))
    image_upload = FileField(_l("图片"))

    def payload(self) -> Mapping[str, Any]:
        """This function will return what was chosen as a frame's payload."""
        typed = {"position": number(self.position.data)}
        return {**typed, "image": self.image.data} if self.image.data else typed

    def load_payload(self, payload: Frame) -> None:
        """This function will fill the form from a frame."""
        self.position.data = str(payload.position)
        self.image.data = payload.image

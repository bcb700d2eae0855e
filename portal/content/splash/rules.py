"""The payload of a splash frame."""

from typing import Annotated

from pydantic import Field

from portal.content.fields import Payload, Sha256
from portal.content.limits import FRAME_POSITIONS


class Frame(Payload):
    """One picture that fills the screen before the desktop appears, for the product's fixed time."""

    position: Annotated[int, Field(ge=1, le=FRAME_POSITIONS)]
    image: Sha256

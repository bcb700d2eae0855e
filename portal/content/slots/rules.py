"""The payload of a slot."""

from typing import Annotated

from pydantic import Field

from portal.content.actions import Action
from portal.content.fields import Line, Payload, Sha256
from portal.content.limits import SLOT_POSITIONS, SLOT_SUBTITLE_CHARACTERS, SLOT_TITLE_CHARACTERS


class Slot(Payload):
    """One of the positions of the first desktop page; a position that nothing fills shows the operator's own recommendation."""

    position: Annotated[int, Field(ge=1, le=SLOT_POSITIONS)]
    title: Annotated[Line, Field(min_length=1, max_length=SLOT_TITLE_CHARACTERS)]
    subtitle: Annotated[Line, Field(max_length=SLOT_SUBTITLE_CHARACTERS)] = ""
    image: Sha256
    action: Action

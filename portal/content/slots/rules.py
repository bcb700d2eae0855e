"""The payload of a slot."""

from typing import Annotated

from pydantic import Field

from portal.content.actions import Action
from portal.content.fields import LINE, Payload, Sha256
from portal.content.limits import SLOT_POSITIONS, SLOT_SUBTITLE_CHARACTERS, SLOT_TITLE_CHARACTERS


class Slot(Payload):
    """One of the positions of the first desktop page; a position that nothing fills shows the operator's own recommendation."""

    position: Annotated[int, Field(ge=1, le=SLOT_POSITIONS)]
    title: Annotated[str, Field(min_length=1, max_length=SLOT_TITLE_CHARACTERS), LINE]
    subtitle: Annotated[str, Field(max_length=SLOT_SUBTITLE_CHARACTERS), LINE] = ""
    image: Sha256
    action: Action

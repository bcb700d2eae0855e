"""The one call that is no JSON: a screenshot, as a form of two parts."""

from dataclasses import dataclass
from typing import Final

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from portal.boxes.errors import Fault, TooLarge, Unfit
from portal.boxes.pictures import LARGEST_BYTES
from portal.core.ids import is_id

LARGEST: Final = LARGEST_BYTES + 4096
"""The picture, and what a form writes around it."""

_PARTS: Final = frozenset({"command", "image"})


@dataclass(frozen=True)
class Sent:
    """A picture, and the id of the command that asked for it."""

    command: str
    image: bytes


def read_parts() -> Sent:
    """This function will return the parts of the current request's form; raises `Unfit` and `TooLarge`."""
    request.max_form_parts = len(_PARTS) + 2
    try:
        names = [name for name, _ in request.form.items(multi=True)]
        names += [name for name, _ in request.files.items(multi=True)]
    except RequestEntityTooLarge as error:
        raise TooLarge from error
    faults = [Fault(f"#/{name}", "Extra inputs are not permitted") for name in names if name not in _PARTS]
    faults += [Fault(f"#/{name}", "Exactly one is required") for name in sorted(_PARTS) if names.count(name) != 1]
    command, image = request.form.get("command", ""), request.files.get("image")
    if not faults and (image is None or not is_id(command)):
        faults.append(Fault("#/command" if image else "#/image", "This is not what the call takes"))
    if faults or image is None:
        raise Unfit(faults)
    data = image.read()
    if len(data) > LARGEST_BYTES:
        raise TooLarge
    return Sent(command, data)

"""The payload of the logo."""

from portal.content.fields import Payload, Sha256


class Logo(Payload):
    """One image, top left of the desktop; a PNG keeps its transparency."""

    image: Sha256

"""The payload of timed power."""

from portal.content.fields import Payload


class Power(Payload):
    """The hours in which a group's boxes are on: all of it stands in the windows of the envelope; none means always."""

"""The form of timed power."""

from collections.abc import Mapping
from typing import Any

from portal.content.editing.forms import EnvelopeForm
from portal.content.power.rules import Power


class PowerForm(EnvelopeForm):
    """The hours in which boxes are on, and which groups they are for."""

    def payload(self) -> Mapping[str, Any]:
        """This function will return the payload, which is empty: the hours stand in the windows."""
        return {}

    def load_payload(self, payload: Power) -> None:
        """This function will do nothing: there are no fields beside the windows."""

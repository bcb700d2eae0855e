"""The form of timed power."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField

from portal.content.editing.forms import EnvelopeForm, WindowForm
from portal.content.limits import WINDOWS
from portal.content.power.rules import Power


class PowerForm(EnvelopeForm):
    """The hours in which boxes are on, and which groups they are for."""

    windows = FieldList(FormField(WindowForm), _l("什么时候开机"), max_entries=WINDOWS)

    def payload(self) -> Mapping[str, Any]:
        """This function will return the payload, which is empty: the hours stand in the windows."""
        return {}

    def load_payload(self, payload: Power) -> None:
        """This function will do nothing: there are no fields beside the windows."""

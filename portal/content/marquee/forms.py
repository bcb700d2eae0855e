"""The form of a marquee."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, TextAreaField
from wtforms.fields import ColorField
from wtforms.fields.choices import SelectChoice

from portal.content.editing.forms import EnvelopeForm
from portal.content.limits import PRIORITY_MAX
from portal.content.marquee.rules import Marquee


class MarqueeForm(EnvelopeForm):
    """What a marquee says, how it looks, when and where it runs."""

    text = TextAreaField(_l("文字"))
    colour = ColorField(_l("颜色"), default="#ffffff")
    speed = RadioField(
        _l("速度"),
        choices=[SelectChoice("slow", _l("慢")), SelectChoice("normal", _l("正常")), SelectChoice("fast", _l("快"))],
        default="normal",
    )
    edge = RadioField(
        _l("在屏幕的哪一边"),
        choices=[SelectChoice("top", _l("上方")), SelectChoice("bottom", _l("下方"))],
        default="bottom",
    )
    priority = SelectField(_l("优先级"), choices=[str(n) for n in range(PRIORITY_MAX + 1)], default="0")
    urgent = BooleanField(_l("加急"))
    over_ads = BooleanField(_l("广告播放时也显示"))

    def payload(self) -> Mapping[str, Any]:
        """This function will return what was typed as a marquee's payload."""
        return {
            # A line break is a blank on a line that runs.
            "text": " ".join((self.text.data or "").split()),
            "colour": self.colour.data or "",
            "speed": self.speed.data,
            "edge": self.edge.data,
            "priority": int(self.priority.data) if str(self.priority.data).isdigit() else -1,
            "urgent": bool(self.urgent.data),
            "over_ads": bool(self.over_ads.data),
        }

    def load_payload(self, payload: Marquee) -> None:
        """This function will fill the form from a marquee."""
        for name in ("text", "colour", "speed", "edge", "urgent", "over_ads"):
            self[name].data = getattr(payload, name)
        self.priority.data = str(payload.priority)

"""What a page says once boxes were told something."""

from flask import flash
from flask_babel import gettext as _
from flask_babel import ngettext


def say_told(number: int) -> None:
    """This function will say how many boxes were told; none where each was told already, or has gone since the page was drawn."""
    if number:
        flash(ngettext("已告诉 %(num)d 台，约一分钟内照办。", "已告诉 %(num)d 台，约一分钟内照办。", number), "ok")
    else:
        flash(_("没有再告诉：都已经告诉过，或者刚刚解绑。"), "info")

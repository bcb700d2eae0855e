"""Forms of this room. What a field must hold is said by the commands; a form only takes it apart."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.widgets import HiddenInput

from portal.tenants.tree import GroupTree

_INDENT = "\u3000"


class NameForm(FlaskForm):  # type: ignore[misc]
    """What people call a box."""

    name = StringField(_("房间或位置"))
    version = IntegerField(widget=HiddenInput(), default=0)


class MoveForm(FlaskForm):  # type: ignore[misc]
    """Into which group boxes go; `chosen` are the boxes."""

    group = SelectField(_("移到分组"), validate_choice=False)
    chosen = SelectMultipleField(validate_choice=False, choices=[])

    def offer(self, tree: GroupTree) -> None:
        """This function will fill the list of groups."""
        self.group.choices = group_choices(tree)


class EndForm(FlaskForm):  # type: ignore[misc]
    """Why a box is unbound or reported stolen, and its serial number typed to be sure."""

    reason = StringField(_("原因"))
    typed = StringField(_("确认"))
    version = IntegerField(widget=HiddenInput(), default=0)


class AlertsForm(FlaskForm):  # type: ignore[misc]
    """After how many minutes of silence who is told."""

    after_minutes = IntegerField(_("离线多久后提醒"))
    roles = SelectMultipleField(_("提醒谁"))
    version = IntegerField(widget=HiddenInput(), default=0)


class ReplaceForm(FlaskForm):  # type: ignore[misc]
    """Which of the boxes that wait takes the place."""

    successor = SelectField(_("换成"), validate_choice=False)


def group_choices(tree: GroupTree) -> list[tuple[str, str]]:
    """This function will return the groups as a list shows them, each below its parent."""
    return [(node.id, f"{_INDENT * depth}{node.name}") for depth, node in tree.walk()]

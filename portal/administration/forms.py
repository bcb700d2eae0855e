"""Forms of this room. What a field must hold is said by the commands; a form only takes it apart."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import HiddenInput

from portal.access.acl import Effect, Place, Subject
from portal.administration.choices import Choices, Label
from portal.administration.commands.entries import NewEntry
from portal.core.messages import N_, Message
from portal.web.i18n import translate

EFFECT_LABELS = {Effect.ALLOW: N_("允许"), Effect.DENY: N_("禁止")}
_BETWEEN = ":"


class EntryForm(FlaskForm):  # type: ignore[misc]
    """An entry of an access list."""

    effect = SelectField(_("允许或禁止"), validate_choice=False)
    subject = SelectField(_("对谁"), validate_choice=False)
    permission = SelectField(_("权限"), validate_choice=False)
    place = SelectField(_("管什么"), validate_choice=False)
    note = StringField(_("说明"))

    def offer(self, choices: Choices) -> None:
        """This function will fill the four lists."""
        self.effect.choices = [(effect.value, translate(label)) for effect, label in EFFECT_LABELS.items()]
        self.subject.choices = [(value_of(one), shown(label)) for one, label in choices.subjects.items()]
        self.permission.choices = [(one, shown(label)) for one, label in choices.permissions.items()]
        self.place.choices = [(value_of(one), shown(label)) for one, label in choices.places.items()]

    def entry(self) -> NewEntry:
        """This function will return what was entered."""
        effect = next((one for one in Effect if one.value == self.effect.data), None)
        return NewEntry(
            read_place(self.place.data),
            self.permission.data or "",
            effect,
            Subject(*_parts(self.subject.data)) if self.subject.data else None,
            self.note.data or "",
        )


class GroupForm(FlaskForm):  # type: ignore[misc]
    """A user group's name and who belongs to it."""

    name = StringField(_("名称"))
    members = SelectMultipleField(_("成员"), validate_choice=False)
    version = IntegerField(widget=HiddenInput(), default=0)


class SupportForm(FlaskForm):  # type: ignore[misc]
    """Why somebody of the center has to look into a tenant."""

    reason = TextAreaField(_("原因"))


class DeletionForm(FlaskForm):  # type: ignore[misc]
    """Why an enterprise is to be deleted, and its name typed."""

    reason = TextAreaField(_("原因"))
    typed = StringField(_("企业简称"))


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The enterprise ID typed before a deletion is confirmed."""

    typed = StringField(_("企业ID"))


class NewGroupForm(FlaskForm):  # type: ignore[misc]
    """A new user group."""

    name = StringField(_("名称"))


def value_of(one: Place | Subject) -> str:
    """This function will return a place or a subject as the value of a choice."""
    return f"{one.type}{_BETWEEN}{one.id}"


def read_place(value: str | None) -> Place | None:
    """This function will return the place that the value of a choice stands for, or None for nothing."""
    return Place(*_parts(value)) if value else None


def shown(label: Label) -> str:
    """This function will return a label in the reader's language, a name in it translated too."""
    return translate(label) if isinstance(label, Message) else label


def _parts(value: str) -> tuple[str, str]:
    kind, _between, one = value.partition(_BETWEEN)
    return kind, one

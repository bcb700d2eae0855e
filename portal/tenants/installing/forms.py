"""Forms of hand-overs and jobs. What a field must hold is said by the commands; a form only takes it apart."""

from collections.abc import Sequence
from datetime import date

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import DateInput, HiddenInput, NumberInput

from portal.core.ids import GroupId
from portal.tenants.installing.models import InstallationJob, InstallerPhone
from portal.tenants.installing.rules import Installer, JobTerms
from portal.tenants.rules import fold
from portal.tenants.tree import GroupTree
from portal.web.formats import masked_phone

_INDENT = "\u3000"
_MOST_DIGITS = 9


class ReceiverForm(FlaskForm):  # type: ignore[misc]
    """Whom the enterprise ID is handed to."""

    name = StringField(_("姓名"))
    phone = StringField(_("手机号"))
    note = StringField(_("备注"))

    def receiver(self) -> Installer:
        """This function will return who was typed."""
        return Installer(self.phone.data or "", self.name.data or "")


class InstallerForm(ReceiverForm):
    """The last hand-over, which opens a job."""

    group = SelectField(_("分组"), validate_choice=False)
    places = StringField(_("台数"), widget=NumberInput(min=1))
    last_on = StringField(_("截止日"), widget=DateInput())
    installers = TextAreaField(_("其他装维人员"))

    def offer(self, tree: GroupTree) -> None:
        """This function will fill the list of groups."""
        self.group.choices = [(node.id, _INDENT * depth + node.name) for depth, node in tree.walk()]

    def group_id(self) -> GroupId:
        """This function will return the group that was chosen."""
        return GroupId(self.group.data or "")

    def terms(self) -> JobTerms:
        """This function will return what was typed."""
        return JobTerms(
            _whole(self.places.data),
            _day(self.last_on.data),
            _installers(self.installers.data),
            self.note.data or "",
        )


class JobForm(FlaskForm):  # type: ignore[misc]
    """A job's terms: the installers who stay, shown masked, and new ones, one a line."""

    places = StringField(_("台数"), widget=NumberInput(min=1))
    last_on = StringField(_("截止日"), widget=DateInput())
    kept = SelectMultipleField(_("现在的装维人员"), validate_choice=False)
    installers = TextAreaField(_("加装维人员"))
    note = StringField(_("备注"))
    version = IntegerField(widget=HiddenInput(), default=0)

    def offer(self, job: InstallationJob) -> None:
        """This function will fill the list of the installers whom the job names."""
        self.kept.choices = [(row.id, _named(row)) for row in job.phones]

    def fill(self, job: InstallationJob) -> None:
        """This function will put in what is stored."""
        self.places.data, self.last_on.data, self.note.data = str(job.places), job.last_on.isoformat(), job.note
        self.kept.data, self.version.data = [row.id for row in job.phones], job.version

    def terms(self, job: InstallationJob) -> JobTerms:
        """This function will return what was typed, with those of the job's installers who stay."""
        stay = [Installer(row.phone or "", row.name or "") for row in job.phones if row.id in (self.kept.data or [])]
        return JobTerms(
            _whole(self.places.data),
            _day(self.last_on.data),
            (*stay, *_installers(self.installers.data)),
            self.note.data or "",
        )


def _named(row: InstallerPhone) -> str:
    return f"{row.name or ''} {masked_phone(row.phone)}".strip()


def _installers(text: str | None) -> tuple[Installer, ...]:
    """One a line: a number and a name, in whichever order."""
    return tuple(_installer(line.split()) for line in (text or "").splitlines() if line.strip())


def _installer(words: Sequence[str]) -> Installer:
    phone = next((word for word in words if fold(word).isdigit()), words[0])
    return Installer(phone, " ".join(word for word in words if word is not phone))


def _whole(text: str | None) -> int | None:
    folded = fold(text or "")
    return int(folded) if folded.isascii() and folded.isdigit() and len(folded) <= _MOST_DIGITS else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(fold(text or ""))
    except ValueError:
        return None

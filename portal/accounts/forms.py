"""Forms of this room. What a field must hold is said by the commands; a form only takes it apart."""

from collections.abc import Iterable

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import HiddenInput

from portal.access.roles import LABELS, MEMBERS, OFFICERS, STAFF, Role
from portal.accounts import profile
from portal.accounts.commands.officers import LOSSES, Act
from portal.accounts.queries import OpenLink
from portal.accounts.states import ONE_FACTOR, STRONGEST, TWO_FACTORS, LinkPurpose
from portal.catalog.catalogue import catalogue
from portal.core.messages import N_, Message
from portal.tenants.tree import GroupTree
from portal.web.i18n import language, translate

LEVEL_LABELS = {
    ONE_FACTOR: _("1 级：只用密码"),
    TWO_FACTORS: _("2 级：密码加动态口令，或通行密钥"),
    STRONGEST: _("3 级：通行密钥或数字证书"),
}
LOST_LABELS = {
    Act.RELINK: _("只忘了密码"),
    Act.FACTOR: _("第二因素丢了，还记得密码"),
    Act.EVERYTHING: _("密码和第二因素都没有了"),
}
_HINT = LazyString(lambda: translate(profile.current().hint))
_INDENT = "\u3000"


class SignInForm(FlaskForm):  # type: ignore[misc]
    """The first step; scripts may send the code along."""

    username = StringField(_("用户名"))
    password = PasswordField(_("密码"))
    captcha = StringField(_("校验码"))
    code = StringField(_("动态口令"))


class AgainForm(SignInForm):
    """Signing in again; `kept` is the sealed form that was sent too late, `credential` a passkey's answer."""

    kept = HiddenField()
    credential = HiddenField()


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The second step: a dynamic token, or a recovery code."""

    code = StringField(_("动态口令"))
    recovery = StringField(_("一个恢复代码"))


class _WithLinkForm(FlaskForm):  # type: ignore[misc]
    """The password that goes with a new second factor."""

    password = PasswordField(_("新密码"), description=_HINT)

    def name_password(self, link: OpenLink) -> None:
        """This function will name the field after what is asked: a new password or the one that stands."""
        if link.purpose is LinkPurpose.FACTOR:
            self.password.label.text = translate(N_("现在的密码"))


class EnrolForm(_WithLinkForm):
    """A password and a new dynamic token; `secret` is sealed."""

    code = StringField(_("动态口令"))
    secret = HiddenField()


class ResetForm(FlaskForm):  # type: ignore[misc]
    """A new password for somebody who shows a second factor that stands; what shows it is read by `shown_factor`."""

    password = PasswordField(_("新密码"), description=_HINT)
    code = StringField(_("动态口令"))
    recovery = StringField(_("一个恢复代码"))
    credential = HiddenField()


class StrongEnrolForm(_WithLinkForm):
    """A password and a new passkey, the latter filled in by a script."""

    credential = HiddenField()


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password for somebody who knows the current one."""

    current = PasswordField(_("现在的密码"))
    password = PasswordField(_("新密码"), description=_HINT)


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A new dynamic token for somebody who knows the password; `secret` is sealed."""

    current = PasswordField(_("现在的密码"))
    code = StringField(_("新的动态口令"))
    secret = HiddenField()


class PasskeyProofForm(FlaskForm):  # type: ignore[misc]
    """A browser's proof with a passkey, filled in by a script."""

    credential = HiddenField()


class NewPasskeyForm(FlaskForm):  # type: ignore[misc]
    """A new passkey: its name, the current password, and what the browser made, filled in by a script."""

    name = StringField(_("名称"))
    current = PasswordField(_("现在的密码"))
    credential = HiddenField()


class PasskeyForm(FlaskForm):  # type: ignore[misc]
    """A passkey's name."""

    name = StringField(_("名称"))


class RemovalForm(FlaskForm):  # type: ignore[misc]
    """Taking a factor away, for somebody who knows the password."""

    current = PasswordField(_("现在的密码"))


class LevelForm(FlaskForm):  # type: ignore[misc]
    """The level that one person needs beyond the role's."""

    required_level = SelectField(_("认证级别"), validate_choice=False)

    def offer(self) -> None:
        """This function will fill the list: the role's own level, or the strongest."""
        self.required_level.choices = [("", _("按角色")), *self.choices((STRONGEST,))]

    @staticmethod
    def choices(levels: Iterable[int]) -> list[tuple[str, str]]:
        """This function will return levels as a list shows them, the lowest first."""
        return [(str(level), str(LEVEL_LABELS[level])) for level in sorted(levels)]


class TenantLevelForm(FlaskForm):  # type: ignore[misc]
    """The level that every member of a tenant needs."""

    level = RadioField(
        _("成员登录要用"),
        choices=[SelectChoice(str(level), LEVEL_LABELS[level]) for level in (TWO_FACTORS, STRONGEST)],
        validate_choice=False,
    )


class MemberForm(FlaskForm):  # type: ignore[misc]
    """A member's role and, for a group editor, the group."""

    role = SelectField(_("角色"), validate_choice=False)
    group_id = SelectField(_("分组"), validate_choice=False)
    version = IntegerField(widget=HiddenInput(), default=0)

    def offer(self, tree: GroupTree) -> None:
        """This function will fill the two lists."""
        self.role.choices = _role_choices(Role.TENANT_ADMIN, Role.TENANT_EDITOR, Role.GROUP_EDITOR)
        indented = [(node.id, _INDENT * depth + node.name) for depth, node in tree.walk()]
        self.group_id.choices = [("", "—"), *indented]


class NewMemberForm(MemberForm):
    """A new member."""

    username = StringField(_("用户名"))
    display_name = StringField(_("姓名"))


class StaffForm(FlaskForm):  # type: ignore[misc]
    """An account of the center, of a province or of the system layer."""

    display_name = StringField(_("姓名"))
    role = SelectField(_("角色"), validate_choice=False)
    province_code = SelectField(_("省公司"), validate_choice=False)
    version = IntegerField(widget=HiddenInput(), default=0)

    def offer(self) -> None:
        """This function will fill the two lists."""
        self.role.choices = _role_choices(*(role for role in Role if role in STAFF and role not in OFFICERS))
        name = "en" if language() == "en" else "zh"
        provinces = [(entry.code, getattr(entry.name, name)) for entry in catalogue().provinces.values()]
        self.province_code.choices = [("", "—"), *provinces]


class NewStaffForm(StaffForm):
    """A new account."""

    username = StringField(_("用户名"))


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why something is asked for."""

    reason = TextAreaField(_("原因"))


class LossForm(ReasonForm):
    """What somebody has lost, so that two have to bring it about that the account is set up anew."""

    lost = RadioField(
        _("丢了什么"),
        choices=[SelectChoice(act.value, label) for act, label in LOST_LABELS.items()],
        validate_choice=False,
    )

    def only_losses(self) -> None:
        """This function will leave out what one administrator does alone for whoever is no officer: a link for a new password."""
        self.lost.choices = [choice for choice in self.lost.choices or [] if choice.value in LOSSES]


class WhoForm(FlaskForm):  # type: ignore[misc]
    """Whose account it is about."""

    username = StringField(_("用户名"))


class OfficerForm(ReasonForm):
    """A new officer."""

    username = StringField(_("用户名"))
    display_name = StringField(_("姓名"))
    role = SelectField(_("岗位"), validate_choice=False)

    def offer(self) -> None:
        """This function will fill the list of offices."""
        self.role.choices = _role_choices(*(role for role in Role if role in OFFICERS))


def level_of(text: str | None) -> int | None:
    """This function will return the level that `text` names, or None."""
    return int(text) if text in {"1", "2", "3"} else None


def act_of(text: str | None) -> Act | None:
    """This function will return what `text` says was lost, or None."""
    return next((act for act in LOST_LABELS if act.value == text), None)


def role_of(text: str | None, allowed: Iterable[Role] = STAFF | MEMBERS) -> Role | None:
    """This function will return the role that `text` names, or None where it names none of `allowed`."""
    return next((role for role in allowed if role.value == text), None)


def _role_choices(*roles: Role) -> list[tuple[str, str]]:
    return [("", "—"), *((role.value, _label(LABELS[role])) for role in roles)]


def _label(message: Message) -> str:
    return translate(message)

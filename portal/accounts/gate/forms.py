"""The form of a module's policy. What a field must hold is said by the command; a form only takes it apart."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import HiddenInput, NumberInput

from portal.access.modules import LEVELS, LONGEST_MINUTES, CaptchaPolicy, Demand, Module
from portal.accounts.gate.queries import Policy
from portal.core.errors import Invalid
from portal.core.messages import N_

CAPTCHA_LABELS = {
    CaptchaPolicy.NEVER: _("不要"),
    CaptchaPolicy.AFTER_TROUBLE: _("出过错才要"),
    CaptchaPolicy.ALWAYS: _("每次都要"),
}
LEVEL_LABELS = {2: _("2 级：密码加动态口令"), 3: _("3 级：通行密钥或数字证书")}


class PolicyForm(FlaskForm):  # type: ignore[misc]
    """What the door of a module asks."""

    captcha = RadioField(
        _("页面校验码"), choices=[SelectChoice(key.value, label) for key, label in CAPTCHA_LABELS.items()]
    )
    level = RadioField(
        _("认证级别"),
        choices=[SelectChoice(str(level), LEVEL_LABELS[level]) for level in LEVELS],
        validate_choice=False,
    )
    minutes = StringField(_("有效分钟"), widget=NumberInput(min=1, max=LONGEST_MINUTES))
    version = IntegerField(widget=HiddenInput(), default=0)

    @classmethod
    def of(cls, policy: Policy) -> "PolicyForm":
        """This function will return the form, filled with the policy as it stands where nothing was sent."""
        demand = policy.demand
        form = cls(
            captcha=demand.captcha.value,
            level=str(demand.level),
            minutes=str(demand.minutes or ""),
            version=policy.version,
        )
        if (
            policy.module is Module.SIGN_IN
        ):  # the level of a sign-in is a matter of people, and a code is typed each time
            del form.level
            del form.minutes
        return form

    def demand(self) -> Demand:
        """This function will return what was chosen; raises `Invalid` for a number that is none."""
        captcha = CaptchaPolicy(self.captcha.data)
        if "level" not in self:
            return Demand(captcha)
        return Demand(captcha, _whole(self.level.data) or 0, _minutes(self.minutes.data))


class RestForm(FlaskForm):  # type: ignore[misc]
    """How long sessions of a role may rest."""

    minutes = StringField(_("无操作几分钟后自动退出"), widget=NumberInput(min=1, max=LONGEST_MINUTES))
    version = IntegerField(widget=HiddenInput(), default=0)

    def rest(self) -> int | None:
        """This function will return the minutes that were typed, None for none; raises `Invalid` for what is no number."""
        return _minutes(self.minutes.data)


def _minutes(text: str | None) -> int | None:
    if not (text or "").strip():
        return None
    number = _whole(text)
    if number is None:
        raise Invalid({"minutes": N_("请填写整数，或留空。")})
    return number


def _whole(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None

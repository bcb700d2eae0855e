"""Forms of this room. What a field must hold is said by the commands; a form only takes it apart.

A number or a date that cannot be read becomes a value that the commands refuse, with their own sentence.
"""

from datetime import date
from decimal import Decimal, InvalidOperation

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.widgets import DateInput, NumberInput

from portal.catalog.catalogue import catalogue
from portal.orders.requests import GrantRequest, OrderRequest, PlanRequest
from portal.orders.states import REASON_LABELS, TERMS_LABELS, SuspensionReason, Terms
from portal.tenants.forms import industry_choices
from portal.tenants.rules import fold
from portal.web.i18n import language, translate

_UNREADABLE_DAY = date.min


class PlanForm(FlaskForm):  # type: ignore[misc]
    """A package for a number of boxes."""

    offering_code = SelectField(_("销售品"), validate_choice=False)
    boxes = StringField(_("机顶盒数量"), widget=NumberInput(min=1))
    price = StringField(_("协议价"))
    price_reason = StringField(_("低于建议最低价的理由"))
    price_approved = BooleanField(_("运营中心已审批这个价格"))

    def offer(self) -> None:
        """This function will fill the list of packages."""
        tongue = language()
        self.offering_code.choices = [
            ("", "—"),
            *(
                (code, f"{entry.name.in_language(tongue)} · {entry.price:.2f}")
                for code, entry in catalogue().offerings.items()
            ),
        ]

    def plan(self) -> PlanRequest:
        """This function will return what was typed."""
        return PlanRequest(
            self.offering_code.data or "",
            _whole(self.boxes.data),
            _amount(self.price.data),
            self.price_reason.data or "",
            bool(self.price_approved.data),
        )


class OrderForm(PlanForm):
    """A new subscription."""

    terms = RadioField(_("计费"), default=Terms.MONTHLY.value, validate_choice=False)
    customer_class = SelectField(_("客户类别"), validate_choice=False)
    industry_code = SelectField(_("行业编码"), validate_choice=False)
    starts_on = StringField(_("生效日"), widget=DateInput())

    def offer(self) -> None:
        """This function will fill the lists."""
        super().offer()
        tongue = language()
        self.terms.choices = [(terms.value, translate(label)) for terms, label in TERMS_LABELS.items()]
        classes = catalogue().customer_classes.values()
        self.customer_class.choices = [("", "—"), *((each.code, each.name.in_language(tongue)) for each in classes)]
        self.industry_code.choices = industry_choices()

    def order(self) -> OrderRequest:
        """This function will return what was typed."""
        plan = self.plan()
        return OrderRequest(
            plan.offering_code,
            plan.boxes,
            plan.price,
            plan.price_reason,
            plan.price_approved,
            customer_class=self.customer_class.data or "",
            industry_code=self.industry_code.data or "",
            terms=Terms(self.terms.data) if self.terms.data in set(Terms) else Terms.MONTHLY,
            starts_on=_day(self.starts_on.data),
        )


class SureForm(FlaskForm):  # type: ignore[misc]
    """Nothing to fill in: a cancellation, the end of a rest."""


class SuspendForm(FlaskForm):  # type: ignore[misc]
    """Why a subscription rests."""

    reason = RadioField(_("原因"), default=SuspensionReason.ARREARS.value, validate_choice=False)
    note = TextAreaField(_("说明"))

    def offer(self) -> None:
        """This function will fill the list of reasons."""
        self.reason.choices = [(reason.value, translate(label)) for reason, label in REASON_LABELS.items()]

    def chosen(self) -> SuspensionReason:
        """This function will return the reason chosen; an unknown one counts as arrears."""
        known = self.reason.data in set(SuspensionReason)
        return SuspensionReason(self.reason.data) if known else SuspensionReason.ARREARS


class GrantForm(FlaskForm):  # type: ignore[misc]
    """One more feature for one enterprise."""

    feature = SelectField(_("功能"), validate_choice=False)
    packages = TextAreaField(_("只限这些应用"))
    reason = TextAreaField(_("理由"))
    price = StringField(_("月费"))
    starts_on = StringField(_("开始日"), widget=DateInput())
    ends_on = StringField(_("结束日"), widget=DateInput())

    def offer(self) -> None:
        """This function will fill the list of features."""
        tongue = language()
        features = catalogue().features.values()
        self.feature.choices = [("", "—"), *((each.code, each.name.in_language(tongue)) for each in features)]

    def grant(self) -> GrantRequest:
        """This function will return what was typed."""
        price = _amount(self.price.data)
        return GrantRequest(
            self.feature.data or "",
            self.reason.data or "",
            Decimal("NaN") if price is None else price,
            _day(self.ends_on.data) or _UNREADABLE_DAY,
            _day(self.starts_on.data),
            tuple((self.packages.data or "").split()),
        )


def _whole(text: str | None) -> int:
    folded = fold(text or "")
    return int(folded) if folded.isascii() and folded.isdigit() and len(folded) < len(str(2**63)) else 0


def _amount(text: str | None) -> Decimal | None:
    folded = fold(text or "")
    if not folded:
        return None
    try:
        return Decimal(folded)
    except InvalidOperation:
        return Decimal("NaN")


def _day(text: str | None) -> date | None:
    folded = fold(text or "")
    if not folded:
        return None
    try:
        return date.fromisoformat(folded)
    except ValueError:
        return _UNREADABLE_DAY

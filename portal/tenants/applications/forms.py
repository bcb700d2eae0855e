"""Forms of applications. What a field must hold is said by the commands; a form only takes it apart."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.widgets import HiddenInput

from portal.catalog.catalogue import catalogue
from portal.catalog.scopes import Scope
from portal.tenants.applications.models import Application
from portal.tenants.applications.queries import fields_of
from portal.tenants.applications.rules import Fields, Opening
from portal.tenants.forms import industry_choices
from portal.web.i18n import language


class ApplicationForm(FlaskForm):  # type: ignore[misc]
    """The seven fields. A phone or an address left empty keeps the one that is stored, which the page does not show."""

    name = StringField(_("群组名称"))
    sub_product = SelectField(_("产品类型"), validate_choice=False)
    scope = RadioField(_("客户范围"), default=Scope.PROVINCE.value, validate_choice=False)
    contact_name = StringField(_("客户联系人"))
    contact_phone = StringField(_("联系电话"))
    applicant_phone = StringField(_("申请人电话"))
    server_address = StringField(_("服务器地址"))
    version = IntegerField(widget=HiddenInput(), default=0)

    def offer(self) -> None:
        """This function will fill the lists of sub-products and scopes."""
        book, tongue = catalogue(), language()
        offerings = book.offerings.values()
        self.sub_product.choices = [
            ("", "—"),
            *((each.sub_product.code, each.sub_product.name.in_language(tongue)) for each in offerings),
        ]
        self.scope.choices = [(code, entry.name.in_language(tongue)) for code, entry in book.scopes.items()]

    def fill(self, row: Application) -> None:
        """This function will put in what is stored and may be shown."""
        self.name.data, self.sub_product.data, self.scope.data = row.group_name, row.sub_product_code, row.scope
        self.contact_name.data, self.version.data = row.contact_name or "", row.version

    def fields(self, row: Application | None = None) -> Fields:
        """This function will return what was typed."""
        kept = fields_of(row) if row else Fields()
        return Fields(
            self.name.data or "",
            self.sub_product.data or "",
            self.scope.data or "",
            self.contact_name.data or "",
            _or(self.contact_phone.data, kept.contact_phone),
            _or(self.applicant_phone.data, kept.applicant_phone),
            _or(self.server_address.data, kept.server_address),
        )


class OpeningForm(FlaskForm):  # type: ignore[misc]
    """What the center adds when it approves."""

    short_name = StringField(_("简称"))
    customer = StringField(_("客户"))
    industry_code = SelectField(_("行业编码"), validate_choice=False)
    version = IntegerField(widget=HiddenInput(), default=0)

    def offer(self) -> None:
        """This function will fill the list of industry codes."""
        self.industry_code.choices = industry_choices()

    def opening(self) -> Opening:
        """This function will return what was typed."""
        return Opening(self.short_name.data or "", self.industry_code.data or "", self.customer.data or "")


class ReturnForm(FlaskForm):  # type: ignore[misc]
    """Why an application goes back."""

    reason = TextAreaField(_("退回原因"))
    version = IntegerField(widget=HiddenInput(), default=0)


def _or(typed: str | None, kept: str) -> str:
    return (typed or "").strip() or kept

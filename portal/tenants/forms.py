"""Forms of this room. What a field must hold is said by the commands; a form only takes it apart."""

from collections.abc import Container

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.widgets import HiddenInput

from portal.catalog.catalogue import catalogue
from portal.catalog.entries import Industry
from portal.catalog.scopes import Scope
from portal.core.ids import GroupId
from portal.tenants.commands.customers import CustomerDetails
from portal.tenants.models import Customer
from portal.tenants.tree import GroupTree
from portal.web.i18n import language

_INDENT = "\u3000"


class CustomerForm(FlaskForm):  # type: ignore[misc]
    """A legal entity. An empty phone number keeps the one that is stored, which the page shows masked."""

    name = StringField(_("客户名称"))
    industry_code = SelectField(_("行业编码"), validate_choice=False)
    contact_name = StringField(_("联系人"))
    contact_phone = StringField(_("联系电话"))
    version = IntegerField(widget=HiddenInput(), default=0)

    def offer(self) -> None:
        """This function will fill the list of industry codes."""
        self.industry_code.choices = industry_choices()

    def details(self, stored: Customer | None = None) -> CustomerDetails:
        """This function will return what was typed."""
        kept = stored.contact_phone if stored else None
        return CustomerDetails(
            self.name.data or "",
            self.industry_code.data or "",
            self.contact_name.data or "",
            (self.contact_phone.data or "").strip() or kept or "",
        )


class EnterpriseForm(FlaskForm):  # type: ignore[misc]
    """A new enterprise."""

    customer = StringField(_("客户"))
    scope = RadioField(_("客户范围"), default=Scope.NATIONAL.value, validate_choice=False)
    province_code = SelectField(_("归属省公司"), validate_choice=False)
    name = StringField(_("群组名称"))
    short_name = StringField(_("简称"))
    server_address = StringField(_("服务器地址"))

    def offer(self) -> None:
        """This function will fill the two lists."""
        book = catalogue()
        tongue = language()
        self.scope.choices = [(code, entry.name.in_language(tongue)) for code, entry in book.scopes.items()]
        provinces = [(entry.code, entry.name.in_language(tongue)) for entry in book.provinces.values()]
        self.province_code.choices = [("", str(_("运营中心（全国）"))), *provinces]


class GroupForm(FlaskForm):  # type: ignore[misc]
    """The name of a box group, and the group above a new one."""

    name = StringField(_("分组名称"))
    parent = SelectField(_("上级分组"), validate_choice=False)
    version = IntegerField(widget=HiddenInput(), default=0)

    def offer(self, tree: GroupTree, without: Container[GroupId] = ()) -> None:
        """This function will fill the list of groups, leaving some out."""
        self.parent.choices = [
            (node.id, _INDENT * depth + node.name) for depth, node in tree.walk() if node.id not in without
        ]


class ChannelForm(FlaskForm):  # type: ignore[misc]
    """The name typed before a channel is replaced."""

    typed = StringField(_("分组名称"))
    version = IntegerField(widget=HiddenInput(), default=0)


def industry_choices() -> dict[str, list[tuple[str, str]]]:
    """This function will return the codes of the third level, each below the path of the two levels above."""
    book, tongue = catalogue(), language()
    grouped: dict[str, list[tuple[str, str]]] = {"": [("", "—")]}
    for code, entry in book.industries.items():
        if entry.may_be_ordered_under:
            *above, _own = book.industry_path(code)
            grouped.setdefault(_path(above, tongue), []).append((code, f"{code} {entry.name.in_language(tongue)}"))
    return grouped


def _path(entries: list[Industry], tongue: str) -> str:
    return " › ".join(f"{entry.code} {entry.name.in_language(tongue)}" for entry in entries)

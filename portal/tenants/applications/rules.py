"""What the seven fields of an application must hold, and what the center adds when it approves. Pure."""

from dataclasses import dataclass, fields, replace

from portal.catalog.catalogue import catalogue
from portal.catalog.entries import Offering
from portal.catalog.scopes import Scope
from portal.core.errors import Invalid
from portal.core.messages import N_, Message
from portal.tenants.naming import read_group_name
from portal.tenants.rules import fold, is_mobile, server_address

NAME_CHARACTERS = 120
CONTACT_CHARACTERS = 60
REASON_CHARACTERS = 500
_TYPED_CHARACTERS = 200


@dataclass(frozen=True)
class Fields:
    """The seven fields as entered: a draft may hold anything that is short enough."""

    name: str = ""
    sub_product: str = ""
    scope: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    applicant_phone: str = ""
    server_address: str = ""


@dataclass(frozen=True)
class Opening:
    """What the center adds: what people call the enterprise, the customer's full legal name where the group name has a shorter
    one, and its industry where the customer is new.
    """

    short_name: str
    industry_code: str = ""
    customer: str = ""


def folded(entered: Fields) -> Fields:
    """This function will fold full-width input, brackets too, and write the server's address in its canonical form."""
    known = {each.name: fold(getattr(entered, each.name)) for each in fields(Fields)}
    return replace(Fields(**known), server_address=server_address(entered.server_address) or known["server_address"])


def too_long(entered: Fields) -> dict[str, Message]:
    """This function will return which fields hold more than even a draft can keep."""
    most = {"name": NAME_CHARACTERS, "contact_name": CONTACT_CHARACTERS, "sub_product": 32, "scope": 8}
    found: dict[str, Message] = {}
    for each in fields(Fields):
        limit = most.get(each.name, _TYPED_CHARACTERS)
        if len(getattr(entered, each.name)) > limit:
            found[each.name] = N_("最多 %(n)d 个字。", n=limit)
    return found


def problems(entered: Fields, province_code: str) -> dict[str, Message]:
    """This function will return, by field, what keeps folded fields of this province's from being submitted."""
    found = too_long(entered)
    if find_offering(entered.sub_product) is None:
        found["sub_product"] = N_("请选择产品类型。")
    if entered.scope not in set(Scope):
        found["scope"] = N_("请选择客户范围。")
    elif problem := _name_problem(entered, province_code):
        found.setdefault("name", problem)
    if not entered.contact_name:
        found.setdefault("contact_name", N_("请填写客户联系人。"))
    for name in ("contact_phone", "applicant_phone"):
        if not is_mobile(getattr(entered, name)):
            found[name] = N_("要 11 位手机号。")
    if server_address(entered.server_address) is None:
        found["server_address"] = N_("要 IPv4 或 IPv6 地址。")
    return found


def _name_problem(entered: Fields, province_code: str) -> Message | None:
    try:
        read_group_name(entered.name, Scope(entered.scope), province_code)
    except Invalid as invalid:
        return invalid.errors["name"][0]
    return None


def find_offering(sub_product: str) -> Offering | None:
    """This function will return the offering that sells the sub-product with this code, or None."""
    offerings = catalogue().offerings.values()
    return next((each for each in offerings if each.sub_product.code == sub_product), None)


def suggested_short_name(name: str, longest: int) -> str:
    """This function will return what an enterprise may be called: its group name up to the bracket."""
    return name.partition("(")[0][:longest]

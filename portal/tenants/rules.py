"""What an enterprise ID, a group name, a phone number and a server address must look like. Pure."""

import ipaddress
import re
import secrets
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from portal.catalog.catalogue import Catalogue, catalogue
from portal.catalog.scopes import Scope

ENTERPRISE_ID_DIGITS = 12
_ENTERPRISE_ID = re.compile(rf"[1-9][0-9]{{{ENTERPRISE_ID_DIGITS - 1}}}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_GROUP_NAME = re.compile(r"(?P<customer>.+)\((?P<place_and_type>[^()]+)\)")


class GroupNameProblem(StrEnum):
    """Why a group name cannot be taken."""

    FORM = "form"
    BUSINESS_TYPE = "business_type"
    PLACE = "place"
    SCOPE = "scope"


class BadGroupName(ValueError):
    """A group name that is not `客户名称(客户范围+业务类型)` or contradicts the scope; `problem` says which."""

    def __init__(self, problem: GroupNameProblem, text: str) -> None:
        super().__init__(f"{problem}: {text}")
        self.problem = problem


@dataclass(frozen=True)
class GroupName:
    """A group name taken apart: 如家酒店集团(全国酒店) is the customer 如家酒店集团, the place 全国, the type `hotel`."""

    customer: str
    place: str
    business_type: str
    scope: Scope
    text: str


def check_digit(digits: str) -> str:
    """This function will return the check digit of a string of decimal digits by ISO/IEC 7064 MOD 11,10."""
    product = 10
    for digit in digits:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def is_enterprise_id(text: str) -> bool:
    """This function will tell whether `text` is 12 ASCII digits, the first 1-9, the last the check digit of the others."""
    return _ENTERPRISE_ID.fullmatch(text) is not None and check_digit(text[:-1]) == text[-1]


def new_enterprise_id() -> str:
    """This function will draw an enterprise ID that cannot be guessed from any other; the caller looks whether it is free."""
    first = 1 + secrets.randbelow(9)
    digits = f"{first}{secrets.randbelow(10 ** (ENTERPRISE_ID_DIGITS - 2)):0{ENTERPRISE_ID_DIGITS - 2}d}"
    return digits + check_digit(digits)


def fold(text: str) -> str:
    """This function will fold full-width letters, digits and brackets (NFKC) and drop white space at both ends."""
    return unicodedata.normalize("NFKC", text).strip()


def is_mobile(text: str) -> bool:
    """This function will tell whether `text` is a mobile number of the mainland: 11 ASCII digits, 13 to 19 in front."""
    return _MOBILE.fullmatch(text) is not None


def server_address(text: str) -> str | None:
    """This function will return an IPv4 or IPv6 address in its canonical form, or None where `text` is neither.

    A port, a prefix length or a zone index is no part of an address. The portal stores it and never calls it.
    """
    folded = fold(text)
    if "%" in folded:
        return None
    try:
        return str(ipaddress.ip_address(folded))
    except ValueError:
        return None


def group_name(text: str, scope: Scope, *, province_code: str | None = None) -> GroupName:
    """This function will take a group name apart, folding full-width input, and check that it agrees with `scope`.

    The place is 全国 for a national customer, the name of a province, or of a prefecture-level place. Given
    `province_code`, the province must be that one, and the city must lie in it. Raises `BadGroupName`.
    """
    book = catalogue()
    folded = fold(text)
    match = _GROUP_NAME.fullmatch(folded)
    if match is None or any(part != part.strip() for part in match.groups()):
        raise BadGroupName(GroupNameProblem.FORM, folded)
    place, business_type = _split(match["place_and_type"], folded, book)
    if not any(_agrees(place, each, None, book) for each in Scope):
        raise BadGroupName(GroupNameProblem.PLACE, folded)
    if not _agrees(place, scope, province_code, book):
        raise BadGroupName(GroupNameProblem.SCOPE, folded)
    return GroupName(match["customer"], place, business_type, scope, folded)


def _split(place_and_type: str, text: str, book: Catalogue) -> tuple[str, str]:
    for code, entry in book.business_types.items():
        place = place_and_type.removesuffix(entry.name.zh)
        if place and place != place_and_type:
            return place, code
    raise BadGroupName(GroupNameProblem.BUSINESS_TYPE, text)


def _agrees(place: str, scope: Scope, province_code: str | None, book: Catalogue) -> bool:
    if scope is Scope.NATIONAL:
        return place == book.scopes[Scope.NATIONAL].name.zh
    provinces = [each for each in book.provinces.values() if province_code in (None, each.code)]
    if scope is Scope.PROVINCE:
        return any(place == province.name.zh for province in provinces)
    return any(place in province.cities for province in provinces)

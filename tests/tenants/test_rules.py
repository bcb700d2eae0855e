import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.catalog.catalogue import catalogue
from portal.catalog.scopes import Scope
from portal.tenants.rules import (
    BadGroupName,
    GroupName,
    GroupNameProblem,
    check_digit,
    fold,
    group_name,
    is_enterprise_id,
    is_mobile,
    new_enterprise_id,
    server_address,
)

BODIES = st.from_regex(r"[1-9][0-9]{10}", fullmatch=True)
JIANGSU, SHAANXI = "32", "61"


@pytest.mark.parametrize(("digits", "check"), [("0794", "5"), ("8609574271", "9"), ("6943515153", "0")])
def test_check_digit_agrees_with_published_numbers(digits: str, check: str) -> None:
    assert check_digit(digits) == check


@given(BODIES, st.integers(min_value=0, max_value=11), st.integers(min_value=1, max_value=9))
def test_every_wrong_digit_is_caught(body: str, place: int, step: int) -> None:
    digits = body + check_digit(body)
    wrong = str((int(digits[place]) + step) % 10)

    assert is_enterprise_id(digits)
    assert not is_enterprise_id(digits[:place] + wrong + digits[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "1" * 11, "1" * 13, "0" + "1" * 11, "１" * 12, "12345678901x", " 12345678901", "1234567890\n"]
)
def test_misshapen_enterprise_id_is_refused(text: str) -> None:
    assert not is_enterprise_id(text)


def test_new_enterprise_ids_are_valid_and_differ() -> None:
    drawn = [new_enterprise_id() for _ in range(2000)]

    assert all(map(is_enterprise_id, drawn))
    assert len(set(drawn)) == len(drawn)
    assert {digits[0] for digits in drawn} == set("123456789")
    assert {digits[1] for digits in drawn} == set("0123456789")


@pytest.mark.parametrize(
    ("text", "scope", "customer", "place", "business_type"),
    [
        ("如家酒店集团(全国酒店)", Scope.NATIONAL, "如家酒店集团", "全国", "hotel"),
        ("苏果超市有限公司(全国零售)", Scope.NATIONAL, "苏果超市有限公司", "全国", "retail"),
        ("某部（江苏军营）", Scope.PROVINCE, "某部", "江苏", "barracks"),
        ("鼓楼医院(南京医院)", Scope.CITY, "鼓楼医院", "南京", "hospital"),
        ("百丽(集团)有限公司(陕西直销门店)", Scope.PROVINCE, "百丽(集团)有限公司", "陕西", "shop"),
        ("富士康（郑州集宿）", Scope.CITY, "富士康", "郑州", "dormitory"),
        (" ＡＢＣ学校(吉林教育) ", Scope.CITY, "ABC学校", "吉林", "education"),
        ("长白山酒店(吉林酒店)", Scope.PROVINCE, "长白山酒店", "吉林", "hotel"),
    ],
)
def test_group_name_is_folded_and_taken_apart(
    text: str, scope: Scope, customer: str, place: str, business_type: str
) -> None:
    parsed = group_name(text, scope)

    assert parsed == GroupName(customer, place, business_type, scope, fold(text))
    assert re.fullmatch(r"[^（）]+\([^（）]+\)", parsed.text)


@pytest.mark.parametrize("entry", catalogue().business_types.values(), ids=lambda entry: entry.code)
def test_every_business_type_is_taken(entry: object) -> None:
    name = entry.name.zh  # type: ignore[attr-defined]

    assert group_name(f"客户(全国{name})", Scope.NATIONAL).business_type == entry.code  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "scope", "problem"),
    [
        ("", Scope.NATIONAL, GroupNameProblem.FORM),
        ("如家酒店集团", Scope.NATIONAL, GroupNameProblem.FORM),
        ("(全国酒店)", Scope.NATIONAL, GroupNameProblem.FORM),
        ("如家酒店集团()", Scope.NATIONAL, GroupNameProblem.FORM),
        ("如家酒店集团(全国酒店)二部", Scope.NATIONAL, GroupNameProblem.FORM),
        ("如家酒店集团 (全国酒店)", Scope.NATIONAL, GroupNameProblem.FORM),
        ("如家酒店集团(全国)", Scope.NATIONAL, GroupNameProblem.BUSINESS_TYPE),
        ("如家酒店集团(酒店)", Scope.NATIONAL, GroupNameProblem.BUSINESS_TYPE),
        ("如家酒店集团(全国航天)", Scope.NATIONAL, GroupNameProblem.BUSINESS_TYPE),
        ("如家酒店集团(火星酒店)", Scope.CITY, GroupNameProblem.PLACE),
        ("如家酒店集团(全国酒店)", Scope.PROVINCE, GroupNameProblem.SCOPE),
        ("如家酒店集团(全国酒店)", Scope.CITY, GroupNameProblem.SCOPE),
        ("如家酒店集团(江苏酒店)", Scope.NATIONAL, GroupNameProblem.SCOPE),
        ("如家酒店集团(江苏酒店)", Scope.CITY, GroupNameProblem.SCOPE),
        ("如家酒店集团(南京酒店)", Scope.PROVINCE, GroupNameProblem.SCOPE),
    ],
)
def test_bad_group_name_says_what_is_wrong(text: str, scope: Scope, problem: GroupNameProblem) -> None:
    with pytest.raises(BadGroupName) as caught:
        group_name(text, scope)

    assert caught.value.problem is problem


@pytest.mark.parametrize(("text", "scope"), [("某店(江苏酒店)", Scope.PROVINCE), ("某店(南京酒店)", Scope.CITY)])
def test_place_must_lie_in_the_owning_province(text: str, scope: Scope) -> None:
    assert group_name(text, scope, province_code=JIANGSU).text == text
    with pytest.raises(BadGroupName):
        group_name(text, scope, province_code=SHAANXI)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("13800138000", True),
        ("19912345678", True),
        ("12800138000", False),
        ("1380013800", False),
        ("138001380000", False),
        ("+8613800138000", False),
        ("１3800138000", False),
        ("13800138000\n", False),
        ("02584400000", False),
    ],
)
def test_mobile_number_has_eleven_digits(text: str, answer: bool) -> None:
    assert is_mobile(text) is answer


def test_folded_mobile_number_is_taken() -> None:
    assert is_mobile(fold("１３８００１３８０００ "))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" １９２.0.2.7", "192.0.2.7"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::1", "::1"),
        ("192.0.2.256", None),
        ("192.0.2", None),
        ("192.0.2.7:80", None),
        ("192.0.2.0/24", None),
        ("fe80::1%eth0", None),
        ("portal.example", None),
        ("", None),
        ("3221225985", None),
    ],
)
def test_server_address_is_ipv4_or_ipv6(text: str, address: str | None) -> None:
    assert server_address(text) == address

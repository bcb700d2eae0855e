"""The catalogue's page."""

import re

import pytest
from flask import Flask

from portal.catalog.catalogue import catalogue
from tests.world.browser import Browser
from tests.world.cast import Cast

PATH = "/center/catalogue"
MODULES = "/admin/catalogue"


def test_every_offering_stands_with_its_prices(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.app_admin).get(MODULES).text

    for offering in catalogue().offerings.values():
        row = re.search(rf"<tr>(?:(?!</tr>).)*{offering.code}.*?</tr>", page, re.DOTALL)
        assert row is not None
        prices = re.findall(r"¥([\d.]+)</td>", row[0])
        assert prices == [f"{amount:.2f}" for amount in (offering.price, offering.floor, offering.settlement)]
        assert "31 省在售" in row[0]


def test_both_totals_of_the_targets_are_shown(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.operator).get(PATH).text

    assert "各省年度目标相加 451.6 万户，公布的总目标 450.0 万户，相差 1.6 万户" in page


def test_every_province_and_every_third_level_code_is_shown(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.support).get(PATH).text
    book = catalogue()

    assert [each.name.zh for each in book.provinces.values() if f'scope="row">{each.name.zh}</th>' not in page] == []
    third = [each for each in book.industries.values() if each.may_be_ordered_under]
    assert [each.code for each in third if f"{each.code} {each.name.zh}</th>" not in page] == []


@pytest.mark.parametrize(("who", "status"), [("operator", 200), ("reviewer", 403), ("auditor", 403)])
def test_staff_by_role(cast: Cast, app: Flask, who: str, status: int) -> None:
    assert Browser(app, getattr(cast, who)).get(PATH).status_code == status


def test_province_may_look_and_members_may_not(cast: Cast, app: Flask) -> None:
    assert Browser(app, cast.yunqi.province).get(PATH).status_code == 200
    assert Browser(app, cast.yunqi.admin).get(PATH).status_code == 403


def test_visitor_signs_in_first_and_nothing_is_posted(cast: Cast, app: Flask) -> None:
    assert app.test_client().get(PATH).status_code == 302
    assert Browser(app, cast.operator).post(PATH).status_code == 405

"""What a locked feature's page says: what one would have, what brings it, and what it costs."""

from typing import Any

import pytest

from portal.catalog.features import Feature
from portal.core.context import TenantRef
from portal.core.database import tenant_session
from portal.orders.notice import feature_notice
from tests.world.building import build_tenant
from tests.world.cast import Cast
from tests.world.packages import BASIC, change_next_month, suspend

RECOMMENDING = "天翼高清行业信息推送包"


@pytest.fixture
def shop(cast: Cast) -> TenantRef:
    """A tenant on the package with logo and apps."""
    return build_tenant("小店(上海餐饮)", package=BASIC, province="31")


def said(tenant: TenantRef, feature: Feature, *names: str) -> list[Any]:
    """This function will return some of the words of a feature's page."""
    with tenant_session(tenant.id) as session:
        notice = feature_notice(session, tenant.id, feature.value)
    return [str(notice[name]) for name in names]


def test_sums_are_for_one_box_now_and_for_all_boxes_later(shop: TenantRef) -> None:
    with tenant_session(shop.id) as session:
        notice = feature_notice(session, shop.id, "marquee")

    assert notice["later"] == 20 * notice["boxes"]
    assert [notice[name] for name in ("now", "price", "this_month", "gained")] == [
        "28.00",
        "48.00",
        "0.00",
        "专属推荐位",
    ]


def test_change_that_was_requested_is_not_sold_again(shop: TenantRef) -> None:
    before = said(shop, Feature.MARQUEE, "asked_from")

    change_next_month(shop, RECOMMENDING)

    assert before == [""]
    assert said(shop, Feature.MARQUEE, "asked_from")[0].endswith("-01")
    assert said(shop, Feature.ADS, "asked_from") == [""]


def test_suspended_subscription_brings_back_what_it_has(shop: TenantRef) -> None:
    suspend(shop)

    assert said(shop, Feature.LOGO, "when", "price") == ["resumed", ""]


def test_package_for_other_boxes_says_so(cast: Cast) -> None:
    hotel = build_tenant("小栈(上海酒店)", package="天翼高清酒店专属定制包", province="31")

    assert said(hotel, Feature.ADS, "offering", "box", "this_month") == [
        "天翼高清综合信息月包",
        "天翼高清机顶盒",
        "0.00",
    ]


def test_every_feature_says_what_one_would_have_in_both_languages(shop: TenantRef) -> None:
    with tenant_session(shop.id) as session:
        told = {
            feature: [feature_notice(session, shop.id, feature.value, lang)["does"] for lang in ("zh", "en")]
            for feature in Feature
        }

    assert all(zh and en and zh != en for zh, en in told.values())

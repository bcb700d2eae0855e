"""The shipped data files, line by line as the trade prints them."""

from decimal import Decimal

import pytest

from portal.catalog.catalogue import UnknownCode, catalogue
from portal.catalog.features import Feature

STANDARD, FUSION = "天翼高清机顶盒", "融合终端(三合一机顶盒)"

# name, code, sub-product, its code, price, floor, settlement, box, features
OFFERINGS = """
天翼高清行业基础月包|7360110000400020|天翼高清行业包|353240250000000000022|18|18|8.5|天翼高清机顶盒|base
天翼高清标准定制月包|7360110000400021|天翼高清行业标准定制包|353240250000000000023|28|23|11|天翼高清机顶盒|base apps logo
天翼高清专属推荐月包|7360110000400022|天翼高清行业专属推荐包|353240250000000000024|38|28|13.5|天翼高清机顶盒|base apps logo slots
天翼高清信息推送月包|7360110000400023|天翼高清行业信息推送包|353240250000000000025|48|33|16|天翼高清机顶盒|base apps logo slots marquee
天翼高清企业专区月包|7360110000400024|天翼高清行业企业专区包|353240250000000000026|58|33|16|天翼高清机顶盒|base apps logo slots splash zone
天翼高清综合信息月包|7360110000400025|天翼高清行业综合信息包|353240250000000000027|68|38|18.5|天翼高清机顶盒|base apps logo slots marquee splash zone ads
天翼高清酒店基础月包|7360110000400011|天翼高清酒店包|35324025000000000031|18|18|8.5|融合终端(三合一机顶盒)|base wifi
天翼高清酒店定制月包|7360110000400026|天翼高清酒店标准定制包|35324025000000000032|38|23|11|融合终端(三合一机顶盒)|base wifi apps logo
天翼高清酒店专属月包|7360110000400027|天翼高清酒店专属定制包|35324025000000000033|58|33|16|融合终端(三合一机顶盒)|base wifi apps logo slots marquee splash zone
""".strip().splitlines()

TARGETS = {
    "广东": "53.2",
    "江苏": "40.1",
    "浙江": "29.3",
    "上海": "10.4",
    "福建": "17.8",
    "四川": "57.9",
    "安徽": "18.6",
    "广西": "16.5",
    "湖北": "24.0",
    "湖南": "22.1",
    "江西": "17.4",
    "重庆": "14.3",
    "陕西": "16.3",
    "云南": "10.1",
    "海南": "3.8",
    "新疆": "9.8",
    "甘肃": "14.3",
    "贵州": "6.8",
    "宁夏": "2.9",
    "青海": "1.8",
    "西藏": "0.8",
    "北京": "0.8",
    "天津": "1.6",
    "山东": "12.8",
    "河南": "11.8",
    "河北": "14.4",
    "辽宁": "6.3",
    "山西": "5.5",
    "黑龙江": "3.1",
    "内蒙古": "3.9",
    "吉林": "3.2",
}

INDUSTRIES = """
1001000 国家机构|1002000 国家武装力量|1003001 中国共产党机关|1003002 政党机关和社会团体|1101001 商业银行|1101002 中央及政策性银行
1101003 其他金融活动|1102000 证券|1103000 保险|1201001 交通运输、仓储和邮政业|1201002 水电热气的生产和供应业
1202001 通信设备、计算机及其他电子设备制造业|1202002 采矿业和一般制造业|1203000 运营商及ISP|1204001 水利、环境及公共设施管理业
1204002 商务服务业|1204003 住宿业|1204004 餐饮业|1204005 批发和零售业|1204006 房地产和建筑业|1204007 其他行业(农林牧副渔)
1301001 通信设备、计算机及其他电子设备制造业|1301002 采矿业和一般制造业|1302001 交通运输、仓储|1302002 水电热气的生产和供应业
1303001 房地产和建筑业|1303002 水利、环境及公共设施管理业|1303003 信息服务业|1303004 其他行业(农林牧副渔)|1401001 住宿业|1401002 旅行社
1401003 餐饮业|1402001 科研院所|1402002 教育院校|1403000 医院|1404000 批发零售|1405000 网吧|1406001 文化、体育及娱乐业
1406002 其他商务服务业|1406003 其他公共服务业|1406004 社会保障和社会福利业|9999999 其他
""".strip().replace("\n", "|")


@pytest.mark.parametrize("line", OFFERINGS)
def test_offering_stands_as_printed(line: str) -> None:
    name, code, sub_name, sub_code, price, floor, settlement, box, features = line.split("|")

    offering = catalogue().offering(code)

    assert (offering.name.zh, offering.sub_product.name.zh, offering.sub_product.code) == (name, sub_name, sub_code)
    assert (offering.price, offering.floor, offering.settlement) == (
        Decimal(price),
        Decimal(floor),
        Decimal(settlement),
    )
    assert catalogue().box_types[offering.box_type].name.zh == box
    assert offering.features == frozenset(map(Feature, features.split()))
    assert offering.last_sale_on is None


def test_offerings_are_the_nine_printed_ones() -> None:
    assert list(catalogue().offerings) == [line.split("|")[1] for line in OFFERINGS]


def test_parent_product_is_smart_home() -> None:
    product = catalogue().product

    assert (product.name.zh, product.code) == ("智慧家庭", "353240250000000000000")


def test_features_carry_their_chinese_names() -> None:
    names = {feature.value: entry.name.zh for feature, entry in catalogue().features.items()}

    assert names == {
        "base": "基础视听",
        "wifi": "WiFi热点",
        "apps": "企业APP加载",
        "logo": "定制logo",
        "slots": "专属推荐位",
        "marquee": "跑马灯消息提醒",
        "splash": "开机前导页",
        "zone": "专栏/专区",
        "ads": "广告联播",
        "live": "专用直播频道",
        "power": "定时开关机",
    }


def test_live_and_power_come_by_grant_only_and_only_apps_can_be_limited() -> None:
    entries = catalogue().features.values()

    assert {entry.code for entry in entries if entry.by_grant_only} == {"live", "power"}
    assert {entry.code for entry in entries if entry.limitable} == {"apps"}


def test_every_package_brings_payment_and_video_calls() -> None:
    assert [entry.name.zh for entry in catalogue().services.values()] == ["第三方支付", "多方视频通话"]


def test_provinces_are_31_with_their_targets() -> None:
    targets = {province.name.zh: province.target for province in catalogue().provinces.values()}

    assert targets == {name: Decimal(target) for name, target in TARGETS.items()}
    assert len(targets) == 31


def test_targets_show_both_totals() -> None:
    assert (catalogue().summed_target, catalogue().announced_target) == (Decimal("451.6"), Decimal("450.0"))


def test_eight_provinces_sell_since_july_and_the_others_since_august() -> None:
    days: dict[str, set[str]] = {}
    for province in catalogue().provinces.values():
        days.setdefault(province.first_sale_on.isoformat(), set()).add(province.name.zh)

    assert days["2016-07-11"] == {"山西", "云南", "甘肃", "重庆", "湖北", "西藏", "内蒙古", "黑龙江"}
    assert {day: len(names) for day, names in days.items()} == {"2016-07-11": 8, "2016-08-01": 23}


def test_industries_of_the_third_level_are_the_printed_ones() -> None:
    third = [f"{each.code} {each.name.zh}" for each in catalogue().industries.values() if each.may_be_ordered_under]

    assert third == INDUSTRIES.split("|")


def test_industry_path_leads_from_the_first_level_down() -> None:
    path = catalogue().industry_path("1401001")

    assert [(each.level, each.name.zh) for each in path] == [(1, "聚类客户"), (2, "旅游饭店及餐饮"), (3, "住宿业")]


@pytest.mark.parametrize("code", ["1401009", "", "14010010"])
def test_unknown_industry_is_an_error(code: str) -> None:
    with pytest.raises(UnknownCode):
        catalogue().industry_path(code)


def test_unknown_offering_is_an_error() -> None:
    with pytest.raises(UnknownCode):
        catalogue().offering("7360110000400028")


def test_limits_are_the_documented_ones() -> None:
    assert catalogue().limits.model_dump() == {
        "slot_positions": 10,
        "splash_frames": 2,
        "splash_frame_seconds": 15,
        "column_levels": 2,
        "zone_idle_seconds": 300,
        "ads_idle_seconds": 300,
        "marquee_priority_max": 9,
        "recycle_bin_days": 30,
        "kept_releases": 100,
        "kept_release_days": 365,
        "kept_sign_in_attempt_days": 7,
        "kept_ended_session_days": 90,
        "kept_done_outbox_days": 7,
        "certificate_reminder_days": 30,
        "changes_per_month": 3,
        "boxes_per_subscription": 1_000_000,
        "monthly_price_max": Decimal("99999.99"),
        "subscription_years": 1,
        "renewal_reminder_months": 3,
    }


def test_business_types_and_scopes_are_those_of_group_names() -> None:
    types = [entry.name.zh for entry in catalogue().business_types.values()]

    assert types == ["酒店", "教育", "军营", "医院", "集宿", "直销门店", "房产", "休闲娱乐", "餐饮", "零售"]
    assert [entry.name.zh for entry in catalogue().scopes.values()] == ["全国", "省份", "地市"]


def test_only_government_and_enterprises_may_order() -> None:
    classes = catalogue().customer_classes.values()

    assert {entry.code for entry in classes if entry.may_order} == {"government", "enterprise"}


@pytest.mark.parametrize(
    ("language", "name"), [("zh-CN", "重庆"), ("en", "Chongqing"), ("en-GB", "Chongqing"), ("de", "重庆")]
)
def test_label_speaks_english_only_where_asked(language: str, name: str) -> None:
    assert catalogue().provinces["50"].name.in_language(language) == name

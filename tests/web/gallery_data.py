"""Sample data for the gallery: six tenants' flavour, long names, full and empty pages. Never shipped with the portal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

AT = datetime(2026, 11, 24, 14, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
PICTURES = ("theatre", "kids", "cinema", "sport", "news", "nature", "music", "game", "school", "opera")
TEXT = "流感疫苗开始接种，请到门诊二楼预防保健科；住院部探视时间 15:00–20:00，每床每次两人，请戴口罩并听从护士安排"


def sha(n: int) -> str:
    """This function will return a made-up SHA-256 that names the n-th sample picture."""
    return f"{n:064x}"


def asset_url(ref: str) -> str:
    """This function will return the address of a sample picture by its made-up SHA-256."""
    return f"/static/operator/{PICTURES[int(ref, 16) % len(PICTURES)]}.jpg"


@dataclass(frozen=True)
class Entry:
    """One line of the menu, as the web layer hands it to the rail."""

    label: str
    href: str | None = None
    icon: str = ""
    active: bool = False
    locked: bool = False
    badge: str = ""
    children: list[Entry] = field(default_factory=list)


def navigation(active: str = "跑马灯") -> list[Entry]:
    """This function will return the menu of a tenant whose package lacks the ad loop."""

    def leaf(label: str, **more: Any) -> Entry:
        return Entry(label, "#", active=label == active, **more)

    return [
        leaf("工作台", icon="home"),
        Entry(
            "内容",
            icon="layout-dashboard",
            children=[
                leaf("定制logo"),
                leaf("专属推荐位"),
                leaf("专栏/专区"),
                leaf("跑马灯"),
                leaf("开机前导页"),
                leaf("广告联播", locked=True),
            ],
        ),
        leaf("媒体库", icon="photo"),
        Entry("发布", icon="send", children=[leaf("我的送审"), leaf("版本记录", badge="2")]),
        Entry("终端", icon="device-tv-old", children=[leaf("机顶盒"), leaf("分组")]),
        Entry("企业设置", icon="settings", children=[leaf("用户与权限"), leaf("操作日志")]),
    ]


def center_navigation(active: str) -> list[Entry]:
    """This function will return the menu of the operations center."""
    return [
        Entry("工作台", "#", "home"),
        Entry("审核台", "#", "clipboard-check", active=active == "审核台", badge="23"),
        Entry("发布", icon="send", children=[Entry("版本时间线", "#", active=active == "版本时间线")]),
        Entry("企业", icon="building", children=[Entry("企业名录", "#", active=active == "企业名录")]),
        Entry("操作日志", "#", "shield-check", active=active == "操作日志"),
    ]


ACTOR = SimpleNamespace(display_name="林晓", username="linxiao", role_label="企业编辑", initial="林")
TENANT = SimpleNamespace(name="云栖酒店集团", enterprise_id="310024517783", crest="云", boxes=1284, switch_href="#")
LONG_TENANT = SimpleNamespace(
    name="江州市第一人民医院(东院区、西院区与康复中心)", enterprise_id="482901765320", crest="江", boxes=None
)
CENTER = SimpleNamespace(name="运营中心", enterprise_id="", crest="运", boxes=6218)


def slot(position: int, title: str, subtitle: str = "", action: dict[str, str] | None = None) -> dict[str, Any]:
    """This function will return a slot of a zone document."""
    return {
        "position": position,
        "title": title,
        "subtitle": subtitle,
        "image": sha(position - 1),
        "action": action or {"open": "column", "column": "c1"},
    }


SLOTS = [
    slot(1, "秋日湖畔·双晚礼遇", "连住两晚，早餐双人"),
    slot(2, "客房送餐", "24 小时"),
    slot(3, "云顶酒廊"),
    slot(4, "恒温泳池", "每日 6:30–22:00，住客免费"),
    slot(5, "栖心水疗"),
    slot(6, "江南早餐"),
    slot(7, "古镇夜游", action={"open": "video", "asset": sha(2)}),
    slot(8, "会议宴会与商务中心预订服务"),
    slot(9, "云上影院", action={"open": "live", "url": "https://live.example/hall.m3u8"}),
    slot(10, "茶礼商店"),
]


def item(n: int, title: str, kind: str = "image", **more: Any) -> dict[str, Any]:
    """This function will return an item of a column of the second level."""
    return {
        "id": f"i{n}",
        "kind": kind,
        "title": title,
        "html": None,
        "asset": sha(n),
        "seconds": 12,
        "windows": [],
        **more,
    }


ITEMS = [
    item(0, "迎着朝霞的五公里", "video", seconds=206),
    item(1, "松林哨位的清晨"),
    item(
        2,
        "家属来队服务指南",
        "text",
        asset=None,
        html="<p>从江州站出发，<strong>乘 18 路</strong>到营区东门下车。</p><h2>到营区之后</h2><ul><li>在接待室登记</li>"
        '<li class="c-red">请带好证件</li></ul><table><tr><th>时间</th><th>地点</th></tr><tr><td>周六 9:00</td><td>礼堂</td></tr></table>',
    ),
    item(3, "秋季文艺晚会大合唱", "video", seconds=728),
    item(4, "连队篮球联赛·决赛"),
    item(5, "食堂上新：米饭配时蔬"),
    item(6, "周末活动安排", "text", asset=None, html="<p>周六观影，周日图书馆开放。</p>"),
    item(7, "强军课堂·第六讲"),
    item(8, "第九项在第二页"),
]


def document(*, slots: list[dict[str, Any]] | None = None, edge: str = "bottom", empty: bool = False) -> dict[str, Any]:
    """This function will return a zone document: a full one, or one with nothing in it."""
    columns = [
        {
            "id": f"l{n}",
            "title": title,
            "icon": None,
            "columns": [
                {"id": f"c{n}{m}", "title": sub, "items": ITEMS if (n, m) == (1, 0) else []}
                for m, sub in enumerate(("精彩瞬间", "本周食堂", "营区风光", "荣誉墙"))
            ],
        }
        for n, title in enumerate(("强军学堂", "营区生活", "家属来队", "文体活动", "服务保障", "通知公告"))
    ]
    marquee = {
        "id": "m1",
        "text": TEXT,
        "colour": "#ffe2ae",
        "speed": "normal",
        "edge": edge,
        "priority": 5,
        "windows": [],
    }
    if edge == "top":
        marquee["colour"] = "#0a5a60"
    ads = {
        "idle_seconds": 300,
        "playlists": [
            {
                "id": "p1",
                "items": [
                    {
                        "id": f"a{n}",
                        "kind": "image",
                        "asset": sha(n),
                        "caption": "云步 3 代\n轻到忘了穿鞋",
                        "seconds": 15,
                    }
                    for n in range(4)
                ],
            }
        ],
        "schedule": [],
        "default": "p1",
        "marquee": [],
    }
    return {
        "schema": "zone/1",
        "enterprise": {"id": "310024517783", "name": "云栖酒店"},
        "lang": "zh-CN",
        "features": ["base", "slots"],
        "desktop": {"logo": None, "slots": [] if empty else (SLOTS if slots is None else slots)},
        "splash": {"frames": [] if empty else [{"image": sha(0), "seconds": 15}, {"image": sha(4), "seconds": 15}]},
        "zone": {"idle_seconds": 300, "columns": [] if empty else columns},
        "marquee": [] if empty else [marquee],
        "ads": {**ads, "playlists": [], "default": None} if empty else ads,
        "apps": [],
        "power": [],
        "assets": [
            {
                "sha256": sha(n),
                "bytes": 1,
                "type": "image/svg+xml",
                "url": asset_url(sha(n)),
                "width": 640,
                "height": 360,
            }
            for n in range(len(PICTURES))
        ],
    }


GROUPS = [
    SimpleNamespace(
        id="g1",
        name="总部",
        boxes=1284,
        children=[
            SimpleNamespace(
                id="g2",
                name="华东区",
                boxes=398,
                children=[SimpleNamespace(id="g3", name="西湖店(杭州市西湖区龙井路 1 号)", boxes=182, children=[])],
            ),
            SimpleNamespace(id="g4", name="华南区", boxes=None, children=[]),
        ],
    )
]
FILES = [
    SimpleNamespace(sha256=sha(n), url=asset_url(sha(n)), name=f"{name}-秋冬主视觉终稿.png")
    for n, name in enumerate(PICTURES)
]


def release(number: int, title: str, state: str, **more: Any) -> SimpleNamespace:
    """This function will return a release as the timeline shows it."""
    base = {
        "number": number,
        "title": title,
        "href": "#",
        "state": state,
        "label": "",
        "on_air": False,
        "meta": "推荐位 3 · 前导页 1 · 条目 6 · 林晓 编辑 · 顾清 审核",
        "when": "11 月 20 日 09:12",
        "sha": sha(number),
        "boxes": 370,
        "share": 29,
        "actions": [{"label": "比较", "href": "#"}, {"label": "回滚到此", "href": "#"}],
    }
    return SimpleNamespace(**{**base, **more})


RELEASES = [
    release(
        130,
        "冬至活动预热",
        "scheduled",
        when="12 月 1 日 08:00",
        sha="",
        boxes=None,
        actions=[{"label": "改时间", "href": "#"}],
    ),
    release(129, "冬季推荐位调整", "published", on_air=True, label="正在播出", when="今天 14:20", boxes=858, share=67),
    release(128, "热水检修通知(加急)", "superseded"),
    release(127, "回到 125", "rolled_back", boxes=31, share=2),
    release(126, "西湖店亲子专区与冬令营专题页面的整体更新和图片替换", "withdrawn", boxes=0, share=0),
]
CHANGES = [
    SimpleNamespace(
        number=1,
        place="推荐位 2",
        flag=False,
        say="",
        rows=[
            SimpleNamespace(
                field="标题", before={"chars": [("-", "温泉开放中")]}, after={"chars": [("+", "云顶温泉")]}
            ),
            SimpleNamespace(
                field="副标题",
                before={"chars": [("-", "每日"), ("=", " 14:00"), ("-", "–22:00")]},
                after={"chars": [("+", "住客每日"), ("=", " 14:00 "), ("+", "起免费")]},
            ),
        ],
    ),
    SimpleNamespace(
        number=2,
        place="推荐位 9",
        flag=True,
        say="",
        rows=[
            SimpleNamespace(
                field="图片",
                before={"image": asset_url(sha(3)), "alt": "旧图"},
                after={"image": asset_url(sha(5)), "alt": "新图"},
            )
        ],
    ),
]

SUPPORT = SimpleNamespace(tenant=TENANT, ends_at=AT, id="0197f3a2-7c11-7000-8000-000000000001")


def stamp(seq: int, handler: str, role: str, title: str, *, personal: bool = False) -> SimpleNamespace:
    """This function will return a signed stamp as pages show one."""
    return SimpleNamespace(
        seq=seq,
        handler=handler,
        role=role,
        title=title,
        at=AT,
        method="密码和动态口令" if handler else "",
        level=2,
        decided_on=sha(seq),
        signature=sha(seq + 1),
        is_personal=personal,
    )


STAMPS = [
    stamp(12873, "顾青", "center_reviewer", "通过", personal=True),
    stamp(12860, "王珂", "tenant_editor", "送审"),
    stamp(12001, "", "system", "发布"),
]

PAGE = SimpleNamespace(paging=SimpleNamespace(number=3, size=12), pages=34, total=398, rows=[*range(12)])

COMMENTS = [
    SimpleNamespace(
        initial="顾", name="顾青", role="center_reviewer", at=AT, by_member=False, text="标题里的日期是去年的。"
    ),
    SimpleNamespace(initial="王", name="王珂", role="tenant_editor", at=AT, by_member=True, text="谢谢，改好了再送。"),
]


def lock() -> dict[str, object]:
    """This function will return what a locked feature's page says."""
    return {
        "code": "ads",
        "feature": "广告联播",
        "does": "待机五分钟后播您的广告：图片配文和短视频，节目单管什么时候播哪一列。",
        "offering": "天翼高清综合信息月包",
        "when": "next_month",
        "now": "58.00",
        "price": "68.00",
        "this_month": "0.00",
        "later": Decimal("4620.00"),
        "boxes": 462,
        "gained": "跑马灯消息提醒",
        "box": "",
        "asked_from": "",
    }

"""Six tenants of the kinds that buy zones, small enough to read: what the golden documents are compiled from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.reference import ENTERPRISE, ENTITLED, ROOT, object_id, picture, reference_assets, reference_manifest, video
from portal.catalog.features import Feature
from portal.content.envelope import Envelope, make_envelope
from portal.core.ids import GroupId, ObjectId
from portal.releases.assets import AssetInfo
from portal.releases.document import Enterprise, Entitlement, compile_document

EAST = GroupId(object_id(0xA001))
STORE = GroupId(object_id(0xA002))
APK = "ee" * 32
TZ = "Asia/Shanghai"


def made(kind: str, payload: dict[str, Any], **parts: Any) -> Envelope:
    return make_envelope(kind, payload, **parts)


def url(position: int, title: str, **parts: Any) -> Envelope:
    action = {"open": "url", "url": "https://www.example.com/"}
    return slot(position, title, action, **parts)


def slot(position: int, title: str, action: dict[str, Any], **parts: Any) -> Envelope:
    return made("slot", {"position": position, "title": title, "image": picture(position), "action": action}, **parts)


def assets() -> dict[str, AssetInfo]:
    apk = AssetInfo(APK, 12_345_678, "application/vnd.android.package-archive", f"/pub/assets/{APK}.apk")
    return {**reference_assets(), APK: apk}


def app(package: str, version: int = 3) -> Envelope:
    payload = {
        "package": package,
        "version_code": version,
        "version_name": f"{version}.0",
        "name": "翼校通 TV",
        "icon": picture(1),
        "asset": APK,
        "signer_sha256": "ab" * 32,
    }
    return made("app", payload)


@dataclass(frozen=True)
class Tenant:
    enterprise: Enterprise
    entitled: Entitlement
    objects: dict[int, Envelope]
    path: Sequence[GroupId] = field(default=(ROOT,))

    @property
    def manifest(self) -> dict[ObjectId, Envelope]:
        return {object_id(number): envelope for number, envelope in self.objects.items()}

    def document(self) -> dict[str, Any]:
        return compile_document(self.enterprise, self.entitled, self.manifest, self.path, assets())


def having(*features: Feature) -> Entitlement:
    return Entitlement(frozenset({Feature.BASE, *features}))


def hospital() -> Tenant:
    """Zone with departments, an item for the weekend, timed power by a grant, a column hidden with what is in it."""
    hours = [{"start": "06:00", "end": "22:00", "tz": TZ}]
    features = frozenset({Feature.BASE, Feature.LOGO, Feature.SLOTS, Feature.SPLASH, Feature.ZONE, Feature.POWER})
    text = "<h2>健康讲座</h2><p>周六上午九点，<strong>门诊三楼</strong>。</p>"
    weekend = [{"days": [6, 7], "tz": TZ}]
    article = {"column": object_id(3), "kind": "text", "title": "健康讲座", "html": text, "seconds": 20}
    return Tenant(
        Enterprise("310000000023", "仁和医院"),
        Entitlement(features),
        {
            1: made("logo", {"image": picture(0)}),
            2: made("column", {"title": "科室导航", "icon": picture(3), "order": 1}),
            3: made("column", {"parent": object_id(2), "title": "内科", "order": 1}),
            4: made("item", article, windows=weekend),
            5: made(
                "item", {"column": object_id(3), "kind": "video", "title": "院长寄语", "asset": video(1), "order": 1}
            ),
            6: made("column", {"title": "内部", "order": 0}, hidden=True),
            7: made("column", {"parent": object_id(6), "title": "培训"}),
            8: slot(1, "内科", {"open": "column", "column": object_id(3)}),
            9: slot(2, "培训", {"open": "column", "column": object_id(7)}),
            10: slot(3, "讲座", {"open": "item", "item": object_id(4)}),
            11: made("frame", {"position": 2, "image": picture(5)}),
            12: made("power", {}, windows=hours),
        },
    )


def shoe_shops() -> Tenant:
    """A store of a chain: the nearest group wins for slot and default playlist, marquees add up, one lies over the ads."""
    ad = {"id": object_id(0x90), "kind": "image", "asset": picture(6), "caption": "新品上市", "seconds": 10}
    clip = {"id": object_id(0x91), "kind": "video", "asset": video(0)}
    return Tenant(
        Enterprise("310000000034", "足下鞋业"),
        ENTITLED,
        {
            1: url(1, "全国活动"),
            2: url(1, "华东活动", targets=[EAST]),
            3: url(2, "全国会员"),
            4: url(2, "本店会员", targets=[STORE]),
            5: made("marquee", {"text": "全场八折", "priority": 1, "over_ads": True}),
            6: made("marquee", {"text": "本店周年庆", "priority": 5}, targets=[STORE]),
            7: made("marquee", {"text": "别店停业", "priority": 9}, targets=[object_id(0xA009)]),
            8: made("playlist", {"title": "全国", "items": [ad]}),
            9: made("playlist", {"title": "本店", "items": [clip]}),
            10: made("playlist", {"title": "没有用到", "items": [ad]}),
            11: made("default_playlist", {"playlist": object_id(8)}),
            12: made("default_playlist", {"playlist": object_id(9)}, targets=[STORE]),
            13: made(
                "schedule_entry",
                {"playlist": object_id(8), "priority": 3},
                windows=[{"start": "10:00", "end": "22:00", "tz": TZ}],
            ),
        },
        path=(ROOT, EAST, STORE),
    )


def school() -> Tenant:
    """The basic package with one named app by a grant, although the database holds more."""
    entitled = Entitlement(frozenset({Feature.BASE, Feature.APPS}), app_packages=frozenset({"com.example.school"}))
    objects = {1: app("com.example.school"), 2: app("com.example.game"), 3: made("logo", {"image": picture(0)})}
    return Tenant(Enterprise("310000000045", "育才小学"), entitled, objects)


def barracks() -> Tenant:
    """A channel of its own by a grant."""
    live = {"open": "live", "url": "udp://239.1.1.1:5000"}
    objects = {1: slot(1, "强军频道", live), 2: slot(2, "APP", {"open": "app", "package": "com.example.school"})}
    objects |= {3: app("com.example.school", 2), 4: app("com.example.school", 7)}
    return Tenant(Enterprise("310000000056", "某部营区"), having(Feature.SLOTS, Feature.APPS, Feature.LIVE), objects)


def ended() -> Tenant:
    """A tenant whose subscription has ended, with all its content still in the database."""
    return Tenant(
        Enterprise("310000000067", "江南宿舍"),
        having(),
        {int(number[-12:], 16): envelope for number, envelope in reference_manifest().items()},
    )


def reference() -> Tenant:
    """The reference tenant of the benchmarks."""
    return Tenant(
        ENTERPRISE, ENTITLED, {int(number[-12:], 16): envelope for number, envelope in reference_manifest().items()}
    )


TENANTS = {tenant.__name__: tenant for tenant in (hospital, shoe_shops, school, barracks, ended, reference)}

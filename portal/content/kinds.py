"""The kinds of content: what each is called, which feature it needs, and how one reads its payload."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from portal.catalog.features import Feature
from portal.content.actions import OpenColumn, OpenItem, OpenVideo
from portal.content.ads.rules import DefaultPlaylist, Playlist, ScheduleEntry
from portal.content.apps.rules import App
from portal.content.fields import Payload
from portal.content.logo.rules import Logo
from portal.content.marquee.rules import Marquee
from portal.content.power.rules import Power
from portal.content.slots.rules import Slot
from portal.content.splash.rules import Frame
from portal.content.zone.rules import Column, Item
from portal.core.ids import ObjectId
from portal.core.messages import N_, Message


class Kind(StrEnum):
    """What an object is."""

    LOGO = "logo"
    SLOT = "slot"
    COLUMN = "column"
    ITEM = "item"
    MARQUEE = "marquee"
    FRAME = "frame"
    PLAYLIST = "playlist"
    SCHEDULE_ENTRY = "schedule_entry"
    DEFAULT_PLAYLIST = "default_playlist"
    APP = "app"
    POWER = "power"


@dataclass(frozen=True)
class KindSpec:
    """One kind: its payload model and what the rest of the portal asks of a payload without knowing the kind.

    `title` is what a person typed, or a `Message` where nobody typed a name; `assets` are the files (SHA-256) it shows; `refs` the
    objects without which it shows nothing; `key` names what there is one of for a group (a slot position, the logo), or None for what
    adds up. Objects with `has_windows` may be limited in time, `ordered` ones have a place in a list.
    """

    kind: Kind
    feature: Feature
    label: Message
    model: type[Payload]
    title: Callable[[Any], str | Message]
    assets: Callable[[Any], tuple[str, ...]]
    refs: Callable[[Any], tuple[ObjectId, ...]] = lambda payload: ()
    key: Callable[[Any], str | None] = lambda payload: None
    has_windows: bool = False
    ordered: bool = False


def _named(*assets: str | None) -> tuple[str, ...]:
    return tuple(asset for asset in assets if asset is not None)


def _slot_assets(slot: Slot) -> tuple[str, ...]:
    return _named(slot.image, slot.action.asset if isinstance(slot.action, OpenVideo) else None)


def _slot_refs(slot: Slot) -> tuple[ObjectId, ...]:
    if isinstance(slot.action, OpenColumn):
        return (ObjectId(slot.action.column),)
    return (ObjectId(slot.action.item),) if isinstance(slot.action, OpenItem) else ()


def _playlist_ref(payload: ScheduleEntry | DefaultPlaylist) -> tuple[ObjectId, ...]:
    return (ObjectId(payload.playlist),)


def _column_refs(column: Column) -> tuple[ObjectId, ...]:
    return () if column.parent is None else (ObjectId(column.parent),)


_ALL: Final = (
    KindSpec(
        Kind.LOGO,
        Feature.LOGO,
        N_("定制logo"),
        Logo,
        title=lambda logo: N_("定制logo"),
        assets=lambda logo: (logo.image,),
        key=lambda logo: "logo",
    ),
    KindSpec(
        Kind.SLOT,
        Feature.SLOTS,
        N_("推荐位"),
        Slot,
        title=lambda slot: slot.title,
        assets=_slot_assets,
        refs=_slot_refs,
        key=lambda slot: f"slot:{slot.position}",
    ),
    KindSpec(
        Kind.COLUMN,
        Feature.ZONE,
        N_("栏目"),
        Column,
        title=lambda column: column.title,
        assets=lambda column: _named(column.icon),
        refs=_column_refs,
        ordered=True,
    ),
    KindSpec(
        Kind.ITEM,
        Feature.ZONE,
        N_("内容"),
        Item,
        title=lambda item: item.title,
        assets=lambda item: _named(item.asset),
        refs=lambda item: (ObjectId(item.column),),
        has_windows=True,
        ordered=True,
    ),
    KindSpec(
        Kind.MARQUEE,
        Feature.MARQUEE,
        N_("跑马灯"),
        Marquee,
        title=lambda marquee: marquee.text,
        assets=lambda marquee: (),
        has_windows=True,
    ),
    KindSpec(
        Kind.FRAME,
        Feature.SPLASH,
        N_("开机前导页"),
        Frame,
        title=lambda frame: N_("第 %(n)d 帧", n=frame.position),
        assets=lambda frame: (frame.image,),
        key=lambda frame: f"frame:{frame.position}",
    ),
    KindSpec(
        Kind.PLAYLIST,
        Feature.ADS,
        N_("播放列表"),
        Playlist,
        title=lambda playlist: playlist.title,
        assets=lambda playlist: tuple(dict.fromkeys(item.asset for item in playlist.items)),
    ),
    KindSpec(
        Kind.SCHEDULE_ENTRY,
        Feature.ADS,
        N_("节目单"),
        ScheduleEntry,
        title=lambda entry: N_("节目单条目"),
        assets=lambda entry: (),
        refs=_playlist_ref,
        has_windows=True,
    ),
    KindSpec(
        Kind.DEFAULT_PLAYLIST,
        Feature.ADS,
        N_("默认播放列表"),
        DefaultPlaylist,
        title=lambda payload: N_("默认播放列表"),
        assets=lambda payload: (),
        refs=_playlist_ref,
        key=lambda payload: "default_playlist",
    ),
    KindSpec(
        Kind.APP,
        Feature.APPS,
        N_("企业APP"),
        App,
        title=lambda app: app.name,
        assets=lambda app: _named(app.icon, app.asset),
        key=lambda app: f"app:{app.package}",
    ),
    KindSpec(
        Kind.POWER,
        Feature.POWER,
        N_("定时开关机"),
        Power,
        title=lambda power: N_("定时开关机"),
        assets=lambda power: (),
        key=lambda power: "power",
        has_windows=True,
    ),
)

KINDS: Final[Mapping[Kind, KindSpec]] = {spec.kind: spec for spec in _ALL}


def spec_of(kind: str) -> KindSpec:
    """This function will return the spec of `kind`; raises `ValueError` for an unknown one."""
    return KINDS[Kind(kind)]

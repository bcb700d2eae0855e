"""Where each kind of content is edited, for links from the first page."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import url_for

from portal.catalog.features import Feature
from portal.content.kinds import Kind
from portal.content.queries import ObjectView
from portal.core.messages import N_, Message

EDIT: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.LOGO: "logo.edit",
        Kind.SLOT: "slots.edit",
        Kind.COLUMN: "zone.edit_column",
        Kind.ITEM: "zone.edit_item",
        Kind.MARQUEE: "marquee.edit",
        Kind.FRAME: "splash.edit",
        Kind.PLAYLIST: "ads.edit_playlist",
        Kind.SCHEDULE_ENTRY: "ads.edit_entry",
        Kind.DEFAULT_PLAYLIST: "ads.edit_default",
        Kind.POWER: "power.index",
    }
)


@dataclass(frozen=True)
class QuickAct:
    """One of the next acts: what it does, where, and the feature it needs."""

    label: Message
    endpoint: str
    icon: str
    feature: Feature


QUICK_ACTS = (
    QuickAct(N_("写一条跑马灯"), "marquee.new", "speakerphone", Feature.MARQUEE),
    QuickAct(N_("换推荐位"), "slots.index", "layout-grid", Feature.SLOTS),
    QuickAct(N_("改专区栏目"), "zone.index", "columns-3", Feature.ZONE),
    QuickAct(N_("换开机前导页"), "splash.index", "power", Feature.SPLASH),
    QuickAct(N_("排广告节目单"), "ads.index", "calendar-week", Feature.ADS),
    QuickAct(N_("换 Logo"), "logo.index", "photo-edit", Feature.LOGO),
)


def edit_url(view: ObjectView) -> str:
    """This function will return the page on which the object is edited; what is on its way out is found among the drafts."""
    endpoint = EDIT.get(Kind(view.object.kind))
    if endpoint is None or view.envelope.deleted:
        return url_for("review.submit")
    return url_for(endpoint) if endpoint.endswith(".index") else url_for(endpoint, object_id=view.id)

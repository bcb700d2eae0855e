"""Where content is edited, for links from the first page."""

from dataclasses import dataclass

from flask import url_for

from portal.catalog.features import Feature
from portal.content.editing.links import page_of
from portal.content.kinds import Kind
from portal.content.queries import ObjectView
from portal.core.messages import N_, Message


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
    page = None if view.envelope.deleted else page_of(Kind(view.object.kind), view.id)
    return page or url_for("review.submit")

"""The first page of a tenant, put together."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from portal.access.checks import may
from portal.access.permissions import Permission
from portal.access.policy import own_groups
from portal.boxes.queries import fleet
from portal.boxes.states import Health
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import Context
from portal.dashboard.editors import QUICK_ACTS, edit_url
from portal.dashboard.queries.charts import plays
from portal.dashboard.queries.on_air import OnAir, on_air
from portal.dashboard.queries.to_do import to_do
from portal.orders.answers import SubscriptionView
from portal.orders.overview import overview
from portal.orders.queries import current_subscription
from portal.orders.rules.entitlement import Entitlement
from portal.orders.rules.terms import reminder_on
from portal.orders.states import STATE_LABELS
from portal.releases.states import LABELS as RELEASE_LABELS


def tenant_board(context: Context, held: Entitlement) -> Mapping[str, Any]:
    """This function will return everything that the tenant's first page shows to the context's actor; `held` is what it has now."""
    session, tenant_id, at = context.session, context.tenant_id, clock.now()
    subscription = current_subscription(session, tenant_id, at)
    work = to_do(session, at, context.actor.groups) if may(context, Permission.CONTENT_VIEW) else None
    edits = may(context, Permission.CONTENT_EDIT)
    renews = _renews_soon(subscription)
    shown = on_air(session, at)
    return {
        "work": work,
        "mine": (work.count if work and edits else 0) + bool(renews),
        "renews": renews,
        "shown": shown,
        "boxes": _boxes(context, at),
        "Health": Health,
        "chart": plays(context) if may(context, Permission.CONTENT_VIEW) else None,
        "asset_url": _published(shown),
        "at": at.astimezone(clock.SHANGHAI),
        "subscription": subscription,
        "overview": overview(held, subscription, (), clock.today()),
        "acts": [act for act in QUICK_ACTS if edits and act.feature in held.features],
        "edit_url": edit_url,
        "book": catalogue(),
        "state_labels": STATE_LABELS,
        "kinds": {kind.value: label for kind, label in RELEASE_LABELS.items()},
    }


def _boxes(context: Context, at: datetime) -> fleet.Tally | None:
    """How many boxes there are and how they are; a group editor's own groups' alone."""
    if not may(context, Permission.BOXES_VIEW):
        return None
    return fleet.tally(context.session, own_groups(context.actor), at)


def _renews_soon(subscription: SubscriptionView | None) -> SubscriptionView | None:
    if subscription is None or subscription.renews_on is None:
        return None
    return subscription if reminder_on(subscription.renews_on) <= clock.today() else None


def _published(shown: OnAir | None) -> Callable[[str], str]:
    """On air files are taken from where boxes take them, which anybody may see who may see the page."""
    addresses = shown.addresses if shown else {}
    return lambda sha256: addresses.get(sha256) or url_for("media.file", sha256=sha256)

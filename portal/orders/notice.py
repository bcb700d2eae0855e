"""What a locked feature's page says: what one would have of it, which package brings it, from when, and what it costs more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from portal.catalog.catalogue import catalogue
from portal.catalog.entries import Label, Offering
from portal.catalog.features import Feature
from portal.catalog.gating import Upgrade, offerings_with, upgrade
from portal.core import clock
from portal.core.ids import TenantId
from portal.orders.answers import SubscriptionView
from portal.orders.queries import current_subscription
from portal.orders.states import State

_GRANT_ONLY = Label(zh="运营中心单独授权", en="separate grant of the operations center")


@dataclass(frozen=True)
class _Wanted:
    """A feature that a tenant lacks, beside what it has: the subscription in force, and its offering while that has not ended."""

    feature: Feature
    held: SubscriptionView | None
    language: str

    @property
    def offering(self) -> Offering | None:
        if self.held is None or self.held.standing.state is State.ENDED:
            return None
        return catalogue().offerings.get(self.held.standing.plan.offering_code)

    @property
    def asked_from(self) -> str:
        """The day from which a change that was requested brings it, empty where none does."""
        pending = self.held.pending if self.held else None
        if pending is None or pending.plan is None:
            return ""
        brings = self.feature in catalogue().offering(pending.plan.offering_code).features
        return pending.effective_on.isoformat() if brings else ""

    def names(self, labels: Iterable[Label]) -> str:
        """Names in the reader's language, one after another."""
        return (", " if self.language == "en" else "、").join(label.in_language(self.language) for label in labels)


def feature_notice(session: Session, tenant_id: TenantId, feature: str, language: str = "zh") -> Mapping[str, Any]:
    """This function will return what a locked feature's page says, as text; what does not apply is empty.

    `feature`, `code` and `does` say what it is, `offering` what brings it. `now` and `price` are yuan a month for one box, `this_month`
    what is paid in addition until its end, `later` what all `boxes` cost more each month from then on; `gained` are the other features
    of that package. `when` is `at_once` where it takes a new order, `next_month` where a change, `resumed` where the subscription only
    rests, empty where only a grant helps. `box` is the type of box that would have to be had instead of the present one, and
    `asked_from` the day from which a change that was requested brings the feature.
    """
    wanted = _Wanted(Feature(feature), current_subscription(session, tenant_id, clock.now()), language)
    entry = catalogue().features[wanted.feature]
    empty = dict.fromkeys(("when", "now", "price", "this_month", "later", "gained", "box", "asked_from"), "")
    about = {"code": entry.code, "feature": entry.name.in_language(language), "does": entry.gives.in_language(language)}
    return {**empty, **about, "boxes": 0, **_way(wanted)}


def _way(wanted: _Wanted) -> Mapping[str, Any]:
    """How the feature is had, and for how much."""
    offering = wanted.offering
    if offering is not None and wanted.feature in offering.features:
        return {"offering": offering.name.in_language(wanted.language), "when": "resumed"}
    plan = wanted.held.standing.plan if wanted.held and offering else None
    found = upgrade(offering, plan.price if plan else None, wanted.feature, clock.today())
    if found is not None:
        return {**_bought(wanted, found), "asked_from": wanted.asked_from}
    return _elsewhere(wanted)


def _bought(wanted: _Wanted, step: Upgrade) -> Mapping[str, Any]:
    words = {
        "offering": step.offering.name.in_language(wanted.language),
        "price": f"{step.offering.price:.2f}",
        "this_month": f"{step.this_month:.2f}",
        "gained": _gained(wanted, step.offering),
    }
    plan = wanted.held.standing.plan if wanted.held and wanted.offering else None
    if plan is None:
        return {**words, "when": "at_once"}
    later = step.per_month * plan.boxes
    return {**words, "when": "next_month", "now": f"{plan.price:.2f}", "boxes": plan.boxes, "later": later}


def _gained(wanted: _Wanted, offering: Offering) -> str:
    """What else the package opens."""
    had = wanted.offering.features if wanted.offering else frozenset({Feature.BASE})
    more = offering.features - had - {wanted.feature}
    return wanted.names(entry.name for entry in catalogue().features.values() if entry.feature in more)


def _elsewhere(wanted: _Wanted) -> Mapping[str, Any]:
    """No package for the present type of box has it: those of another one, or a grant."""
    bringing = offerings_with(wanted.feature)
    if not bringing:
        return {"offering": _GRANT_ONLY.in_language(wanted.language)}
    types = dict.fromkeys(offering.box_type for offering in bringing)
    return {
        "offering": wanted.names(offering.name for offering in bringing),
        "price": f"{bringing[0].price:.2f}",
        "this_month": "0.00",
        "when": "next_month",
        "box": wanted.names(catalogue().box_types[one].name for one in types),
    }

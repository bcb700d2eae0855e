"""What a locked feature's page says: which package brings it, from when, and what it costs more."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.catalog.catalogue import catalogue
from portal.catalog.entries import Label
from portal.catalog.features import Feature
from portal.catalog.gating import offerings_with, upgrade
from portal.core import clock
from portal.core.ids import TenantId
from portal.orders.queries import current_subscription
from portal.orders.states import State

_GRANT_ONLY = Label(zh="运营中心单独授权", en="separate grant of the operations center")


def feature_notice(session: Session, tenant_id: TenantId, feature: str, language: str = "zh") -> Mapping[str, Any]:
    """This function will return the words of a locked feature's page as text: `feature`, `offering`, `when`, `now`, `price`, `this_month`.

    `now` and `price` are yuan a month for one box; they are empty where no package of the present kind of box brings the
    feature. `when` is `at_once` where it takes a new order, `next_month` where a change, empty where only a grant helps.
    """
    wanted = Feature(feature)
    book = catalogue()
    held = current_subscription(session, tenant_id, clock.now())
    plan = held.standing.plan if held and held.standing.state is not State.ENDED else None
    offering = book.offerings.get(plan.offering_code) if plan else None
    words: dict[str, Any] = {"feature": book.features[wanted].name.in_language(language)}
    found = upgrade(offering, plan.price if plan else None, wanted, clock.today())
    if found is not None:
        return words | {
            "offering": found.offering.name.in_language(language),
            "when": "next_month" if offering else "at_once",
            "now": f"{plan.price:.2f}" if plan else "",
            "price": f"{found.offering.price:.2f}",
            "this_month": f"{found.this_month:.2f}",
        }
    bringing = [other.name.in_language(language) for other in offerings_with(wanted)]
    when = "next_month" if bringing else ""
    between = ", " if language == "en" else "、"
    return words | {"offering": between.join(bringing) or _GRANT_ONLY.in_language(language), "when": when}

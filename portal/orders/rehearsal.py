"""What an act would do, found out by doing it and taking it back, so that what is said before is what happens after."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from portal.catalog.features import Feature
from portal.core import clock
from portal.core.context import Context
from portal.orders.queries import current_subscription, entitlement
from portal.orders.rules.standing import Standing

T = TypeVar("T")


@dataclass(frozen=True)
class Consequences(Generic[T]):
    """From `at` on: features that open and that close, plan and state before and after, and what the command would return.

    What closes was held before, so its content is kept and stays readable, off the screens.
    """

    at: datetime
    opens: frozenset[Feature]
    closes: frozenset[Feature]
    before: Standing | None
    after: Standing | None
    result: T


def rehearse(ctx: Context, act: Callable[[Context], T], moment: Callable[[T], datetime]) -> Consequences[T]:
    """This function will run `act`, look at what the tenant has at `moment` of its result, and roll everything back.

    It raises what `act` raises. The context's session must hold nothing else that waits to be committed.
    """
    now = clock.now()
    held = entitlement(ctx.session, ctx.tenant_id, now)
    before = current_subscription(ctx.session, ctx.tenant_id, now)
    try:
        result = act(ctx)
        at = moment(result)
        after = entitlement(ctx.session, ctx.tenant_id, at)
        then = current_subscription(ctx.session, ctx.tenant_id, at)
    finally:
        ctx.session.rollback()
    return Consequences(
        at=at,
        opens=after.features - held.features,
        closes=held.features - after.features,
        before=before.standing if before else None,
        after=then.standing if then else None,
        result=result,
    )

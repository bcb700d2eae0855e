"""Several people at the same moment: the second one sees what the first did."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from portal.access.roles import Role
from portal.core.context import Context, TenantRef
from portal.core.errors import Refused
from portal.orders.commands.changing import request_change
from portal.orders.commands.ordering import order
from portal.orders.commands.suspending import suspend
from portal.orders.requests import OrderRequest, PlanRequest
from portal.orders.states import SuspensionReason
from tests.orders.conftest import Doing, acting

CUSTOM, PUSH = "7360110000400021", "7360110000400023"
ORDER = OrderRequest(offering_code=CUSTOM, boxes=40, customer_class="enterprise", industry_code="1401001")


def at_once(tenant: TenantRef, acts: list[Callable[[Context], object]]) -> list[str]:
    """This function will run the acts in threads that start together, and return `done` or the code of each refusal."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[Context], object]) -> str:
        barrier.wait()
        try:
            with acting(tenant, Role.CENTER_OPERATOR) as ctx:
                act(ctx)
        except Refused as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_of_several_orders_at_once_one_wins(tenant: TenantRef) -> None:
    answers = at_once(tenant, [lambda ctx: order(ctx, ORDER)] * 4)

    assert answers == ["already_subscribed"] * 3 + ["done"]


def test_no_more_than_three_of_five_requests_at_once_are_taken(doing: Doing, tenant: TenantRef) -> None:
    with doing() as ctx:
        id_ = order(ctx, ORDER).subscription_id

    answers = at_once(tenant, [lambda ctx, n=n: request_change(ctx, id_, PlanRequest(PUSH, 50 + n)) for n in range(5)])

    assert answers == ["done"] * 3 + ["too_many_changes"] * 2


def test_of_two_suspensions_at_once_one_wins(doing: Doing, tenant: TenantRef) -> None:
    with doing() as ctx:
        id_ = order(ctx, ORDER).subscription_id

    answers = at_once(tenant, [lambda ctx: suspend(ctx, id_, SuspensionReason.ARREARS)] * 2)

    assert answers == ["done", "not_active"]

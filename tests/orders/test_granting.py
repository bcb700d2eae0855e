from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.audit.models import AuditRecord
from portal.catalog.features import Feature
from portal.core import clock
from portal.core import database as databases
from portal.core.context import TenantRef
from portal.core.errors import Forbidden, Invalid, NotFound, Refused
from portal.core.ids import new_id
from portal.orders import queries
from portal.orders.answers import GrantView
from portal.orders.commands.granting import end_grant, grant_feature
from portal.orders.commands.ordering import order
from portal.orders.requests import GrantRequest, OrderRequest
from portal.orders.rules.entitlement import Entitlement
from tests.orders.conftest import Doing, Travel, acting, make_tenant
from tests.orders.moments import moment

ORDER = OrderRequest(offering_code="7360110000400020", boxes=40, customer_class="enterprise", industry_code="1402002")
POWER = GrantRequest(feature="power", reason="病房夜间关机", price=Decimal("2.50"), ends_on=date(2026, 12, 31))
APP = GrantRequest(
    feature="apps", reason="翼校通", price=Decimal(0), ends_on=date(2026, 12, 31), packages=["cn.com.yxt.tv"]
)


@pytest.fixture(autouse=True)
def _subscribed(request: pytest.FixtureRequest) -> None:
    if "doing" in request.fixturenames:
        with request.getfixturevalue("doing")() as ctx:
            order(ctx, ORDER)


def entitled(tenant: TenantRef, at: str) -> Entitlement:
    with databases.tenant_session(tenant.id) as session:
        return queries.entitlement(session, tenant.id, moment(at))


def test_grant_opens_its_feature_at_once_and_through_its_last_day(doing: Doing, tenant: TenantRef) -> None:
    with doing(Role.APP_ADMIN) as ctx:
        grant_feature(ctx, POWER)

    features = [
        entitled(tenant, at).features
        for at in ("2026-11-16 09:59", "2026-11-16 10:00", "2026-12-31 23:59", "2027-01-01 00:00")
    ]
    base = frozenset({Feature.BASE})
    assert features == [frozenset(), base | {Feature.POWER}, base | {Feature.POWER}, base]


def test_grant_may_begin_later(doing: Doing, tenant: TenantRef) -> None:
    with doing(Role.APP_ADMIN) as ctx:
        grant_feature(ctx, replace(POWER, starts_on=date(2026, 12, 24)))

    open_ = [entitled(tenant, at).open(Feature.POWER) for at in ("2026-12-23 23:59", "2026-12-24 00:00")]
    assert open_ == [False, True]


def test_named_packages_limit_company_apps(doing: Doing, tenant: TenantRef) -> None:
    with doing(Role.APP_ADMIN) as ctx:
        grant_feature(ctx, replace(APP, packages=["cn.com.yxt.tv", "cn.com.yxt.tv", "com.example.Menu_1"]))

    found = entitled(tenant, "2026-11-20 08:00")
    assert (found.features, found.app_packages) == (
        {Feature.BASE, Feature.APPS},
        {"cn.com.yxt.tv", "com.example.Menu_1"},
    )


def test_grant_can_be_ended_early_once(doing: Doing, tenant: TenantRef, travel: Travel) -> None:
    with doing(Role.APP_ADMIN) as ctx:
        id_ = grant_feature(ctx, POWER)
    travel("2026-11-20 12:00")

    with doing(Role.APP_ADMIN) as ctx:
        end_grant(ctx, id_)
    with pytest.raises(Refused) as caught, doing(Role.APP_ADMIN) as ctx:
        end_grant(ctx, id_)

    before, after = entitled(tenant, "2026-11-20 11:59"), entitled(tenant, "2026-11-20 12:00")
    assert (before.open(Feature.POWER), after.open(Feature.POWER), after.readable(Feature.POWER)) == (True, False, True)
    assert caught.value.code == "grant_over"


def test_grant_ended_before_its_beginning_never_held(doing: Doing, tenant: TenantRef) -> None:
    with doing(Role.APP_ADMIN) as ctx:
        end_grant(ctx, grant_feature(ctx, replace(POWER, starts_on=date(2026, 12, 24))))

    found = entitled(tenant, "2026-12-24 12:00")
    assert found.readable(Feature.POWER) is False


def test_expired_grant_cannot_be_ended(doing: Doing, travel: Travel) -> None:
    with doing(Role.APP_ADMIN) as ctx:
        id_ = grant_feature(ctx, POWER)
    travel("2027-01-01 00:00")

    with pytest.raises(Refused) as caught, doing(Role.APP_ADMIN) as ctx:
        end_grant(ctx, id_)

    assert caught.value.code == "grant_over"


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (replace(POWER, feature="karaoke"), {"feature"}),
        (replace(POWER, feature=""), {"feature"}),
        (replace(POWER, feature="base"), {"feature"}),
        (replace(POWER, packages=["cn.com.yxt.tv"]), {"packages"}),
        (replace(APP, packages=["no"]), {"packages"}),
        (replace(APP, packages=["a..b"]), {"packages"}),
        (replace(APP, packages=["a.b c"]), {"packages"}),
        (replace(APP, packages=["a.1b"]), {"packages"}),
        (replace(APP, packages=["a." + "b" * 254]), {"packages"}),
        (replace(APP, packages=[f"a.b{n}" for n in range(51)]), {"packages"}),
        (replace(POWER, reason="  "), {"reason"}),
        (replace(POWER, reason="长" * 201), {"reason"}),
        (replace(POWER, price=Decimal("-0.01")), {"price"}),
        (replace(POWER, price=Decimal("0.001")), {"price"}),
        (replace(POWER, ends_on=date(2026, 11, 15)), {"ends_on"}),
        (replace(POWER, starts_on=date(2026, 11, 15)), {"starts_on"}),
        (replace(POWER, starts_on=date(2027, 1, 1)), {"ends_on"}),
        (GrantRequest("x", "", Decimal(-1), date(2000, 1, 1)), {"feature", "reason", "price", "ends_on"}),
    ],
)
def test_bad_fields_of_a_grant_are_named_all_at_once(
    doing: Doing, tenant: TenantRef, request_: GrantRequest, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as caught, doing(Role.APP_ADMIN) as ctx:
        grant_feature(ctx, request_)

    assert caught.value.errors.keys() == fields
    assert entitled(tenant, "2026-11-20 08:00").features == {Feature.BASE}


def test_grant_through_today_is_taken(doing: Doing, tenant: TenantRef) -> None:
    with doing(Role.APP_ADMIN) as ctx:
        grant_feature(ctx, replace(POWER, ends_on=date(2026, 11, 16)))

    assert entitled(tenant, "2026-11-16 23:59").open(Feature.POWER)


def test_grants_are_listed_with_the_latest_first(doing: Doing, tenant: TenantRef, neighbour: TenantRef) -> None:
    with doing(Role.APP_ADMIN, within=neighbour) as ctx:
        grant_feature(ctx, APP)
    with doing(Role.APP_ADMIN) as ctx:
        first = grant_feature(ctx, POWER)
        second = grant_feature(ctx, replace(APP, starts_on=date(2026, 12, 1)))

    with databases.tenant_session(tenant.id) as session:
        listed = queries.grants_of(session, tenant.id, clock.now())

    assert [(grant.id, grant.in_force) for grant in listed] == [(second, False), (first, True)]
    assert listed[0] == GrantView(
        id=second,
        feature=Feature.APPS,
        packages=("cn.com.yxt.tv",),
        reason="翼校通",
        price=Decimal("0.00"),
        granted_at=clock.now(),
        starts_at=moment("2026-12-01 00:00"),
        ends_on=date(2026, 12, 31),
        ended_at=None,
        in_force=False,
    )


def test_grant_of_another_tenant_is_not_found(doing: Doing, tenant: TenantRef, neighbour: TenantRef) -> None:
    with doing(Role.APP_ADMIN) as ctx:
        id_ = grant_feature(ctx, POWER)

    with pytest.raises(NotFound), doing(Role.APP_ADMIN, within=neighbour) as ctx:
        end_grant(ctx, id_)
    with pytest.raises(NotFound), doing(Role.APP_ADMIN) as ctx:
        end_grant(ctx, new_id())

    assert entitled(tenant, "2026-11-20 08:00").open(Feature.POWER)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.APP_ADMIN, Role.CLI}))
def test_nobody_else_may_grant_or_end(sqlite: databases.Database, travel: Travel, role: Role) -> None:
    tenant = make_tenant(sqlite, 1, None)

    with pytest.raises(Forbidden), acting(tenant, role) as ctx:
        grant_feature(ctx, POWER)
    with pytest.raises(Forbidden), acting(tenant, role) as ctx:
        end_grant(ctx, new_id())


def test_grants_are_recorded(doing: Doing) -> None:
    with doing(Role.APP_ADMIN) as ctx:
        id_ = grant_feature(ctx, APP)
        end_grant(ctx, id_)

    with databases.system_session(reason="test") as session:
        records = list(session.scalars(select(AuditRecord).order_by(AuditRecord.seq)))[1:]
    assert [(each.event, each.target_id, each.details) for each in records] == [
        (
            "order.grant_given",
            id_,
            {
                "feature": "apps",
                "packages": ["cn.com.yxt.tv"],
                "reason": "翼校通",
                "price": "0.00",
                "ends_on": "2026-12-31",
            },
        ),
        ("order.grant_ended", id_, {"feature": "apps"}),
    ]

"""Installation jobs: who opens and changes them, what is recorded, and places that are never given twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.core import clock
from portal.core.context import Actor, Context, TenantRef
from portal.core.database import platform_session, system_session, tenant_session
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from portal.core.ids import GroupId, JobId, UserId, new_id
from portal.core.tenancy import TenancyBreach
from portal.core.unit_of_work import UnaskedWrite
from portal.tenants.commands.groups import create_group, delete_group
from portal.tenants.installing.commands import change_job, close_job, give_back_place, open_job, reopen_job, take_place
from portal.tenants.installing.models import InstallationJob, InstallerPhone
from portal.tenants.installing.queries import OpenJob, get_job, installers_of, open_job_for, phone_lookup, state_of
from portal.tenants.installing.rules import Installer, JobTerms
from portal.tenants.installing.states import JobState
from tests.tenants.conftest import recorded
from tests.world.building import actor, context, in_tenant, root_of
from tests.world.threads import at_once

WANG, LI = "13800138000", "13900139000"


def terms(places: int = 2, *phones: str, days: int = 30) -> JobTerms:
    named = tuple(Installer(phone, "王师傅") for phone in phones or (WANG,))
    return JobTerms(places, clock.today() + timedelta(days=days), named, "先装大堂")


def opened(tenant: TenantRef, places: int = 2, *phones: str, days: int = 30) -> JobId:
    return in_tenant(tenant, lambda ctx: open_job(ctx, root_of(tenant), terms(places, *phones, days=days)))


def job_of(tenant: TenantRef, job_id: JobId) -> InstallationJob:
    with tenant_session(tenant.id) as session:
        return get_job(session, job_id)


def counting(tenant: TenantRef, act: Callable[[Context, JobId], bool], job_id: JobId) -> bool:
    """Takes or gives back a place as the bindings do: they ask a permission of their own and record."""

    def do(ctx: Context) -> bool:
        close_job(ctx, beside, job_of(tenant, beside).version)
        return act(ctx, job_id)

    beside = opened(tenant)
    return in_tenant(tenant, do)


def asked(enterprise_id: str, phone: str = WANG) -> OpenJob | None:
    with system_session(reason="test") as session:
        return open_job_for(session, enterprise_id, phone_lookup(phone), clock.now())


def test_open_job_is_found_by_enterprise_and_phone(tenant: TenantRef, neighbour: TenantRef) -> None:
    job_id = opened(tenant, 200, WANG, LI)
    opened(neighbour, 5, "13700137000")

    found = asked(tenant.enterprise_id, "１３８００１３８０００")

    assert found == OpenJob(job_id, tenant, "云栖酒店集团", root_of(tenant), 200, clock.today() + timedelta(days=30))
    assert asked(tenant.enterprise_id, "13700137000") is None
    assert asked(neighbour.enterprise_id) is None
    assert asked("100000000009") is None
    assert recorded("tenant.job_opened")[0] == {
        "group": "总部", "places": 200, "phones": 2, "last_on": (clock.today() + timedelta(days=30)).isoformat(),
    }  # fmt: skip


def test_phone_is_sealed_and_never_stored_as_typed(tenant: TenantRef) -> None:
    job_id = opened(tenant)

    with tenant_session(tenant.id) as session:
        row = session.scalars(select(InstallerPhone).where(InstallerPhone.job_id == job_id)).one()

    assert WANG.encode() not in row.phone_sealed
    assert installers_of(job_of(tenant, job_id)) == (Installer(WANG, "王师傅"),)


def test_of_several_jobs_the_one_that_ends_first_is_found(tenant: TenantRef) -> None:
    opened(tenant, days=30)
    sooner = opened(tenant, days=10)

    found = asked(tenant.enterprise_id)

    assert found is not None
    assert found.id == sooner


def test_tenants_own_session_finds_no_job_of_a_neighbour(tenant: TenantRef, neighbour: TenantRef) -> None:
    opened(neighbour)

    with tenant_session(tenant.id) as session:
        assert open_job_for(session, neighbour.enterprise_id, phone_lookup(WANG), clock.now()) is None


def test_full_closed_and_expired_jobs_are_not_found(tenant: TenantRef) -> None:
    job_id = opened(tenant, 1)
    counting(tenant, take_place, job_id)
    assert asked(tenant.enterprise_id) is None
    assert state_of(job_of(tenant, job_id), clock.today()) is JobState.FULL

    counting(tenant, give_back_place, job_id)
    assert asked(tenant.enterprise_id) is not None
    with system_session(reason="test") as session:
        later = clock.now() + timedelta(days=31)
        assert open_job_for(session, tenant.enterprise_id, phone_lookup(WANG), later) is None

    in_tenant(tenant, lambda ctx: close_job(ctx, job_id, job_of(tenant, job_id).version))
    assert asked(tenant.enterprise_id) is None


def test_last_place_goes_to_one_of_many(tenant: TenantRef) -> None:
    job_id = opened(tenant, 3)
    won: list[bool] = []

    raised = at_once(*[lambda: won.append(counting(tenant, take_place, job_id)) for _ in range(6)])

    assert raised == [None] * 6
    assert sorted(won) == [False] * 3 + [True] * 3
    assert job_of(tenant, job_id).places_taken == 3


def test_place_is_taken_in_open_jobs_of_the_own_tenant_only(tenant: TenantRef, neighbour: TenantRef) -> None:
    closed = opened(tenant)
    in_tenant(tenant, lambda ctx: close_job(ctx, closed, job_of(tenant, closed).version))
    theirs = opened(neighbour)

    assert counting(tenant, take_place, closed) is False
    assert counting(tenant, take_place, theirs) is False
    assert job_of(neighbour, theirs).places_taken == 0


def test_no_place_is_given_back_that_nobody_took(tenant: TenantRef) -> None:
    job_id = opened(tenant)

    assert counting(tenant, give_back_place, job_id) is False
    assert job_of(tenant, job_id).places_taken == 0


def test_taking_a_place_counts_as_a_write_that_somebody_must_ask_for(tenant: TenantRef) -> None:
    job_id = opened(tenant)

    with pytest.raises(UnaskedWrite):
        in_tenant(tenant, lambda ctx: take_place(ctx, job_id))


def test_taking_a_place_is_no_newer_version_for_whoever_changes_the_job(tenant: TenantRef) -> None:
    job_id = opened(tenant, 2)
    counting(tenant, take_place, job_id)

    in_tenant(tenant, lambda ctx: change_job(ctx, job_id, 1, terms(3, WANG, LI)))

    job = job_of(tenant, job_id)
    assert (job.places, job.places_taken, len(job.phones)) == (3, 1, 2)
    assert recorded("tenant.job_changed") == [{"fields": ["places", "installers"]}]


def test_job_is_not_made_smaller_than_what_is_bound(tenant: TenantRef) -> None:
    job_id = opened(tenant, 2)
    counting(tenant, take_place, job_id)
    counting(tenant, take_place, job_id)

    with pytest.raises(Invalid) as refused:
        in_tenant(tenant, lambda ctx: change_job(ctx, job_id, 1, terms(1)))

    assert list(refused.value.errors) == ["places"]


def test_installer_who_stays_is_not_sealed_anew_and_one_who_goes_is_not_found(tenant: TenantRef) -> None:
    job_id = opened(tenant, 2, WANG, LI)
    before = {row.phone_lookup: row.phone_sealed for row in job_of(tenant, job_id).phones}

    in_tenant(tenant, lambda ctx: change_job(ctx, job_id, 1, terms(2, LI, "13700137000")))

    after = {row.phone_lookup: row.phone_sealed for row in job_of(tenant, job_id).phones}
    assert after[phone_lookup(LI)] == before[phone_lookup(LI)]
    assert asked(tenant.enterprise_id, WANG) is None
    assert asked(tenant.enterprise_id, "13700137000") is not None


def test_closed_job_opens_again(tenant: TenantRef) -> None:
    job_id = opened(tenant)

    in_tenant(tenant, lambda ctx: close_job(ctx, job_id, 1))
    with pytest.raises(Refused):
        in_tenant(tenant, lambda ctx: close_job(ctx, job_id, 2))
    in_tenant(tenant, lambda ctx: reopen_job(ctx, job_id, 2))

    with pytest.raises(Refused):
        in_tenant(tenant, lambda ctx: reopen_job(ctx, job_id, 3))
    assert asked(tenant.enterprise_id) is not None
    assert recorded("tenant.job_closed") == [{"taken": 0}]
    assert recorded("tenant.job_reopened") == [{"taken": 0}]


def test_newer_version_wins_and_another_tenants_job_is_not_there(tenant: TenantRef, neighbour: TenantRef) -> None:
    job_id = opened(tenant)
    in_tenant(tenant, lambda ctx: change_job(ctx, job_id, 1, terms(9)))

    with pytest.raises(Conflict):
        in_tenant(tenant, lambda ctx: change_job(ctx, job_id, 1, terms(8)))
    with pytest.raises(NotFound):
        in_tenant(neighbour, lambda ctx: close_job(ctx, job_id, 2))
    with pytest.raises(NotFound):
        in_tenant(neighbour, lambda ctx: open_job(ctx, root_of(tenant), terms()))


def test_group_with_a_job_stays(tenant: TenantRef) -> None:
    shop = in_tenant(tenant, lambda ctx: create_group(ctx, root_of(tenant), "南京店"))
    in_tenant(tenant, lambda ctx: open_job(ctx, GroupId(shop), terms()))

    with pytest.raises(Refused, match="装维工单"):
        in_tenant(tenant, lambda ctx: delete_group(ctx, shop, 1))


def _person(role: Role, tenant: TenantRef, **more: str) -> Actor:
    member = role in {Role.TENANT_ADMIN, Role.TENANT_EDITOR, Role.GROUP_EDITOR}
    return actor(role, UserId(new_id()), tenant if member else None, **more)


@pytest.mark.parametrize("role", [Role.TENANT_ADMIN, Role.TENANT_EDITOR, Role.CENTER_SUPPORT, Role.CENTER_REVIEWER])
def test_others_than_province_and_operator_open_no_job(tenant: TenantRef, role: Role) -> None:
    with context(tenant, _person(role, tenant)) as ctx, pytest.raises(Forbidden):
        open_job(ctx, root_of(tenant), terms())


def test_province_opens_jobs_in_its_own_enterprises(tenant: TenantRef, neighbour: TenantRef) -> None:
    province = _person(Role.PROVINCE, neighbour, province_code="32")

    in_tenant(neighbour, lambda ctx: open_job(ctx, root_of(neighbour), terms()), province)
    with context(tenant, province) as ctx, pytest.raises(Forbidden):
        open_job(ctx, root_of(tenant), terms())


def test_platforms_session_does_not_know_the_tables(tenant: TenantRef) -> None:
    opened(tenant)

    with platform_session() as session, pytest.raises(TenancyBreach):
        session.scalars(select(InstallationJob))

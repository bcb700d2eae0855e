"""The enterprise ID on its way: applicant, customer manager, installer, in this order; the last opens a job."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.core import clock
from portal.core.context import TenantRef
from portal.core.database import system_session, tenant_session
from portal.core.errors import Forbidden, Invalid, NotFound, Refused
from portal.core.ids import GroupId, UserId, new_id
from portal.notify.models import Notice
from portal.tenants.installing.commands import (
    close_job,
    hand_to_installer,
    hand_to_manager,
    open_job,
    reopen_job,
    reveal_installer,
    reveal_receiver,
)
from portal.tenants.installing.models import HandOver
from portal.tenants.installing.queries import (
    get_job,
    group_labels,
    hand_overs,
    installers_of,
    jobs_everywhere,
    open_job_for,
    phone_lookup,
    tenants_of,
)
from portal.tenants.installing.rules import Installer, JobTerms
from portal.tenants.installing.states import JobState, Step
from tests.tenants.conftest import recorded
from tests.world.building import actor, build_user, context, in_tenant, root_of

MANAGER, WANG, LI = (
    Installer("13700137000", "孙经理"),
    Installer("13800138000", "王师傅"),
    Installer("13900139000", "李师傅"),
)


def terms(*others: Installer, places: int = 200) -> JobTerms:
    return JobTerms(places, clock.today() + timedelta(days=30), others, "先装大堂")


def handed_over(tenant: TenantRef, *others: Installer) -> str:
    in_tenant(tenant, lambda ctx: hand_to_manager(ctx, MANAGER, "当面"))
    return in_tenant(tenant, lambda ctx: hand_to_installer(ctx, WANG, root_of(tenant), terms(*others)))


def test_last_hand_over_opens_a_job_that_names_the_receiver(tenant: TenantRef) -> None:
    job_id = handed_over(tenant, LI)

    with tenant_session(tenant.id) as session:
        last, first = hand_overs(session)
        job = get_job(session, job_id)  # type: ignore[arg-type]
    assert (first.step, first.to_name, first.to_phone, first.note, first.job_id) == (
        Step.MANAGER, "孙经理", "13700137000", "当面", None,
    )  # fmt: skip
    assert (last.step, last.to_name, last.to_phone, last.job_id) == (Step.INSTALLER, "王师傅", "13800138000", job_id)
    assert last.by_role == "cli"
    assert installers_of(job) == (WANG, LI)
    assert recorded("tenant.handed_over") == [
        {"step": "manager", "receiver": "孙经理"},
        {"step": "installer", "receiver": "王师傅"},
    ]
    with system_session(reason="test") as session:
        assert open_job_for(session, tenant.enterprise_id, phone_lookup("13900139000"), clock.now()) is not None


def test_names_and_phones_are_sealed(tenant: TenantRef) -> None:
    handed_over(tenant)

    with tenant_session(tenant.id) as session:
        for row in session.scalars(select(HandOver)):
            assert str(row.to_phone).encode() not in row.to_phone_sealed
            assert str(row.to_name).encode() not in row.to_name_sealed


def test_nothing_goes_to_an_installer_before_a_manager_has_it(tenant: TenantRef, neighbour: TenantRef) -> None:
    in_tenant(neighbour, lambda ctx: hand_to_manager(ctx, MANAGER))

    with pytest.raises(Refused) as refused:
        in_tenant(tenant, lambda ctx: hand_to_installer(ctx, WANG, root_of(tenant), terms()))

    assert refused.value.code == "not_handed_to_manager"


def test_each_further_installer_has_a_job_of_its_own(tenant: TenantRef) -> None:
    first = handed_over(tenant)
    second = in_tenant(tenant, lambda ctx: hand_to_installer(ctx, LI, root_of(tenant), terms(places=5)))

    with tenant_session(tenant.id) as session:
        assert [row.job_id for row in hand_overs(session)] == [second, first, None]


@pytest.mark.parametrize(
    ("receiver", "wrong", "fields"),
    [
        (Installer("13800138000", " "), terms(), {"name"}),
        (Installer("1380013800", "王师傅"), terms(), {"phone"}),
        (WANG, terms(Installer("12345", "李")), {"installers"}),
        (WANG, replace(terms(), places=0), {"places"}),
        (WANG, replace(terms(), last_on=None), {"last_on"}),
        (WANG, replace(terms(), note="字" * 201), {"note"}),
    ],
)
def test_each_problem_stands_at_its_field(
    tenant: TenantRef, receiver: Installer, wrong: JobTerms, fields: set[str]
) -> None:
    in_tenant(tenant, lambda ctx: hand_to_manager(ctx, MANAGER))

    with pytest.raises(Invalid) as refused:
        in_tenant(tenant, lambda ctx: hand_to_installer(ctx, receiver, root_of(tenant), wrong))

    assert set(refused.value.errors) == fields
    with tenant_session(tenant.id) as session:
        assert len(hand_overs(session)) == 1


def test_managers_name_and_phone_are_needed(tenant: TenantRef) -> None:
    with pytest.raises(Invalid) as refused:
        in_tenant(tenant, lambda ctx: hand_to_manager(ctx, Installer("", ""), "字" * 201))

    assert set(refused.value.errors) == {"name", "phone", "note"}


def test_tenants_administrator_is_told_once_per_transition(tenant: TenantRef) -> None:
    job_id = handed_over(tenant)
    in_tenant(tenant, lambda ctx: close_job(ctx, job_id, 1))  # type: ignore[arg-type]
    in_tenant(tenant, lambda ctx: reopen_job(ctx, job_id, 2))  # type: ignore[arg-type]

    with system_session(reason="test") as session:
        told = session.execute(
            select(Notice.role, Notice.tenant_id, Notice.link).where(Notice.key.startswith("installation:"))
        ).all()
    page = f"/e/{tenant.enterprise_id}/installation/{job_id}"
    assert told == [("tenant_admin", tenant.id, page)] * 3


def test_revealing_is_recorded_and_stays_in_the_tenant(tenant: TenantRef, neighbour: TenantRef) -> None:
    job_id = handed_over(tenant)
    with tenant_session(tenant.id) as session:
        hand_over, installer = hand_overs(session)[0].id, get_job(session, job_id).phones[0].id  # type: ignore[arg-type]
    admin = actor(Role.TENANT_ADMIN, UserId(new_id()), tenant)

    assert in_tenant(tenant, lambda ctx: reveal_receiver(ctx, hand_over), admin).to_phone == "13800138000"
    assert in_tenant(tenant, lambda ctx: reveal_installer(ctx, installer), admin).phone == "13800138000"

    assert recorded("tenant.contact_revealed") == [{"fields": ["to_phone"]}, {"fields": ["installer_phone"]}]
    support = actor(Role.CENTER_SUPPORT, UserId(new_id()))
    with pytest.raises(NotFound):
        in_tenant(neighbour, lambda ctx: reveal_receiver(ctx, hand_over), support)
    with pytest.raises(NotFound):
        in_tenant(neighbour, lambda ctx: reveal_installer(ctx, installer), support)
    with context(tenant, actor(Role.TENANT_EDITOR, UserId(new_id()), tenant)) as ctx, pytest.raises(Forbidden):
        reveal_installer(ctx, installer)


@pytest.mark.parametrize("role", [Role.TENANT_ADMIN, Role.CENTER_SUPPORT, Role.CENTER_REVIEWER])
def test_others_than_province_and_operator_hand_nothing_over(tenant: TenantRef, role: Role) -> None:
    who = actor(role, UserId(new_id()), tenant if role == Role.TENANT_ADMIN else None)

    with context(tenant, who) as ctx:
        with pytest.raises(Forbidden):
            hand_to_manager(ctx, MANAGER)
        with pytest.raises(Forbidden):
            hand_to_installer(ctx, WANG, root_of(tenant), terms())


def test_who_handed_over_is_kept(tenant: TenantRef, neighbour: TenantRef) -> None:
    province = replace(actor(Role.PROVINCE, build_user("jiangsu"), province_code="32"), display_name="周秣陵")

    in_tenant(neighbour, lambda ctx: hand_to_manager(ctx, MANAGER), province)

    with tenant_session(neighbour.id) as session:
        (row,) = hand_overs(session)
    assert (row.by_user_id, row.by_name, row.by_role) == (province.user_id, "周秣陵", "province")


def test_jobs_of_all_tenants_are_narrowed(tenant: TenantRef, neighbour: TenantRef) -> None:
    mine = in_tenant(tenant, lambda ctx: open_job(ctx, root_of(tenant), terms(WANG)))
    theirs = in_tenant(neighbour, lambda ctx: open_job(ctx, GroupId(root_of(neighbour)), terms(LI, WANG)))
    closed = in_tenant(neighbour, lambda ctx: open_job(ctx, root_of(neighbour), terms(LI)))
    in_tenant(neighbour, lambda ctx: close_job(ctx, closed, 1))

    def found(province: str | None = None, state: JobState | None = None, text: str = "") -> set[str]:
        with system_session(reason="test") as session:
            return {job.id for job in session.scalars(jobs_everywhere(province, state, clock.today(), text))}

    assert found() == found(text="13800138000") | {closed} == {mine, theirs, closed}
    assert found(province="32") == {theirs, closed}
    assert found(province="33") == set()
    assert found(state=JobState.CLOSED) == {closed}
    assert found(text="yunqi") == found(text=tenant.enterprise_id[:8]) == {mine}
    assert found("32", JobState.OPEN, "13900139000") == {theirs}
    with system_session(reason="test") as session:
        rows = session.scalars(jobs_everywhere(None, None, clock.today())).all()
        assert set(tenants_of(session, rows)) == {tenant.id, neighbour.id}
        assert set(group_labels(session, rows).values()) == {"总部"}

"""Applications for enterprise IDs: fields, states, who may do what, one winner, and the enterprise that comes of one."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import TypeVar

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.core.context import Actor, Context, TenantRef
from portal.core.database import commit, platform_session, system_session
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound, PortalError
from portal.notify.models import Notice
from portal.tenants.applications import commands
from portal.tenants.applications.commands import (
    approve_application,
    change_application,
    draft_application,
    give_up_application,
    return_application,
    reveal_contacts,
    submit_application,
    take_back_application,
)
from portal.tenants.applications.models import Application
from portal.tenants.applications.queries import (
    authors_of,
    count_returned,
    count_waiting,
    digest,
    fields_of,
    get_application,
    narrowed,
    steps_of,
    visible_to,
)
from portal.tenants.applications.rules import Fields, Opening
from portal.tenants.applications.states import TRANSITIONS, Act, ApplicationState
from portal.tenants.jobs import make_root_group
from portal.tenants.models import Customer, Tenant
from portal.tenants.queries import find_customer, find_tenant, group_tree
from portal.tenants.rules import is_enterprise_id
from tests.tenants.conftest import outside, recorded
from tests.world.building import actor, build_user, context
from tests.world.threads import at_once

Result = TypeVar("Result")
FIELDS = Fields(
    name="苏果超市有限公司（南京零售）",
    sub_product="353240250000000000024",
    scope="city",
    contact_name="何佳",
    contact_phone="１３８００１３８０００",
    applicant_phone="13900139000",
    server_address="2001:DB8:0:0::1",
)
OPENING = Opening("苏果南京", "1404000")


@pytest.fixture
def jiangsu(provinces: None) -> Actor:
    return actor(Role.PROVINCE, build_user("jiangsu"), province_code="32")


@pytest.fixture
def zhejiang(provinces: None) -> Actor:
    return actor(Role.PROVINCE, build_user("zhejiang"), province_code="33")


@pytest.fixture
def reviewer(provinces: None) -> Actor:
    return actor(Role.CENTER_REVIEWER, build_user("reviewer"))


@pytest.fixture
def operator(provinces: None) -> Actor:
    return actor(Role.CENTER_OPERATOR, build_user("operator"))


def doing(who: Actor, act: Callable[[Context], Result]) -> Result:
    with platform_session(writes=True) as session:
        result = act(Context(session, who))
        commit(session)
        return result


def drafted(who: Actor, fields: Fields = FIELDS) -> str:
    return doing(who, lambda ctx: draft_application(ctx, fields).id)


def submitted(who: Actor, fields: Fields = FIELDS) -> str:
    application_id = drafted(who, fields)
    doing(who, lambda ctx: submit_application(ctx, application_id, 1))
    return application_id


def row_of(application_id: str) -> Application:
    with platform_session() as session:
        return session.get_one(Application, application_id)


def in_state(state: ApplicationState, applicant: Actor, decider: Actor) -> str:
    """This function will bring a new application into the state."""
    application_id = drafted(applicant) if state in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN) else ""
    if state is ApplicationState.WITHDRAWN:
        doing(applicant, lambda ctx: give_up_application(ctx, application_id, 1))
    if not application_id:
        application_id = submitted(applicant)
    if state is ApplicationState.RETURNED:
        doing(decider, lambda ctx: return_application(ctx, application_id, 2, "缺少地址"))
    if state is ApplicationState.APPROVED:
        doing(decider, lambda ctx: approve_application(ctx, application_id, 2, OPENING))
    return application_id


def notices(name: str = "") -> list[tuple[str | None, str | None, str]]:
    with system_session(reason="test") as session:
        rows = session.scalars(select(Notice).where(Notice.key.startswith("application:")).order_by(Notice.id))
        return [(row.role, row.user_id, row.text) for row in rows]


def test_fields_are_kept_folded_and_what_is_personal_is_sealed(jiangsu: Actor) -> None:
    application_id = drafted(jiangsu)

    row = row_of(application_id)
    assert fields_of(row) == replace(
        FIELDS, name="苏果超市有限公司(南京零售)", contact_phone="13800138000", server_address="2001:db8::1"
    )
    for sealed in (row.contact_name_sealed, row.contact_phone_sealed, row.applicant_phone_sealed):
        assert b"138001" not in (sealed or b"")
    assert b"2001" not in (row.server_address_sealed or b"")
    assert recorded("tenant.application_drafted") == [{"name": "苏果超市有限公司(南京零售)"}]


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"name": "苏果超市有限公司"}, "name"),
        ({"name": "苏果超市有限公司(南京百货)"}, "name"),
        ({"name": "苏果超市有限公司(火星零售)"}, "name"),
        ({"name": "苏果超市有限公司(江苏零售)"}, "name"),
        ({"name": "苏果超市有限公司(杭州零售)"}, "name"),
        ({"sub_product": "7360110000400023"}, "sub_product"),
        ({"scope": ""}, "scope"),
        ({"contact_name": "  "}, "contact_name"),
        ({"contact_phone": "025-8888888"}, "contact_phone"),
        ({"applicant_phone": "1380013800"}, "applicant_phone"),
        ({"server_address": "http://10.0.0.1"}, "server_address"),
        ({"server_address": ""}, "server_address"),
    ],
)
def test_each_field_is_refused_at_the_field(jiangsu: Actor, fault: dict[str, str], field: str) -> None:
    application_id = drafted(jiangsu, replace(FIELDS, **fault))

    with pytest.raises(Invalid) as refused:
        doing(jiangsu, lambda ctx: submit_application(ctx, application_id, 1))

    assert list(refused.value.errors) == [field]
    assert row_of(application_id).state == ApplicationState.DRAFT


def test_empty_draft_is_kept_and_names_all_seven_fields_when_submitted(jiangsu: Actor) -> None:
    application_id = drafted(jiangsu, Fields())

    with pytest.raises(Invalid) as refused:
        doing(jiangsu, lambda ctx: submit_application(ctx, application_id, 1))

    assert set(refused.value.errors) == {
        "sub_product", "scope", "contact_name", "contact_phone", "applicant_phone", "server_address",
    }  # fmt: skip


def test_draft_keeps_no_more_than_its_columns_hold(jiangsu: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        drafted(jiangsu, replace(FIELDS, name="字" * 121, server_address="1" * 201))

    assert list(refused.value.errors) == ["name", "server_address"]


def test_approved_application_becomes_customer_and_enterprise(jiangsu: Actor, reviewer: Actor) -> None:
    application_id = submitted(jiangsu)

    made = doing(reviewer, lambda ctx: approve_application(ctx, application_id, 2, OPENING))

    assert is_enterprise_id(made.enterprise_id)
    with platform_session() as session:
        tenant = session.get_one(Tenant, made.id)
        customer = session.get_one(Customer, tenant.customer_id)
        assert find_tenant(session, made.enterprise_id) == made
    assert (tenant.name, tenant.short_name, tenant.scope) == ("苏果超市有限公司(南京零售)", "苏果南京", "city")
    assert (tenant.province_code, tenant.applied_by, tenant.server_address) == ("32", "32", "2001:db8::1")
    assert (customer.name, customer.industry_code, customer.contact_name) == ("苏果超市有限公司", "1404000", "何佳")
    assert customer.contact_phone == "13800138000"
    assert row_of(application_id).opened_id == made.id
    assert recorded("tenant.application_approved") == [
        {"name": "苏果超市有限公司(南京零售)", "enterprise_id": made.enterprise_id}
    ]
    make_root_group(made.id)
    with context(made) as ctx:
        assert len(group_tree(ctx.session)) == 1


def test_national_enterprise_belongs_to_the_center_and_known_customer_is_kept(jiangsu: Actor, reviewer: Actor) -> None:
    first = submitted(jiangsu)
    doing(reviewer, lambda ctx: approve_application(ctx, first, 2, OPENING))
    second = submitted(jiangsu, replace(FIELDS, name="苏果超市有限公司(全国零售)", scope="national"))

    made = doing(reviewer, lambda ctx: approve_application(ctx, second, 2, Opening("苏果全国")))

    assert (made.province_code, made.applied_by) == (None, "32")
    with platform_session() as session:
        customer = find_customer(session, "苏果超市有限公司")
        assert customer is not None
        assert customer.industry_code == "1404000"


def test_new_customer_needs_an_industry_and_an_enterprise_a_name(jiangsu: Actor, reviewer: Actor) -> None:
    application_id = submitted(jiangsu)

    with pytest.raises(Invalid) as industry:
        doing(reviewer, lambda ctx: approve_application(ctx, application_id, 2, Opening("苏果")))
    with pytest.raises(Invalid) as name:
        doing(reviewer, lambda ctx: approve_application(ctx, application_id, 2, Opening("", "1404000")))

    assert list(industry.value.errors) == ["industry_code"]
    assert list(name.value.errors) == ["short_name"]
    assert row_of(application_id).state == ApplicationState.SUBMITTED


def test_customer_may_have_a_longer_name_than_the_group(jiangsu: Actor, reviewer: Actor) -> None:
    long = Opening("苏果", "1404000", "苏果超市（中国）有限公司")
    first, second = submitted(jiangsu), submitted(jiangsu, replace(FIELDS, name="苏果(江苏零售)", scope="province"))

    one = doing(reviewer, lambda ctx: approve_application(ctx, first, 2, long))
    two = doing(reviewer, lambda ctx: approve_application(ctx, second, 2, replace(long, industry_code="")))
    third = submitted(jiangsu, replace(FIELDS, name="另一家(南京零售)"))
    with pytest.raises(Invalid) as refused:
        doing(reviewer, lambda ctx: approve_application(ctx, third, 2, replace(long, customer="字" * 121)))

    with platform_session() as session:
        owners = {session.get_one(Tenant, made.id).customer_id for made in (one, two)}
        assert [session.get_one(Customer, owner).name for owner in owners] == ["苏果超市(中国)有限公司"]
    assert list(refused.value.errors) == ["customer"]


def test_of_two_approvals_that_make_one_customer_the_second_is_told(jiangsu: Actor, reviewer: Actor) -> None:
    first, second = (
        submitted(jiangsu),
        submitted(jiangsu, replace(FIELDS, name="苏果超市有限公司(江苏零售)", scope="province")),
    )

    ended = at_once(
        lambda: doing(reviewer, lambda ctx: approve_application(ctx, first, 2, OPENING)),
        lambda: doing(reviewer, lambda ctx: approve_application(ctx, second, 2, OPENING)),
    )

    assert {type(one) for one in ended} <= {type(None), Conflict}
    with platform_session() as session:
        assert len(session.scalars(select(Customer)).all()) == 1


def test_customer_that_comes_between_two_looks_is_said_to_be_new(
    jiangsu: Actor, reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (
        submitted(jiangsu),
        submitted(jiangsu, replace(FIELDS, name="苏果超市有限公司(江苏零售)", scope="province")),
    )
    doing(reviewer, lambda ctx: approve_application(ctx, first, 2, OPENING))
    looks = iter([None])
    usual = commands.find_customer
    monkeypatch.setattr(commands, "find_customer", lambda *asked: next(looks, usual(*asked)))

    with pytest.raises(Conflict) as told:
        doing(reviewer, lambda ctx: approve_application(ctx, second, 2, OPENING))

    assert told.value.code == "customer_created"


def test_returned_application_is_changed_and_submitted_again(jiangsu: Actor, reviewer: Actor) -> None:
    application_id = submitted(jiangsu)
    doing(reviewer, lambda ctx: return_application(ctx, application_id, 2, " 缺少地址 "))
    assert row_of(application_id).state == ApplicationState.RETURNED

    changed = replace(FIELDS, server_address="10.0.0.1")
    doing(jiangsu, lambda ctx: change_application(ctx, application_id, 3, changed))
    doing(jiangsu, lambda ctx: submit_application(ctx, application_id, 4))
    doing(reviewer, lambda ctx: approve_application(ctx, application_id, 5, OPENING))

    with platform_session() as session:
        steps = [(step.act, step.by_role, step.reason) for step in reversed(steps_of(session, application_id))]
    assert steps == [
        ("draft", "province", ""), ("submit", "province", ""), ("return", "center_reviewer", "缺少地址"),
        ("change", "province", ""), ("submit", "province", ""), ("approve", "center_reviewer", ""),
    ]  # fmt: skip
    assert recorded("tenant.application_changed") == [{"fields": ["server_address"]}]


def test_every_transition_tells_once(jiangsu: Actor, reviewer: Actor) -> None:
    application_id = submitted(jiangsu)
    doing(jiangsu, lambda ctx: take_back_application(ctx, application_id, 2))
    doing(jiangsu, lambda ctx: submit_application(ctx, application_id, 3))
    doing(reviewer, lambda ctx: return_application(ctx, application_id, 4, "缺少地址"))
    doing(jiangsu, lambda ctx: submit_application(ctx, application_id, 5))
    doing(reviewer, lambda ctx: approve_application(ctx, application_id, 6, OPENING))

    told = [(role, user) for role, user, _text in notices()]
    center: list[tuple[str | None, str | None]] = [("center_reviewer", None), ("center_operator", None)]
    assert told == [*center * 3, (None, jiangsu.user_id), *center, (None, jiangsu.user_id)]


def test_return_needs_a_reason(jiangsu: Actor, reviewer: Actor) -> None:
    application_id = submitted(jiangsu)

    for reason in (" ", "字" * 501):
        with pytest.raises(Invalid) as refused:
            doing(reviewer, lambda ctx, reason=reason: return_application(ctx, application_id, 2, reason))
        assert list(refused.value.errors) == ["reason"]


def test_of_two_reviewers_at_once_one_wins(jiangsu: Actor, reviewer: Actor, operator: Actor) -> None:
    application_id = submitted(jiangsu)

    ended = at_once(
        lambda: doing(reviewer, lambda ctx: approve_application(ctx, application_id, 2, OPENING)),
        lambda: doing(operator, lambda ctx: return_application(ctx, application_id, 2, "重复")),
        lambda: doing(operator, lambda ctx: approve_application(ctx, application_id, 2, OPENING)),
    )

    assert sorted(type(one).__name__ for one in ended) == ["Conflict", "Conflict", "NoneType"]
    with platform_session() as session:
        made = session.scalars(select(Tenant)).all()
    assert len(made) == (1 if row_of(application_id).state == ApplicationState.APPROVED else 0)


def test_author_may_not_decide(jiangsu: Actor, reviewer: Actor) -> None:
    """Somebody of the province who moved to the center meanwhile; also one who only changed a field."""
    colleague = replace(jiangsu, user_id=build_user("colleague"))
    application_id = drafted(jiangsu)
    doing(colleague, lambda ctx: change_application(ctx, application_id, 1, replace(FIELDS, contact_name="李")))
    doing(jiangsu, lambda ctx: submit_application(ctx, application_id, 2))

    for author in (jiangsu, colleague):
        moved = replace(reviewer, user_id=author.user_id)
        with pytest.raises(Forbidden, match="自己"):
            doing(moved, lambda ctx: approve_application(ctx, application_id, 3, OPENING))
        with pytest.raises(Forbidden, match="自己"):
            doing(moved, lambda ctx: return_application(ctx, application_id, 3, "不行"))
    with platform_session() as session:
        assert authors_of(session, application_id) == {jiangsu.user_id, colleague.user_id}


def test_decision_names_what_was_read(jiangsu: Actor, reviewer: Actor) -> None:
    application_id = submitted(jiangsu)
    doing(jiangsu, lambda ctx: take_back_application(ctx, application_id, 2))
    doing(jiangsu, lambda ctx: change_application(ctx, application_id, 3, replace(FIELDS, contact_name="李")))
    doing(jiangsu, lambda ctx: submit_application(ctx, application_id, 4))

    with pytest.raises(Conflict):
        doing(reviewer, lambda ctx: approve_application(ctx, application_id, 2, OPENING))


def test_digest_follows_every_field_and_gives_no_phone_away(jiangsu: Actor) -> None:
    changes = [
        {"name": "另一家(南京零售)"}, {"sub_product": "x"}, {"scope": "province"}, {"contact_name": "李"},
        {"contact_phone": "13700137000"}, {"applicant_phone": "13700137000"}, {"server_address": "10.0.0.9"},
    ]  # fmt: skip
    digests = {digest(row_of(drafted(jiangsu, replace(FIELDS, **change)))) for change in [{}, *changes]}

    assert len(digests) == len(changes) + 1


def test_name_of_an_enterprise_or_of_a_waiting_application_is_taken(
    jiangsu: Actor, zhejiang: Actor, reviewer: Actor
) -> None:
    national = replace(FIELDS, name="如家酒店集团(全国酒店)", scope="national")
    first, second = submitted(jiangsu, national), drafted(zhejiang, national)

    with pytest.raises(Invalid) as waiting:
        doing(zhejiang, lambda ctx: submit_application(ctx, second, 1))
    doing(reviewer, lambda ctx: approve_application(ctx, first, 2, Opening("如家", "1401001")))
    with pytest.raises(Invalid) as there:
        doing(zhejiang, lambda ctx: submit_application(ctx, second, 1))

    assert list(waiting.value.errors) == list(there.value.errors) == ["name"]


def test_of_two_who_submit_one_name_at_once_one_waits(jiangsu: Actor, zhejiang: Actor) -> None:
    national = replace(FIELDS, name="如家酒店集团(全国酒店)", scope="national")
    mine, theirs = drafted(jiangsu, national), drafted(zhejiang, national)

    ended = at_once(
        lambda: doing(jiangsu, lambda ctx: submit_application(ctx, mine, 1)),
        lambda: doing(zhejiang, lambda ctx: submit_application(ctx, theirs, 1)),
    )

    assert sorted(type(one).__name__ for one in ended) == ["Invalid", "NoneType"]


def test_province_sees_its_own_and_the_center_what_was_submitted(
    jiangsu: Actor, zhejiang: Actor, reviewer: Actor
) -> None:
    draft, waiting = drafted(jiangsu, replace(FIELDS, name="草稿")), submitted(jiangsu)

    def seen(who: Actor) -> set[str]:
        with platform_session() as session:
            return {row.id for row in session.scalars(visible_to(who))}

    assert seen(jiangsu) == {draft, waiting}
    assert seen(zhejiang) == set()
    assert seen(reviewer) == {waiting}
    with platform_session() as session:
        with pytest.raises(NotFound):
            get_application(session, draft, reviewer)
        assert count_waiting(session) == 1
        assert (count_returned(session, "32"), count_returned(session, "33")) == (0, 0)
    for act in (take_back_application, give_up_application, submit_application):
        with pytest.raises(NotFound):
            doing(zhejiang, lambda ctx, act=act: act(ctx, waiting, 2))
    with pytest.raises(NotFound):
        doing(zhejiang, lambda ctx: reveal_contacts(ctx, waiting))


def test_list_is_narrowed_by_name_pinyin_phone_state_and_province(jiangsu: Actor, zhejiang: Actor) -> None:
    mine = submitted(jiangsu)
    drafted(zhejiang, replace(FIELDS, name="云栖酒店(浙江酒店)", contact_phone="13700137000", applicant_phone=""))

    def found(text: str = "", state: ApplicationState | None = None, province: str = "") -> list[str]:
        with platform_session() as session:
            return [row.id for row in session.scalars(narrowed(select(Application), text, state, province))]

    assert found("苏果") == found("sgcs") == found("13800138000") == found("１３９００１３９０００") == [mine]
    assert found(state=ApplicationState.SUBMITTED) == found(province="32") == [mine]
    assert found("13600136000") == []
    assert len(found()) == 2


def test_revealing_is_recorded(jiangsu: Actor, reviewer: Actor) -> None:
    application_id = submitted(jiangsu)

    shown = doing(jiangsu, lambda ctx: reveal_contacts(ctx, application_id))
    with pytest.raises(Forbidden):
        doing(reviewer, lambda ctx: reveal_contacts(ctx, application_id))

    assert shown.contact_phone == "13800138000"
    assert recorded("tenant.contact_revealed") == [{"fields": ["contact_phone", "applicant_phone", "server_address"]}]


_ACTS: dict[Act, Callable[[Context, str, int], object]] = {
    Act.CHANGE: lambda ctx, id_, version: change_application(ctx, id_, version, replace(FIELDS, contact_name="李")),
    Act.SUBMIT: submit_application,
    Act.TAKE_BACK: take_back_application,
    Act.RETURN: lambda ctx, id_, version: return_application(ctx, id_, version, "缺少地址"),
    Act.APPROVE: lambda ctx, id_, version: approve_application(ctx, id_, version, OPENING),
    Act.GIVE_UP: give_up_application,
}
_DECIDE = {Act.RETURN, Act.APPROVE}
_ROLES = {act: {Role.CENTER_REVIEWER, Role.CENTER_OPERATOR} if act in _DECIDE else {Role.PROVINCE} for act in _ACTS}


def test_every_act_in_every_state_by_every_role(jiangsu: Actor, reviewer: Actor) -> None:
    """The full product in one world: an act that may happen is rolled back, so that one application of each state serves all."""
    people = [actor(role, build_user(f"x{role}")) for role in Role if role not in {Role.SYSTEM, Role.CLI}]
    people = [replace(who, province_code="32") if who.role == Role.PROVINCE else who for who in people]
    for state in ApplicationState:
        application_id = in_state(state, jiangsu, reviewer)
        version = row_of(application_id).version
        for act, who in product(_ACTS, people):
            with platform_session(writes=True) as session:
                try:
                    _ACTS[act](Context(session, who), application_id, version)
                    ended = "done"
                except PortalError as error:
                    ended = error.code
                session.rollback()
            wanted = "done" if state in TRANSITIONS[act][0] else "application_moved_on"
            if who.role not in _ROLES[act]:
                wanted = "forbidden"
            elif act in _DECIDE and state in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN):
                wanted = "not_found"  # never submitted, so not there for the center
            assert (state, act, who.role, ended) == (state, act, who.role, wanted)
        if state is ApplicationState.SUBMITTED:
            doing(jiangsu, lambda ctx, id_=application_id: take_back_application(ctx, id_, 2))  # frees the name


def test_an_applicants_province_may_install_where_the_center_owns(
    jiangsu: Actor, zhejiang: Actor, reviewer: Actor
) -> None:
    from portal.access.permissions import Permission
    from portal.access.policy import allows, knows_tenant

    application_id = submitted(jiangsu, replace(FIELDS, name="苏果超市有限公司(全国零售)", scope="national"))
    made: TenantRef = doing(reviewer, lambda ctx: approve_application(ctx, application_id, 2, OPENING))

    assert allows(jiangsu, Permission.INSTALLATION_MANAGE, made)
    assert not allows(jiangsu, Permission.ORDERS_VIEW, made)
    assert not knows_tenant(zhejiang, made)
    assert outside(lambda ctx: find_tenant(ctx.session, made.enterprise_id)) == made

"""The timeline: what each release changed and how it stands now; what is planned; what waits over all tenants."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.content.kinds import Kind
from portal.core import clock
from portal.core.context import SYSTEM, Context
from portal.core.database import system_session, tenant_session
from portal.core.ids import new_id
from portal.core.messages import N_
from portal.releases.commands.rolling_back import roll_back
from portal.releases.commands.taking_down import take_down
from portal.releases.history import approved_everywhere, entries, planned, taken_down
from portal.releases.models import Release
from portal.releases.queries import manifest_of
from portal.review.commands import reschedule
from tests.world.building import in_tenant
from tests.world.cast import Cast
from tests.world.reviewing import acting, approve, hand_in, put_on_air

pytestmark = pytest.mark.usefixtures("app")


def as_admin(cast: Cast, session: Session) -> Context:
    return Context(session, acting(cast.yunqi.admin), cast.yunqi.tenant)


def test_newest_release_is_on_air_and_the_others_were_replaced(cast: Cast) -> None:
    put_on_air(cast, cast.yunqi, "一")
    put_on_air(cast, cast.yunqi, "二", "三")

    with tenant_session(cast.yunqi.tenant.id) as session:
        found = entries(session, cast.yunqi.root, limit=10)

    assert [(one.release.number, one.state, one.on_air, dict(one.changed)) for one in found] == [
        (2, "published", True, {Kind.MARQUEE: 2}),
        (1, "superseded", False, {Kind.MARQUEE: 1}),
    ]


def test_roll_back_marks_what_it_passed_over(cast: Cast) -> None:
    for text in ("一", "二", "三"):
        put_on_air(cast, cast.yunqi, text)
    in_tenant(cast.yunqi.tenant, lambda ctx: roll_back(ctx, 1, "写错了"), acting(cast.operator))

    with tenant_session(cast.yunqi.tenant.id) as session:
        found = entries(session, cast.yunqi.root, limit=10)

    assert [one.state for one in found] == ["published", "rolled_back", "rolled_back", "superseded"]


def test_older_page_has_nothing_on_air_and_knows_what_changed(cast: Cast) -> None:
    for text in ("一", "二", "三"):
        put_on_air(cast, cast.yunqi, text)

    with tenant_session(cast.yunqi.tenant.id) as session:
        found = entries(session, cast.yunqi.root, limit=1, below=3)

    assert [(one.release.number, one.on_air, dict(one.changed)) for one in found] == [(2, False, {Kind.MARQUEE: 1})]


def test_set_times_are_planned_with_what_is_ready(cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一", title="冬至")
    at = clock.now() + timedelta(days=1)
    in_tenant(cast.yunqi.tenant, lambda ctx: reschedule(ctx, handed_in.id, at), acting(cast.operator))

    with tenant_session(cast.yunqi.tenant.id) as session:
        waiting = [(one.submission.title, one.approved, one.submitted) for one in planned(as_admin(cast, session))]
    approve(cast, handed_in)
    with tenant_session(cast.yunqi.tenant.id) as session:
        ready = [(one.submission.title, one.approved, one.submitted) for one in planned(as_admin(cast, session))]

    assert (waiting, ready) == ([("冬至", 0, 1)], [("冬至", 1, 0)])


def test_taken_down_objects_are_listed_with_the_reason(cast: Cast) -> None:
    release = put_on_air(cast, cast.yunqi, "违规的一句")
    (object_id,) = manifest_of(release)
    in_tenant(cast.yunqi.tenant, lambda ctx: take_down(ctx, object_id, "夸大"), acting(cast.operator))

    with tenant_session(cast.yunqi.tenant.id) as session:
        found = [(one.object_id, one.title, one.reason) for one in taken_down(as_admin(cast, session))]

    assert found == [(object_id, "违规的一句", "夸大")]


def test_plan_counts_what_waits_in_every_tenant(cast: Cast) -> None:
    for house, texts in ((cast.yunqi, ("一", "二")), (cast.jiangzhou, ("三",))):
        approve(cast, hand_in(house, *texts))
    hand_in(cast.yunqi, "还没审的")

    with system_session(reason="a test") as system:
        found = [(tenant.id, count) for tenant, _submission, count in approved_everywhere(system, SYSTEM)]

    assert found == [(cast.yunqi.tenant.id, 2), (cast.jiangzhou.tenant.id, 1)]


def test_portal_as_the_maker_of_a_release_is_our_own_word_and_a_persons_name_is_not() -> None:
    by_itself = Release(created_by=None, created_by_name="系统")
    by_somebody = Release(created_by=new_id(), created_by_name="系统")

    assert (by_itself.maker, by_somebody.maker) == (N_("系统"), "系统")

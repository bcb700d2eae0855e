"""The TV before and after: one pair per distinct result, and changes seen whatever their windows say."""

from datetime import UTC, datetime

import pytest

from portal.content.commands import Entered, create_draft
from portal.content.kinds import Kind
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import NotFound
from portal.core.ids import GroupId, SubmissionId
from portal.desk.case import Case, case
from portal.desk.pairs import seen_at
from portal.orders.queries import entitlement
from portal.review.submitting import Chosen, submit_for_review
from tests.world.building import context, in_tenant
from tests.world.cast import Cast
from tests.world.reviewing import acting, approve, hand_in, publish, put_on_air

pytestmark = pytest.mark.usefixtures("app")

NIGHT = {"days": [7], "start": "02:00", "end": "03:00", "tz": "Asia/Shanghai"}
MONDAY_NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def case_of(ctx: Context, submission_id: SubmissionId) -> Case:
    """The case as the page of the desk asks for it."""
    return case(ctx, submission_id, entitlement(ctx.session, ctx.tenant_id, clock.now()))


def texts(document: dict[str, list[dict[str, str]]]) -> list[str]:
    return [message["text"] for message in document["marquee"]]


def test_groups_that_show_the_same_share_a_pair(cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "给所有人的")

    with context(cast.yunqi.tenant, acting(cast.reviewer)) as ctx:
        found = case_of(ctx, handed_in.id)

    assert [(len(pair.groups), pair.differs) for pair in found.pairs] == [(len(found.tree), True)]


def test_change_for_one_region_leaves_the_others_as_they_are(cast: Cast) -> None:
    put_on_air(cast, cast.yunqi, "早餐七点")
    house, editor = cast.yunqi, acting(cast.yunqi.editor)
    entered = Entered({"text": "本区停水"}, targets=(house.region,))
    saved = in_tenant(house.tenant, lambda ctx: create_draft(ctx, Kind.MARQUEE, entered), editor)
    chosen = [Chosen(saved.object_id, saved.sha256)]
    submission_id = in_tenant(house.tenant, lambda ctx: submit_for_review(ctx, chosen, title=""), editor)

    with context(house.tenant, acting(cast.reviewer)) as ctx:
        found = case_of(ctx, submission_id)

    changed, same = found.pairs
    assert (set(changed.groups), changed.differs) == ({house.region, house.shop}, True)
    assert (set(same.groups), same.differs) == ({house.root, house.elsewhere}, False)
    assert texts(changed.after) == ["早餐七点", "本区停水"]
    assert found.pair_of(house.elsewhere) is same
    assert found.pair_of(GroupId("nonsense")) is changed


def test_other_tenants_content_is_in_no_picture(cast: Cast) -> None:
    put_on_air(cast, cast.jiangzhou, "流感疫苗")
    handed_in = hand_in(cast.yunqi, "一")

    with context(cast.yunqi.tenant, acting(cast.reviewer)) as ctx:
        (pair,) = case_of(ctx, handed_in.id).pairs

    assert (texts(pair.before), texts(pair.after)) == ([], ["一"])


def test_open_submission_is_compared_with_the_screen_as_it_is_now(cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    put_on_air(cast, cast.yunqi, "二")

    with context(cast.yunqi.tenant, acting(cast.reviewer)) as ctx:
        (pair,) = case_of(ctx, handed_in.id).pairs

    assert (texts(pair.before), texts(pair.after)) == (["二"], ["一", "二"])


def test_change_is_seen_also_while_its_window_is_off(cast: Cast) -> None:
    document = {
        "marquee": [
            {"id": "changed", "text": "夜里的", "priority": 0, "windows": [NIGHT]},
            {"id": "other", "text": "别的", "priority": 0, "windows": [NIGHT]},
        ],
        "zone": {"columns": []},
    }

    assert texts(seen_at(document, MONDAY_NOON, {"changed"})) == ["夜里的"]
    assert texts(seen_at(document, MONDAY_NOON, ())) == []


def test_case_of_another_tenant_is_not_found(cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    with context(cast.jiangzhou.tenant, acting(cast.reviewer)) as ctx, pytest.raises(NotFound):
        case_of(ctx, handed_in.id)


def test_published_submission_is_compared_with_what_it_was_handed_in_against(cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    approve(cast, handed_in)
    publish(cast, handed_in)

    with context(cast.yunqi.tenant, acting(cast.reviewer)) as ctx:
        (pair,) = case_of(ctx, handed_in.id).pairs

    assert (texts(pair.before), texts(pair.after)) == ([], ["一"])

"""Whose messages are whose."""

from dataclasses import replace

from portal.access.roles import Role
from portal.core.context import Actor
from portal.notify.queries import notice_page, unread_count
from tests.notify.conftest import Say
from tests.world.cast import Cast
from tests.world.reviewing import acting


def heard(who: Actor) -> list[str]:
    return sorted(notice.params["words"] for notice in notice_page(who).notices)


def test_person_hears_what_is_for_the_person(cast: Cast, say: Say) -> None:
    say(cast.yunqi, "给编辑的", user_id=cast.yunqi.editor.id)

    assert (heard(acting(cast.yunqi.editor)), heard(acting(cast.yunqi.admin))) == (["给编辑的"], [])


def test_members_role_counts_in_the_own_tenant_only(cast: Cast, say: Say) -> None:
    say(cast.yunqi, "云栖的", role=Role.TENANT_ADMIN)

    assert (heard(acting(cast.yunqi.admin)), heard(acting(cast.jiangzhou.admin))) == (["云栖的"], [])


def test_message_of_another_tenant_waits_until_that_one_is_entered(cast: Cast, say: Say) -> None:
    say(cast.jiangzhou, "江州的", user_id=cast.yunqi.editor.id)
    there = replace(acting(cast.yunqi.editor), tenant_id=cast.jiangzhou.tenant.id)

    assert (heard(acting(cast.yunqi.editor)), heard(there)) == ([], ["江州的"])


def test_centers_role_counts_everywhere(cast: Cast, say: Say) -> None:
    say(cast.yunqi, "云栖的", role=Role.CENTER_REVIEWER)
    say(cast.jiangzhou, "江州的", role=Role.CENTER_REVIEWER)

    assert (heard(acting(cast.reviewer)), heard(acting(cast.operator))) == (["云栖的", "江州的"], [])


def test_provinces_role_counts_in_its_enterprises(cast: Cast, say: Say) -> None:
    say(cast.yunqi, "浙江的", role=Role.PROVINCE)
    say(cast.jiangzhou, "江苏的", role=Role.PROVINCE)
    person = replace(acting(cast.yunqi.province), tenant_id=None, province_code="33")

    assert heard(person) == ["浙江的"]


def test_unread_are_counted_and_newest_come_first(cast: Cast, say: Say) -> None:
    for text in ("一", "二", "三"):
        say(cast.yunqi, text, user_id=cast.yunqi.editor.id)
    who = acting(cast.yunqi.editor)

    page = notice_page(who)

    assert (unread_count(who), page.unread, page.older) == (3, 3, None)
    assert [notice.params["words"] for notice in page.notices] == ["三", "二", "一"]


def test_page_goes_on_where_the_last_one_ended(cast: Cast, say: Say) -> None:
    for text in ("一", "二"):
        say(cast.yunqi, text, user_id=cast.yunqi.editor.id)
    newest = notice_page(acting(cast.yunqi.editor)).notices[0]

    page = notice_page(acting(cast.yunqi.editor), before=newest.id)

    assert [notice.params["words"] for notice in page.notices] == ["一"]

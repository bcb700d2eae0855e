"""An editor's page that saves by itself: what it is answered, that it never stands in its own way, and nobody else's is lost."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.audit.models import AuditRecord
from portal.content.kinds import Kind
from portal.content.models import Revision
from portal.content.queries import authors_of, revisions_of
from portal.content.states import RevisionState
from portal.core.database import system_session, tenant_session
from portal.core.ids import ObjectId, RevisionId, new_id
from portal.media.states import Purpose
from tests.content.test_marquee_views import approve
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.content import Full, payloads, small_picture, view_of

GOOD = {"text": "热水检修", "colour": "#ffffff", "speed": "normal", "edge": "bottom", "priority": "0"}
JSON = {"Accept": "application/json"}


def send(browser: Browser, path: str, **fields: Any) -> TestResponse:
    """This function will send the marquee's form as its page does by itself."""
    return browser.post(path, {**GOOD, **fields}, headers=JSON)


def texts(full: Full) -> list[str]:
    return [one["text"] for one in payloads(full.house.tenant, Kind.MARQUEE)]


def revisions(full: Full, name: str) -> list[Revision]:
    with tenant_session(full.house.tenant.id) as session:
        return list(revisions_of(session, ObjectId(full.ids[name])))


def recorded() -> int:
    with system_session(reason="a test counts the log") as session:
        return (
            session.scalar(select(func.count()).select_from(AuditRecord).where(AuditRecord.event.like("content.%")))
            or 0
        )


def test_each_save_leads_to_the_next(full: Full, app: Flask) -> None:
    browser, path = Browser(app, full.house.editor), full.at("marquee/{marquee}")
    first = send(browser, path, text="一", version=full.version("marquee"))

    second = send(browser, path, text="一二", version=first.get_json()["version"])

    assert (first.status_code, second.status_code) == (200, 200)
    assert texts(full) == ["一二"]
    assert second.get_json()["version"] == int(full.version("marquee"))
    assert second.get_json()["sha256"] == view_of(full.house.tenant, full.ids["marquee"]).newest.sha256


def test_answer_says_what_the_object_is_called_now(full: Full, app: Flask) -> None:
    browser, path = Browser(app, full.house.editor), full.at("marquee/{marquee}")

    answer = send(browser, path, text="新的叫法", version=full.version("marquee"))

    assert answer.get_json()["title"] == "新的叫法"


def test_answer_that_was_lost_is_no_conflict(full: Full, app: Flask) -> None:
    browser, path, read = Browser(app, full.house.editor), full.at("marquee/{marquee}"), full.version("marquee")
    lost = send(browser, path, text="改过", version=read)

    again = send(browser, path, text="改过", version=read)

    assert (again.status_code, again.get_json()["version"]) == (200, lost.get_json()["version"])


def test_nothing_new_writes_nothing(full: Full, app: Flask) -> None:
    browser, read, before = Browser(app, full.house.editor), full.version("marquee"), recorded()

    answer = send(browser, full.at("marquee/{marquee}"), version=read)

    assert (answer.status_code, full.version("marquee"), recorded()) == (200, read, before)


def test_long_sitting_is_recorded_once(full: Full, app: Flask) -> None:
    browser, path, read = Browser(app, full.house.editor), full.at("marquee/{marquee}"), full.version("marquee")
    before = recorded()
    for text in ("一", "一二", "一二三"):
        read = send(browser, path, text=text, version=read).get_json()["version"]

    assert recorded() == before + 1


def test_somebody_elses_save_is_shown_and_kept(full: Full, app: Flask) -> None:
    browser, other, read = Browser(app, full.house.editor), Browser(app, full.house.admin), full.version("marquee")
    send(other, full.at("marquee/{marquee}"), text="管理员的", version=read)

    clash = send(browser, full.at("marquee/{marquee}"), text="编辑的", version=read)
    kept = texts(full)
    told = clash.get_json()
    mine = send(browser, full.at("marquee/{marquee}"), text="编辑的", version=told["version"])

    assert (clash.status_code, told["code"], kept) == (409, "newer_version", ["管理员的"])
    assert ("<ins>管理员</ins>的" in told["clash"], "<ins>编辑</ins>的" in told["clash"]) == (True, True)
    assert '<th scope="col">Alice ' in told["clash"]
    assert (mine.status_code, texts(full)) == (200, ["编辑的"])


def test_own_side_of_a_conflict_leaves_the_other_one_in_the_history(full: Full, app: Flask) -> None:
    browser, other, path = Browser(app, full.house.editor), Browser(app, full.house.admin), full.at("marquee/{marquee}")
    read = full.version("marquee")
    send(other, path, text="管理员的", version=read)
    told = send(browser, path, text="编辑的", version=read).get_json()

    mine = send(browser, path, text="编辑的", version=told["version"], over_another="1")

    history = revisions(full, "marquee")
    [theirs] = [one for one in history if one.title == "管理员的"]
    assert (mine.status_code, texts(full)) == (200, ["编辑的"])
    assert (theirs.state, theirs.author_id) == (RevisionState.WITHDRAWN, full.house.admin.id)
    back = other.post(full.at("{marquee}/restore"), {"revision": theirs.id, "version": str(mine.get_json()["version"])})
    assert (back.status_code, texts(full)) == (303, ["管理员的"])


def test_who_wrote_the_other_side_may_not_approve_what_was_made_of_it(full: Full, app: Flask) -> None:
    browser, other, path = Browser(app, full.house.editor), Browser(app, full.house.admin), full.at("marquee/{marquee}")
    read = full.version("marquee")
    send(other, path, text="管理员的", version=read)

    send(browser, path, text="编辑的", version=str(int(read) + 1), over_another="1")

    draft = view_of(full.house.tenant, full.ids["marquee"]).newest
    with tenant_session(full.house.tenant.id) as session:
        assert {full.house.editor.id, full.house.admin.id} <= authors_of(session, [draft])[RevisionId(draft.id)]


def test_what_is_wrong_is_said_at_its_field_and_not_saved(full: Full, app: Flask) -> None:
    fields = {"text": "", "windows-0-start": "25:00", "version": full.version("marquee")}

    answer = send(Browser(app, full.house.editor), full.at("marquee/{marquee}"), **fields)

    assert (answer.status_code, answer.get_json()["code"]) == (200, "invalid")
    assert {one["id"] for one in answer.get_json()["errors"]} == {"text", "windows-0-start"}
    assert texts(full) == ["热水检修"]


def test_new_object_that_is_not_right_yet_leaves_nothing_behind(full: Full, app: Flask) -> None:
    own, before = new_id(), recorded()
    group = "01a21cb0-cc18-77c8-9b8c-4fece8e146a9"

    answer = send(Browser(app, full.house.editor), full.at("marquee/new"), object_id=own, targets=group)

    assert (answer.status_code, answer.get_json()["code"], recorded()) == (200, "invalid", before)
    assert Browser(app, full.house.editor).get(full.at("marquee/") + own).status_code == 404


def test_new_object_is_created_once(full: Full, app: Flask) -> None:
    browser, own = Browser(app, full.house.editor), new_id()
    made = send(browser, full.at("marquee/new"), text="新的", object_id=own, version="0")

    again = send(browser, full.at("marquee/new"), text="新的", object_id=own, version="0")
    changed = send(browser, full.at("marquee/new"), text="别的", object_id=own, version="0")

    assert made.get_json()["address"] == full.at("marquee/") + own
    assert browser.get(made.get_json()["history"]).status_code == 200
    assert (again.status_code, again.get_json()["version"]) == (200, made.get_json()["version"])
    assert (changed.status_code, texts(full)) == (409, ["热水检修", "新的"])


@pytest.mark.parametrize("chosen", ["", "1", "7b0c1f9e-1c2d-4e3f-8a9b-0c1d2e3f4a5b"])
def test_id_of_a_new_object_is_one_of_ours(full: Full, app: Flask, chosen: str) -> None:
    answer = send(Browser(app, full.house.editor), full.at("marquee/new"), text="新的", object_id=chosen)

    assert (answer.status_code, texts(full)) == (404, ["热水检修"])


def test_id_of_another_kind_is_not_taken_over(full: Full, app: Flask) -> None:
    answer = send(Browser(app, full.house.editor), full.at("marquee/new"), text="新的", object_id=full.ids["slot"])

    assert (answer.status_code, full.payload("slot")["title"]) == (404, "湖畔早餐")


def test_id_that_another_tenant_has_says_nothing(full: Full, app: Flask, cast: Cast) -> None:
    path = f"{cast.jiangzhou.path}/content/marquee/new"

    answer = send(Browser(app, cast.jiangzhou.editor), path, text="另一家的", object_id=full.ids["marquee"])

    assert (answer.status_code, texts(full)) == (200, ["热水检修"])
    assert [one["text"] for one in payloads(cast.jiangzhou.tenant, Kind.MARQUEE)] == ["另一家的"]


def test_approval_is_not_voided_by_typing(full: Full, app: Flask, cast: Cast) -> None:
    approve(full, cast)

    answer = send(
        Browser(app, full.house.editor), full.at("marquee/{marquee}"), text="改", version=full.version("marquee")
    )

    assert (answer.status_code, answer.get_json()["code"]) == (409, "approval_would_be_voided")
    assert view_of(full.house.tenant, full.ids["marquee"]).newest.state == "approved"


def test_state_told_is_the_one_that_stands(full: Full, app: Flask, cast: Cast) -> None:
    browser, path = Browser(app, full.house.editor), full.at("marquee/{marquee}")
    changed = send(browser, path, text="改", version=full.version("marquee"))
    approve(full, cast)

    unchanged = send(browser, path, text="改", version=full.version("marquee"))

    assert (changed.get_json()["state"], unchanged.get_json()["state"]) == ("草稿", "已通过")


def test_session_that_ended_is_said_and_nothing_saved(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    read = full.version("marquee")
    browser.client.delete_cookie("portal_session")

    answer = send(browser, full.at("marquee/{marquee}"), text="改", version=read)

    assert (answer.status_code in {400, 401}, texts(full)) == (True, ["热水检修"])


def test_library_picture_of_the_form_is_saved_too(full: Full, app: Flask) -> None:
    chosen = small_picture(full.house.tenant, Purpose.LOGO, (9, 9, 9))

    answer = Browser(app, full.house.editor).post(
        full.at("logo/{logo}"), {"image": chosen, "version": full.version("logo")}, headers=JSON
    )

    assert (answer.status_code, full.payload("logo")["image"]) == (200, chosen)

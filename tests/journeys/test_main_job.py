"""The main job in a browser: an editor changes a marquee, a reviewer approves it, it goes on air, a box fetches it."""

from typing import Any

from portal.core import database as databases
from portal.core.database import Database, tenant_session
from portal.releases.queries import pointers
from tests.journeys.conftest import Site

TEXT = "今晚 22:00 到 24:00 检修热水管网，给您带来不便请谅解。"


def test_marquee_goes_from_the_editor_to_the_box(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    editor = visit(house.editor)
    editor.page.goto(f"{house.path}/content/marquee/new")
    editor.page.fill("textarea[name=text]", TEXT)
    editor.page.click("button[name=submit_now]")
    editor.page.wait_for_selector("text=已提交审核")

    reviewer = visit(site.cast.reviewer)
    reviewer.page.goto("/center/review")
    reviewer.page.click(f"text={TEXT[:10]}")
    reviewer.page.wait_for_selector(f"text={TEXT}")
    reviewer.page.click("button:has-text('通过并发布')")
    reviewer.page.wait_for_load_state()

    pointer = site.fetch(f"/pub/channels/{channel(site)}/current.json")
    document = site.fetch(pointer["url"])
    assert [message["text"] for message in document["marquee"]] == [TEXT]


def channel(site: Site) -> str:
    opened = Database(f"sqlite:///{site.folder / 'portal.db'}")
    databases.use(opened)
    with tenant_session(site.cast.yunqi.tenant.id) as session:
        found = pointers(session)[site.cast.yunqi.root].channel
    opened.dispose()
    return found

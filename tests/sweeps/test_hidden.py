"""Content that somebody may not see is on no page, whatever the way there; whoever may see it finds it on the same pages."""

import pytest
from sqlalchemy import select

from portal.access.acl import Acl, Effect, Place, Subject
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry
from portal.content.discarding import discard_draft
from portal.content.models import ContentObject, Revision
from portal.content.queries import get_object
from portal.core import unit_of_work
from portal.core.database import tenant_session
from tests.sweeps.conftest import Swept
from tests.sweeps.test_tenancy import Browsers
from tests.sweeps.world import address, may, rules
from tests.world import building
from tests.world.cast import Person
from tests.world.workbooks import text_of

# What is on air every box may read below /pub/, and these pages show it as boxes do; it is hidden from nobody.
AS_BOXES_SEE_IT = {"preview.document", "preview.player"}
MARK = "绝密标题"


@pytest.fixture
def hidden(swept: Swept) -> list[str]:
    """The marquees and everything else with a title of the tenant's become sensitive and marked, and its editors may not see that."""
    names = ("marquee", "on_air", "item", "playlist")
    house, ids = swept.yunqi.house, [swept.yunqi.ids[name] for name in names]
    with tenant_session(house.tenant.id, writes=True) as session:
        for row in session.scalars(select(ContentObject).where(ContentObject.id.in_(ids))):
            row.classification = "sensitive"
        for revision in session.scalars(select(Revision).where(Revision.object_id.in_(ids))):
            revision.title = MARK
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()
    deny = NewEntry(Place("class", "sensitive"), "content:view", Effect.DENY, Subject("role", Role.TENANT_EDITOR))
    who = building.actor(Role.TENANT_ADMIN, house.admin.id, house.tenant)
    building.in_tenant(house.tenant, lambda ctx: add_entry(ctx, Acl.INFORMATION, deny), who)
    return ids


def test_hidden_content_is_on_no_page(swept: Swept, hidden: list[str]) -> None:
    editor, admin = swept.yunqi.house.editor, swept.yunqi.house.admin
    pages = _visited(swept, editor)
    seen = _visited(swept, admin)

    broken = {name: status for name, (status, _text) in pages.items() if status >= 500}
    shown = {name for name, (_status, text) in pages.items() if MARK in text} - AS_BOXES_SEE_IT
    assert broken == {}
    assert shown == set()
    assert {"marquee.index", "zone.index", "ads.index", "preview.index"} & {
        name for name, (_status, text) in seen.items() if MARK in text
    } != set()


def test_page_of_a_hidden_object_is_refused_and_its_form_too(swept: Swept, hidden: list[str]) -> None:
    browsers, editor, path = Browsers(swept.app), swept.yunqi.house.editor, swept.yunqi.house.path
    marquee = f"{path}/content/marquee/{swept.yunqi.ids['marquee']}"

    assert browsers.of(editor).get(marquee).status_code == 403
    assert browsers.of(editor).post(marquee, {"text": ""}).status_code == 403
    assert browsers.of(editor).get(f"{path}/content/{swept.yunqi.ids['marquee']}/history").status_code == 403
    assert browsers.of(swept.yunqi.house.admin).get(marquee).status_code == 200
    assert browsers.of(swept.cast.jiangzhou.admin).get(marquee).status_code == 404


def _visited(swept: Swept, person: Person) -> dict[str, tuple[int, str]]:
    browsers, found = Browsers(swept.app), {}
    for rule, mark in rules(swept.app, method="GET", in_tenant=True):
        assert mark.permission is not None
        if may(person, Permission(mark.permission), swept.yunqi.house.tenant, None):
            path = address(swept.app, rule, swept.yunqi, swept.cast)
            answer = browsers.of(person).get(path, buffered=True)
            found[rule.endpoint] = answer.status_code, answer.get_data().decode(errors="replace")
    return found


def test_pages_that_answer_a_wrong_form_show_nothing_hidden_either(swept: Swept, hidden: list[str]) -> None:
    browsers, editor, shown = Browsers(swept.app), swept.yunqi.house.editor, {}
    for rule, mark in rules(swept.app, method="POST", in_tenant=True):
        assert mark.permission is not None
        if may(editor, Permission(mark.permission), swept.yunqi.house.tenant, None):
            answer = browsers.of(editor).post(address(swept.app, rule, swept.yunqi, swept.cast))
            if MARK in text_of(answer):
                shown[rule.endpoint] = answer.status_code
    assert shown == {}


def test_file_of_the_recycle_bin_names_nothing_hidden(swept: Swept, hidden: list[str]) -> None:
    browsers, path = Browsers(swept.app), f"{swept.yunqi.house.path}/content/recycle-bin"
    building.in_tenant(
        swept.yunqi.house.tenant,
        lambda ctx: discard_draft(ctx, swept.yunqi.ids["marquee"], get_object(ctx.session, hidden[0]).object.version),
    )

    own, other = (browsers.of(person).post(path) for person in (swept.yunqi.house.admin, swept.yunqi.house.editor))

    assert "跑马灯" in text_of(own)
    assert "跑马灯" not in text_of(other)

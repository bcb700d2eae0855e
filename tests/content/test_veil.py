"""Who may not see an object: by class, kind, box group, column, as one object, and by a closed list; on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import select

from portal.access.acl import ROOT, Acl, Effect, Place, Subject
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry
from portal.content.commands import Saved
from portal.content.models import ContentObject, Revision
from portal.content.queries import objects
from portal.content.veil import veil
from portal.core.context import Actor, Context, TenantRef
from portal.core.database import Database, tenant_session
from portal.core.errors import Forbidden
from portal.core.tenancy import HIDDEN
from portal.releases import site
from portal.tenants.commands.groups import create_group
from tests.world import building
from tests.world.airing import Desk, first_desk
from tests.world.kept import kept

EDITOR = Subject("role", Role.TENANT_EDITOR)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    site.configure(tmp_path / "pub")
    return kept(first_desk)


def say(tenant: TenantRef, place: Place, effect: Effect, subject: Subject, permission: str = "content:view") -> None:
    admin = building.actor(Role.TENANT_ADMIN, building.build_user(f"a-{place.type}-{effect}"), tenant)
    building.in_tenant(
        tenant, lambda ctx: add_entry(ctx, Acl.INFORMATION, NewEntry(place, permission, effect, subject)), admin
    )


def hidden_from(desk: Desk, who: Actor | None = None) -> frozenset[str]:
    with tenant_session(desk.tenant.id) as session:
        return veil(Context(session, who or desk.editor, desk.tenant))


def sensitive(desk: Desk, saved: Saved) -> None:
    with building.context(desk.tenant) as ctx:
        ctx.session.get_one(ContentObject, (desk.tenant.id, saved.object_id)).classification = "sensitive"
        ctx.session.flush()
        ctx.session.info.pop("unit_of_work", None)
        ctx.session.connection().commit()


def test_nothing_is_hidden_where_the_list_singles_nothing_out(desk: Desk) -> None:
    desk.save("公开")
    say(desk.tenant, ROOT, Effect.DENY, Subject("role", Role.GROUP_EDITOR))
    say(desk.tenant, Place("class", "sensitive"), Effect.DENY, EDITOR, "content:edit")

    assert hidden_from(desk) == frozenset()


@pytest.mark.parametrize("effect", [Effect.DENY, Effect.ALLOW], ids=["denied", "not among those admitted"])
def test_list_that_keeps_everything_from_somebody_hides_everything(desk: Desk, effect: Effect) -> None:
    saved = desk.save("公开")

    say(desk.tenant, ROOT, effect, EDITOR if effect is Effect.DENY else Subject("role", Role.TENANT_ADMIN))

    assert hidden_from(desk) == {saved.object_id}
    assert hidden_from(desk, building.actor(Role.TENANT_ADMIN, desk.editor.user_id, desk.tenant)) == frozenset()  # type: ignore[arg-type]


def test_class_that_is_denied_is_hidden_from_reading_and_acting(desk: Desk) -> None:
    secret, open_ = desk.save("机密"), desk.save("公开")
    sensitive(desk, secret)
    say(desk.tenant, Place("class", "sensitive"), Effect.DENY, EDITOR)

    assert hidden_from(desk) == {secret.object_id}
    assert hidden_from(desk, building.actor(Role.TENANT_ADMIN, desk.editor.user_id, desk.tenant)) == frozenset()  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        desk.save("改写", secret)
    desk.save("改写", open_)


def test_closed_list_shows_a_class_to_whom_it_names_alone(desk: Desk) -> None:
    secret = desk.save("机密")
    sensitive(desk, secret)
    say(desk.tenant, Place("class", "sensitive"), Effect.ALLOW, Subject("role", Role.TENANT_ADMIN))

    assert hidden_from(desk) == {secret.object_id}
    assert hidden_from(desk, desk.reviewer) == {secret.object_id}


def test_group_hides_what_is_aimed_at_it(desk: Desk) -> None:
    root = building.root_of(desk.tenant)
    shop = building.in_tenant(desk.tenant, lambda ctx: create_group(ctx, root, "湖滨店"))
    there, everywhere = desk.save("店内", targets=(shop,)), desk.save("全部")
    say(desk.tenant, Place("group", shop), Effect.DENY, EDITOR)

    assert hidden_from(desk) == {there.object_id}
    assert everywhere.object_id not in hidden_from(desk)


def test_session_leaves_out_what_is_hidden_everywhere(desk: Desk) -> None:
    secret, open_ = desk.save("机密"), desk.save("公开")

    with tenant_session(desk.tenant.id) as session:
        session.info[HIDDEN] = frozenset({secret.object_id})
        assert list(objects(session)) == [open_.object_id]
        assert list(session.scalars(select(Revision.title))) == ["公开"]
        assert session.get(ContentObject, (desk.tenant.id, secret.object_id)) is None
    with tenant_session(desk.tenant.id) as session:
        assert len(objects(session)) == 2

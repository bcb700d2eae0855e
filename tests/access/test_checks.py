"""Asking: a command that forgets to ask about the thing it changes is not committed, and lists are read as they stand."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.acl import ROOT, Acl, Effect, Place, Subject
from portal.access.checks import ask, decision, may
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry, remove_entry
from portal.audit.events import Event
from portal.audit.log import record
from portal.content.models import ContentObject
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import Database
from portal.core.errors import Forbidden
from portal.core.unit_of_work import UnaskedWrite
from tests.world import building
from tests.world.cast import Cast
from tests.world.counting import counted_queries


def forgetful(ctx: Context) -> None:
    """A command with a fault planted: it asks whether one may edit at all, and edits some object."""
    ask(ctx, Permission.CONTENT_EDIT)
    ctx.session.scalars(select(ContentObject)).one().edited_at = clock.now()
    record(ctx, Event.GROUP_RENAMED, name="x")


def careful(ctx: Context) -> None:
    row = ctx.session.scalars(select(ContentObject)).one()
    ask(ctx, Permission.CONTENT_EDIT, about=[(Place("kind", row.kind), ROOT)])
    row.edited_at = clock.now()
    record(ctx, Event.GROUP_RENAMED, name="x")


@pytest.mark.parametrize(("act", "fault"), [(forgetful, True), (careful, False)])
def test_command_that_asks_about_nothing_in_particular_is_not_committed(
    cast: Cast, app: Flask, act: Callable[[Context], None], fault: bool
) -> None:
    house = cast.yunqi
    building.add_marquee(house.tenant, "一")
    editor = building.actor(Role.TENANT_EDITOR, house.editor.id, house.tenant)

    if fault:
        with pytest.raises(UnaskedWrite, match="content:edit"):
            building.in_tenant(house.tenant, act, editor)
    else:
        building.in_tenant(house.tenant, act, editor)


def test_portal_itself_is_held_back_by_no_list(cast: Cast) -> None:
    house = cast.yunqi
    deny(cast, Subject("role", Role.TENANT_EDITOR))

    with building.context(house.tenant, COMMAND_LINE) as ctx:
        assert may(ctx, Permission.CONTENT_EDIT)


def test_change_of_a_list_is_seen_by_the_next_request_and_by_the_same_session(cast: Cast) -> None:
    house = cast.yunqi
    editor = building.actor(Role.TENANT_EDITOR, house.editor.id, house.tenant)

    def edits(ctx: Context) -> bool:
        return may(ctx, Permission.CONTENT_EDIT)

    entry = deny(cast, Subject("role", Role.TENANT_EDITOR))
    with building.context(house.tenant, editor) as ctx:
        assert not edits(ctx)
    admin = building.actor(Role.TENANT_ADMIN, house.admin.id, house.tenant)
    building.in_tenant(house.tenant, lambda ctx: remove_entry(ctx, Acl.INFORMATION, entry), admin)
    with building.context(house.tenant, editor) as ctx:
        assert edits(ctx)


def test_lists_of_tenants_are_apart(cast: Cast) -> None:
    deny(cast, Subject("role", Role.TENANT_EDITOR))
    other = cast.jiangzhou

    with building.context(other.tenant, building.actor(Role.TENANT_EDITOR, other.editor.id, other.tenant)) as ctx:
        assert may(ctx, Permission.CONTENT_EDIT)


def test_refusal_by_an_entry_says_so(cast: Cast) -> None:
    house = cast.yunqi
    deny(cast, Subject("role", Role.TENANT_EDITOR))
    editor = building.actor(Role.TENANT_EDITOR, house.editor.id, house.tenant)

    with building.context(house.tenant, editor) as ctx, pytest.raises(Forbidden) as refused:
        ask(ctx, Permission.CONTENT_EDIT)

    assert "访问控制列表" in str(refused.value.message)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_check_takes_one_query_and_none_after_that(database: Database) -> None:
    building.add_provinces()
    tenant = building.build_tenant()
    user = building.build_user("editor")
    with building.context(tenant, building.actor(Role.TENANT_EDITOR, user, tenant)) as ctx:
        with counted_queries() as first:
            decision(ctx, Permission.CONTENT_EDIT)
        with counted_queries() as second:
            decision(ctx, Permission.CONTENT_EDIT)
            decision(ctx, Permission.MODULE_USE)

    assert (len(first), len(second)) == (1, 0)


def deny(cast: Cast, subject: Subject) -> str:
    house = cast.yunqi
    admin = building.actor(Role.TENANT_ADMIN, house.admin.id, house.tenant)
    new = NewEntry(ROOT, "content:edit", Effect.DENY, subject)
    return building.in_tenant(house.tenant, lambda ctx: add_entry(ctx, Acl.INFORMATION, new), admin)

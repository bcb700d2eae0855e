"""Access lists over HTTP: who keeps them, what an entry does at the very next request, and attacks on both."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.acl import Acl, Effect, Place, Reach, Subject
from portal.access.models import AccessEntry, InformationEntry, MemberGroupMember
from portal.access.permissions import Permission
from portal.access.policy import reach_of
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry
from portal.administration.commands.groups import change_group, create_group
from portal.content.models import ContentObject, Revision
from portal.core.context import Context
from portal.core.database import commit, platform_session, tenant_session
from portal.core.ids import new_id
from tests.attacks.log import newest, recorded
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import Cast, House, Person, join
from tests.world.reviewing import hand_in


def path(house: House, more: str = "") -> str:
    return f"{house.path}/access{more}"


def fields(subject: str, place: str = "all:", effect: str = "deny", permission: str = "content:edit") -> dict[str, str]:
    return {"effect": effect, "subject": subject, "place": place, "permission": permission}


def enter(
    cast: Cast, house: House, subject: Subject, place: Place, effect: Effect, permission: str = "content:edit"
) -> str:
    """Add an entry as the tenant's administrator."""
    who = building.actor(Role.TENANT_ADMIN, house.admin.id, house.tenant)
    new = NewEntry(place, permission, effect, subject)
    return building.in_tenant(house.tenant, lambda ctx: add_entry(ctx, Acl.INFORMATION, new), who)


def group_of(house: House, *people: Person) -> str:
    who = building.actor(Role.TENANT_ADMIN, house.admin.id, house.tenant)
    made = building.in_tenant(house.tenant, lambda ctx: create_group(ctx, "夜班"), who)
    building.in_tenant(
        house.tenant, lambda ctx: change_group(ctx, made, "夜班", [one.id for one in people], version=1), who
    )
    return made


def entries(house: House) -> int:
    with tenant_session(house.tenant.id) as session:
        return len(session.scalars(select(InformationEntry)).all())


def new_marquee(app: Flask, house: House, person: Person, **more: str) -> int:
    return Browser(app, person).post(f"{house.path}/content/marquee/new", {"text": "新", **more}).status_code


def test_administrator_denies_a_class_and_the_next_save_is_refused(cast: Cast, app: Flask) -> None:
    house, admin = cast.yunqi, Browser(app, cast.yunqi.admin)

    added = admin.post(path(house, "/entries"), fields("role:tenant_editor", "class:sensitive"))

    assert added.status_code == 303
    assert new_marquee(app, house, house.editor) == 303
    assert new_marquee(app, house, house.editor, classification="sensitive") == 403
    assert new_marquee(app, house, house.admin, classification="sensitive") == 303


def test_removed_entry_counts_no_more(cast: Cast, app: Flask) -> None:
    house, admin = cast.yunqi, Browser(app, cast.yunqi.admin)
    entry = enter(cast, house, Subject("role", "tenant_editor"), Place("kind", "marquee"), Effect.DENY)
    assert new_marquee(app, house, house.editor) == 403

    removed = admin.post(path(house, f"/entries/{entry}/remove"))

    assert (removed.status_code, new_marquee(app, house, house.editor)) == (303, 303)


def test_deny_is_not_overruled_by_an_allow_for_a_group(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    group = group_of(house, house.editor)
    enter(cast, house, Subject("group", group), Place("kind", "marquee"), Effect.ALLOW)
    assert new_marquee(app, house, house.editor) == 303

    enter(cast, house, Subject("user", house.editor.id), Place("all", ""), Effect.DENY)

    assert new_marquee(app, house, house.editor) == 403


def test_allow_that_overrules_a_denial_would_be_seen(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: denials are read and not heeded."""
    monkeypatch.setattr("portal.access.acl.Index.denial", lambda *_: None)
    house = cast.yunqi
    group = group_of(house, house.editor)
    enter(cast, house, Subject("group", group), Place("kind", "marquee"), Effect.ALLOW)
    enter(cast, house, Subject("user", house.editor.id), Place("all", ""), Effect.DENY)

    assert new_marquee(app, house, house.editor) == 303


def test_class_is_not_lowered_to_get_past_a_denial(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    admin, editor = Browser(app, house.admin), Browser(app, house.editor)
    admin.post(f"{house.path}/content/marquee/new", {"text": "机密", "classification": "sensitive"})
    edit = re.search(r'href="([^"]*/content/marquee/[0-9a-f-]{36})"', admin.get(f"{house.path}/content/marquee/").text)
    assert edit is not None
    enter(cast, house, Subject("role", "tenant_editor"), Place("class", "sensitive"), Effect.DENY)

    lowered = {"text": "机密", "classification": "public"}
    answers = [editor.post(edit[1], {**lowered, "version": str(version)}).status_code for version in range(1, 4)]

    assert sorted(set(answers)) == [403, 409]  # the version that stands is refused, the others are conflicts
    with tenant_session(house.tenant.id) as session:
        assert session.scalars(select(ContentObject.classification)).all() == ["sensitive"]


def test_editor_of_a_group_tree_is_denied_below_and_not_beside(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    enter(cast, house, Subject("user", house.editor.id), Place("group", house.region), Effect.DENY)

    answers = [new_marquee(app, house, house.editor, targets=group) for group in (house.shop, house.elsewhere)]

    assert answers == [403, 303]


def test_module_is_closed_to_a_role_in_pages_and_commands(cast: Cast, app: Flask) -> None:
    with platform_session(writes=True) as session:
        ctx = Context(session, building.actor(Role.SECURITY_ADMIN, cast.security_admin.id))
        new = NewEntry(Place("module", "marquee"), "module:use", Effect.DENY, Subject("role", "tenant_editor"))
        add_entry(ctx, Acl.APPLICATION, new)
        commit(session)
    house, editor = cast.yunqi, Browser(app, cast.yunqi.editor)

    assert editor.get(f"{house.path}/content/marquee/").status_code == 403
    assert editor.get(f"{house.path}/content/logo/").status_code == 200
    assert new_marquee(app, house, house.admin) == 303


@pytest.mark.parametrize("acl", ["system", "user", "application"])
def test_security_administrator_keeps_three_lists_and_nobody_else_does(cast: Cast, app: Flask, acl: str) -> None:
    people = [cast.security_admin, cast.auditor, cast.system_admin, cast.app_admin, cast.operator, cast.yunqi.admin]

    looked = [Browser(app, one).get(f"/admin/access/{acl}").status_code for one in people]
    added = [Browser(app, one).post(f"/admin/access/{acl}/entries", fields("role:x")).status_code for one in people]

    assert looked == [200, 200, 403, 403, 403, 403]
    assert added == [422, 403, 403, 403, 403, 403]


def test_tenants_list_is_the_administrators_alone(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    people = [house.admin, house.editor, house.group_editor, cast.security_admin, cast.support, cast.jiangzhou.admin]

    assert [Browser(app, one).get(path(house)).status_code for one in people] == [200, 403, 403, 404, 403, 404]


def test_entry_for_another_tenants_group_object_or_person_is_refused(cast: Cast, app: Flask) -> None:
    house, other, admin = cast.yunqi, cast.jiangzhou, Browser(app, cast.yunqi.admin)
    foreign = group_of(other, other.editor)

    answers = [
        admin.post(path(house, "/entries"), fields("role:tenant_editor", f"group:{other.region}")),
        admin.post(path(house, "/entries"), fields("role:tenant_editor", f"object:{new_id()}")),
        admin.post(path(house, "/entries"), fields(f"user:{other.editor.id}")),
        admin.post(path(house, "/entries"), fields(f"group:{foreign}")),
        admin.post(path(house, "/entries"), fields(f"user:{cast.reviewer.id}")),
        admin.post(path(house, "/entries"), fields("role:tenant_editor", permission="users:manage")),
        admin.post(path(house, "/entries"), fields("role:tenant_editor", effect="maybe")),
        admin.post(path(house, "/entries"), {}),
    ]

    assert [answer.status_code for answer in answers] == [422] * len(answers)
    assert entries(house) == 0


def test_entry_of_another_tenant_is_not_found(cast: Cast, app: Flask) -> None:
    other = cast.jiangzhou
    entry = enter(cast, other, Subject("role", "tenant_editor"), Place("all", ""), Effect.DENY)

    answer = Browser(app, cast.yunqi.admin).post(path(cast.yunqi, f"/entries/{entry}/remove"))

    assert (answer.status_code, entries(other)) == (404, 1)


def test_same_entry_is_said_once(cast: Cast, app: Flask) -> None:
    admin = Browser(app, cast.yunqi.admin)

    answers = [admin.post(path(cast.yunqi, "/entries"), fields("role:tenant_editor")).status_code for _ in range(2)]

    assert answers == [303, 422]


def test_member_who_was_removed_and_comes_back_has_nothing_left_over(cast: Cast, app: Flask) -> None:
    house, person = cast.yunqi, cast.jiangzhou.editor
    join(person, house)
    group = group_of(house, person)
    enter(cast, house, Subject("user", person.id), Place("kind", "marquee"), Effect.ALLOW)
    enter(cast, house, Subject("group", group), Place("kind", "logo"), Effect.ALLOW)
    member = re.search(
        rf"{person.username}.*?members/([0-9a-f-]+)",
        Browser(app, house.admin).get(f"{house.path}/members").text,
        re.DOTALL,
    )
    assert member is not None
    assert Browser(app, house.admin).post(f"{house.path}/members/{member[1]}/remove").status_code in {302, 303}

    join(person, house)

    with tenant_session(house.tenant.id) as session:
        assert session.scalars(select(MemberGroupMember)).all() == []
        assert [one.subject_type for one in session.scalars(select(InformationEntry))] == ["group"]


def test_group_editor_gets_by_entry_what_the_policy_lets_a_list_give(cast: Cast, app: Flask) -> None:
    house, other = cast.yunqi, cast.jiangzhou
    enter(cast, house, Subject("role", "group_editor"), Place("all", ""), Effect.ALLOW, "media:delete")

    answers = [
        Browser(app, one.group_editor).post(f"{one.path}/media/{new_id()}/delete").status_code for one in (house, other)
    ]

    assert answers == [404, 403]


def decided_by_an_editor(app: Flask, cast: Cast) -> tuple[int, str]:
    """The form by which reviewers approve, sent by an editor whom a list allows to: its status, and where the revision stands."""
    house = cast.yunqi
    handed_in = hand_in(house, "别人写的")
    enter(cast, house, Subject("user", house.group_editor.id), Place("all", ""), Effect.ALLOW, "review:decide")
    form = {"decision": "approve", "seen": handed_in.seen}
    status = Browser(app, house.group_editor).post(handed_in.desk, form).status_code
    with tenant_session(house.tenant.id) as session:
        return status, session.get_one(Revision, (house.tenant.id, handed_in.saved[0].revision_id)).state


def test_no_entry_lets_an_editor_review(cast: Cast, app: Flask) -> None:
    """The policy is the upper bound: an allow entry for reviewing stands there and gives nothing."""
    since = newest()

    assert decided_by_an_editor(app, cast) == (403, "submitted")
    assert recorded("denied", since=since) == ["access.denied"]


def test_list_that_gives_what_the_policy_does_not_would_be_seen(
    cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: whoever is on a list may, whatever the policy says."""
    monkeypatch.setattr(
        "portal.access.checks.reach_of",
        lambda actor, permission, tenant: (
            Reach.BY_LIST if permission == Permission.REVIEW_DECIDE else reach_of(actor, permission, tenant)
        ),
    )
    monkeypatch.setattr("portal.web.pipeline.allows_somehow", lambda *_: True)

    assert decided_by_an_editor(app, cast) == (303, "approved")


def test_who_can_names_the_entry_or_the_line_of_the_policy(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    enter(cast, house, Subject("user", house.editor.id), Place("class", "sensitive"), Effect.DENY)
    admin = Browser(app, house.admin)

    page = admin.get(path(house, "/who?permission=content:edit&place=class:sensitive")).text
    rows = re.findall(
        r'<th class="main" scope="row">(.*?)</th>.*?</span></td>.*?>([^<]*)</td>\s*</tr>', page, re.DOTALL
    )
    reasons = {re.sub(r"<small>.*", "", name): why for name, why in rows}

    assert (
        reasons[house.editor.username.title()]
        == f"禁止条目：密级：敏感 · {house.editor.username.title()} ({house.editor.username})"
    )
    assert reasons[house.admin.username.title()] == "权限表：企业管理员可以「编辑内容」。"
    assert reasons["每一位运营中心审核员"] == "权限表：运营中心审核员不能「编辑内容」，条目给不了。"


def test_lists_cannot_be_locked_away(cast: Cast, app: Flask) -> None:
    house, admin = cast.yunqi, Browser(app, cast.yunqi.admin)
    admin.post(path(house, "/entries"), fields("role:tenant_admin", permission="*"))
    assert new_marquee(app, house, house.admin) == 403

    page = admin.get(path(house))
    removal = re.search(r'action="([^"]*/remove)"', page.text)
    assert removal is not None

    assert admin.post(removal[1]).status_code == 303
    assert new_marquee(app, house, house.admin) == 303


def test_security_administrator_is_kept_from_accounts_of_a_group(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.security_admin)
    browser.post("/admin/user-groups/new", {"name": "国防客户"})
    group = re.search(r'/admin/user-groups/([0-9a-f-]{36})"', browser.get("/admin/user-groups").text)
    assert group is not None
    browser.post(f"/admin/user-groups/{group[1]}", {"name": "国防客户", "members": [cast.support.id], "version": "1"})
    denied = {
        "effect": "deny",
        "subject": "role:security_admin",
        "permission": "users:manage",
        "place": f"group:{group[1]}",
    }
    assert browser.post("/admin/access/user/entries", denied).status_code == 303

    answers = [browser.post(f"/admin/users/{one.id}/disable").status_code for one in (cast.support, cast.reviewer)]

    assert answers == [403, 302]


def test_deleted_user_group_takes_its_entries_along(cast: Cast, app: Flask) -> None:
    house, admin = cast.yunqi, Browser(app, cast.yunqi.admin)
    group = group_of(house, house.editor)
    enter(cast, house, Subject("group", group), Place("all", ""), Effect.DENY)
    assert new_marquee(app, house, house.editor) == 403

    assert admin.post(f"{house.path}/user-groups/{group}/delete").status_code == 303

    assert (entries(house), new_marquee(app, house, house.editor)) == (0, 303)


def test_group_takes_no_people_of_elsewhere(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    group = group_of(house)
    answer = Browser(app, house.admin).post(
        f"{house.path}/user-groups/{group}", {"name": "夜班", "members": [cast.jiangzhou.editor.id], "version": "1"}
    )

    assert answer.status_code == 422


def test_entries_of_the_platform_are_added_over_http(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.security_admin)

    answer = browser.post(
        "/admin/access/application/entries", fields("role:tenant_editor", "module:ads", permission="module:use")
    )

    with platform_session() as session:
        row = session.scalars(select(AccessEntry)).one()
    assert answer.status_code == 303
    assert (row.acl, row.place_type, row.place_id, row.effect, row.subject_id) == (
        "application", "module", "ads", "deny", "tenant_editor",
    )  # fmt: skip

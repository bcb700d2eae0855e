"""What the pipeline learns of a token: live or not, and with which rights right now."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal.access.roles import Role
from portal.accounts import sessions
from portal.accounts.commands.members import change_member, remove_member
from portal.accounts.commands.users import change_staff, disable_user
from portal.accounts.models import Membership, SessionActivity, User, UserSession
from portal.audit.models import AuditRecord
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, platform_session, system_session, tenant_session
from portal.core.ids import SessionId
from portal.core.tokens import token_hash
from portal.web.hooks import SignedIn
from tests.world import building
from tests.world.cast import Cast, Person, join, open_session

LIMITS = sessions.Limits.of(idle_minutes=15, absolute_hours=12)
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


def load(token: str) -> SignedIn | None:
    return LIMITS.load_session(token_hash(token))


def alive(token: str) -> SignedIn:
    found = load(token)
    assert found is not None
    return found


def membership_of(person: Person) -> Membership:
    assert person.tenant is not None
    with tenant_session(person.tenant.id) as session:
        return session.scalars(select(Membership).where(Membership.user_id == person.id)).one()


def ended() -> list[tuple[str, str, str | None]]:
    with system_session(reason="test") as session:
        rows = session.scalars(select(AuditRecord).where(AuditRecord.event == "account.session_ended"))
        return [(row.target_title, row.details["reason"], row.actor_username) for row in rows]


def by_cli(person: Person, act: object) -> None:
    assert person.tenant is not None
    building.in_tenant(person.tenant, act)  # type: ignore[arg-type]


def test_unknown_token_is_nobody(cast: Cast) -> None:
    assert load("made up") is None


def test_token_itself_is_not_stored(cast: Cast) -> None:
    token = open_session(cast.reviewer)

    with platform_session() as session:
        hashes = session.scalars(select(UserSession.token_hash)).all()

    assert token not in hashes
    assert token_hash(token) in hashes


def test_group_editor_carries_the_own_subtree(cast: Cast) -> None:
    house = cast.yunqi

    actor = alive(open_session(house.group_editor)).actor

    assert actor.group_id == house.region
    assert actor.groups == {house.region, house.shop}


def test_province_user_carries_the_own_province(cast: Cast) -> None:
    assert alive(open_session(cast.yunqi.province)).actor.province_code == "33"


def test_session_says_how_many_tenants_there_are_to_choose(cast: Cast) -> None:
    join(cast.yunqi.editor, cast.jiangzhou)

    assert alive(open_session(cast.yunqi.editor)).tenants == 2
    assert alive(open_session(cast.yunqi.admin)).tenants == 1


def test_idle_session_ends_and_that_is_recorded_once(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        token = open_session(cast.yunqi.admin)
        traveller.shift(timedelta(minutes=15))

        assert load(token) is None
        assert load(token) is None

    assert ended() == [("alice", "idle", "system")]


def test_end_of_an_idle_session_stands_in_the_tenants_log(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        token = open_session(cast.yunqi.admin)
        traveller.shift(timedelta(minutes=15))
        load(token)

    with tenant_session(cast.yunqi.tenant.id) as session:
        rows = session.scalars(select(AuditRecord.event).where(AuditRecord.event == "account.session_ended")).all()
    assert rows == ["account.session_ended"]


def test_touched_session_lives_on(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        token = open_session(cast.yunqi.admin)
        traveller.shift(timedelta(minutes=14))
        sessions.touch_session(alive(token).session_id, None, True)
        traveller.shift(timedelta(minutes=14))

        assert load(token) is not None


def test_passive_touch_keeps_data_and_does_not_prolong(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        token = open_session(cast.yunqi.admin)
        before = alive(token)
        traveller.shift(timedelta(minutes=5))
        sessions.touch_session(before.session_id, {"note": "é"}, False)

        after = alive(token)

    assert (after.data, after.ends_at) == ({"note": "é"}, before.ends_at)


def test_session_in_use_ends_at_the_absolute_limit(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        token = open_session(cast.yunqi.admin)
        for _ in range(12 * 6 - 1):
            traveller.shift(timedelta(minutes=10))
            sessions.touch_session(alive(token).session_id, None, True)
        traveller.shift(timedelta(minutes=10))

        assert load(token) is None

    assert ended() == [("alice", "absolute", "system")]


def test_half_session_ends_after_its_five_minutes_without_a_word(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        token = open_session(cast.yunqi.admin)
        with platform_session(writes=True) as session:
            row = session.scalars(select(UserSession).where(UserSession.token_hash == token_hash(token))).one()
            row.auth_level, row.expires_at = 0, clock.now() + timedelta(minutes=5)
            session.info.clear()
            session.flush()
            session.info.clear()
            session.commit()
        traveller.shift(timedelta(minutes=5))

        assert load(token) is None

    assert ended() == []


def test_member_of_a_changed_role_is_out_at_the_next_request(cast: Cast) -> None:
    editor = cast.yunqi.editor
    token = open_session(editor)
    row = membership_of(editor)

    by_cli(editor, lambda ctx: change_member(ctx, row.id, Role.GROUP_EDITOR, cast.yunqi.elsewhere, version=row.version))

    assert load(token) is None
    assert ended() == [(editor.username, "role_changed", "cli")]
    actor = alive(open_session(editor)).actor
    assert (actor.role, actor.groups) == ("group_editor", {cast.yunqi.elsewhere})


def test_removed_member_is_out_at_the_next_request(cast: Cast) -> None:
    editor = cast.yunqi.editor
    token = open_session(editor)
    row = membership_of(editor)

    by_cli(editor, lambda ctx: remove_member(ctx, row.id))

    assert load(token) is None
    assert ended() == [(editor.username, "member_removed", "cli")]


def test_removed_member_keeps_the_session_in_another_tenant(cast: Cast) -> None:
    editor = cast.yunqi.editor
    join(editor, cast.jiangzhou)
    here, there = open_session(editor), open_session(editor, tenant=cast.jiangzhou.tenant)
    row = membership_of(editor)

    by_cli(editor, lambda ctx: remove_member(ctx, row.id))

    assert load(here) is None
    assert alive(there).tenant == cast.jiangzhou.tenant


def test_disabled_account_is_out_at_the_next_request(cast: Cast) -> None:
    token = open_session(cast.reviewer)

    with platform_session(writes=True) as session:
        disable_user(Context(session, COMMAND_LINE), cast.reviewer.id)
        commit(session)

    assert load(token) is None
    assert ended() == [("reviewer", "disabled", "cli")]


def test_changed_staff_role_ends_the_session(cast: Cast) -> None:
    token = open_session(cast.reviewer)
    with platform_session(writes=True) as session:
        version = session.get_one(User, cast.reviewer.id).version
        change_staff(Context(session, COMMAND_LINE), cast.reviewer.id, "R", Role.CENTER_SUPPORT, None, version=version)
        commit(session)

    assert load(token) is None
    assert ended() == [("reviewer", "role_changed", "cli")]


def test_preferences_are_kept_and_recorded(cast: Cast) -> None:
    signed_in = alive(token := open_session(cast.reviewer))

    sessions.save_preferences(signed_in.actor, {"theme": "dark", "language": "zh", "staff_role": "auditor"})

    after = alive(token)
    assert (after.theme, after.language, after.actor.role) == ("dark", "zh", "center_reviewer")
    with system_session(reason="test") as session:
        row = session.scalars(select(AuditRecord).where(AuditRecord.event == "account.preferences_changed")).one()
    assert row.details == {"fields": ["theme"]}


def test_preferences_that_change_nothing_write_nothing(cast: Cast) -> None:
    signed_in = alive(open_session(cast.reviewer))

    sessions.save_preferences(signed_in.actor, {"theme": "auto"})

    with system_session(reason="test") as session:
        rows = session.scalars(select(AuditRecord).where(AuditRecord.event == "account.preferences_changed")).all()
    assert rows == []


def test_lost_activity_row_ends_nothing_else(cast: Cast) -> None:
    sessions.touch_session(SessionId("0" * 8 + "-0000-0000-0000-" + "0" * 12), {"x": 1}, True)

    with platform_session() as session:
        rows = session.scalars(select(SessionActivity.data)).all()
    assert {"x": 1} not in rows


@pytest.mark.parametrize("minutes", [1, 60])
def test_idle_limit_is_the_installations(cast: Cast, minutes: int) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        token = open_session(cast.reviewer)
        traveller.shift(timedelta(minutes=minutes) - timedelta(seconds=1))

        assert sessions.Limits.of(minutes, 12).load_session(token_hash(token)) is not None

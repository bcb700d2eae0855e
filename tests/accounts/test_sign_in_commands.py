"""Signing in: what is proven, opened, ended and recorded, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from portal.access.roles import Role
from portal.accounts import passwords, proofs, queries
from portal.accounts.commands import sign_in
from portal.accounts.commands.sign_in import Arrival, Entered
from portal.accounts.models import User, UserSession
from portal.accounts.proofs import SignInFailed
from portal.accounts.sessions import load_session
from portal.accounts.states import Method
from portal.audit.models import AuditRecord
from portal.core import clock, unit_of_work
from portal.core.context import COMMAND_LINE, Context, RequestMeta, TenantRef
from portal.core.database import Database, commit, platform_session, system_session
from portal.core.errors import NotFound
from portal.core.ids import SessionId, UserId
from portal.core.tokens import token_hash
from portal.web.hooks import SignedIn
from tests.world import building
from tests.world.cast import LASTS, PASSWORD, Person, code_now, member_of, staff_member

META = RequestMeta(address="203.0.113.7", user_agent="tests")


@dataclass(frozen=True)
class World:
    hotel: TenantRef
    clinic: TenantRef
    alice: Person
    reviewer: Person


@pytest.fixture
def world(database: Database) -> World:
    building.add_provinces()
    hotel = building.build_tenant("云栖酒店(浙江酒店)", province="33")
    clinic = building.build_tenant("江州医院(江苏医院)", province="32")
    return World(
        hotel, clinic, member_of(hotel, "alice", Role.TENANT_ADMIN), staff_member("reviewer", Role.CENTER_REVIEWER)
    )


def within(act: Callable[[Context], object]) -> object:
    with platform_session(writes=True) as session:
        result = act(Context(session, COMMAND_LINE, None, META))
        commit(session)
    return result


def change(user_id: UserId, **values: object) -> None:
    with platform_session(writes=True) as session:
        user = queries.get_user(session, user_id)
        for name, value in values.items():
            setattr(user, name, value)
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()


def enter(person: Person, code: str | None = None, wanted: str | None = None) -> Entered:
    step = proofs.prove_code(person.id, code or code_now(), META)
    result = within(lambda ctx: sign_in.accept(ctx, step, Arrival(LASTS, wanted=wanted)))
    assert isinstance(result, Entered)
    return result


def loaded(token: str) -> SignedIn | None:
    return load_session(token_hash(token), idle=timedelta(minutes=15))


def records(*events: str) -> list[AuditRecord]:
    with system_session(reason="test") as session:
        return list(session.scalars(select(AuditRecord).where(AuditRecord.event.in_(events)).order_by(AuditRecord.seq)))


def failures() -> list[tuple[str, str, str]]:
    found = records("account.sign_in_failed")
    return [(row.details["username"], row.details["reason"], row.outcome) for row in found]


def test_password_opens_a_session_of_level_0(world: World) -> None:
    proven = proofs.prove_password(" ALICE ", PASSWORD, META)

    token = within(lambda ctx: sign_in.accept_password(ctx, proven))

    half = loaded(str(token))
    assert half is not None
    assert (half.actor.auth_level, half.actor.role, half.tenant) == (0, "", None)
    assert half.ends_at - clock.now() <= timedelta(minutes=5)


def test_member_of_one_tenant_enters_it(world: World) -> None:
    entered = enter(world.alice)

    signed_in = loaded(entered.token)
    assert signed_in is not None
    assert signed_in.tenant == world.hotel
    assert (signed_in.actor.role, signed_in.actor.auth_level) == ("tenant_admin", 2)
    assert signed_in.actor.auth_method == "password+totp"


def test_staff_enter_no_tenant(world: World) -> None:
    signed_in = loaded(enter(world.reviewer).token)

    assert signed_in is not None
    assert (signed_in.actor.role, signed_in.tenant) == ("center_reviewer", None)


def test_sign_in_is_recorded_in_the_tenant(world: World) -> None:
    enter(world.alice)

    row = records("account.signed_in")[-1]
    assert (row.actor_username, row.actor_role, row.tenant_id, row.address) == (
        "alice",
        "tenant_admin",
        world.hotel.id,
        "203.0.113.7",
    )
    assert row.details == {"method": "password+totp", "level": 2}


def test_code_ends_the_half_session_and_gives_a_new_token(world: World) -> None:
    proven = proofs.prove_password("alice", PASSWORD, META)
    half_token = str(within(lambda ctx: sign_in.accept_password(ctx, proven)))
    half = loaded(half_token)
    assert half is not None

    step = proofs.prove_code(proven.user_id, code_now(), META)
    entered = within(lambda ctx: sign_in.accept(ctx, step, Arrival(LASTS, half=half.session_id)))

    assert isinstance(entered, Entered)
    assert entered.token != half_token
    assert loaded(half_token) is None


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [
        ("nobody", PASSWORD, ("", "unknown_user", "failed")),
        ("alice", "wrong password", ("alice", "wrong_password", "failed")),
        ("alice", PASSWORD + "x" * 200, ("alice", "wrong_password", "failed")),
        ("a" * 5000, PASSWORD, ("", "unknown_user", "failed")),
    ],
    ids=["unknown", "wrong", "long password", "long name"],
)
def test_failure_is_recorded_and_says_nothing(
    world: World, name: str, password: str, reason: tuple[str, str, str]
) -> None:
    with pytest.raises(SignInFailed) as failed:
        proofs.prove_password(name, password, META)

    assert str(failed.value.message) == "用户名或密码不对。"
    assert failures() == [reason]


def test_disabled_account_answers_like_a_wrong_password(world: World) -> None:
    change(world.alice.id, disabled_at=clock.now())

    with pytest.raises(SignInFailed) as failed:
        proofs.prove_password("alice", PASSWORD, META)

    assert str(failed.value.message) == "用户名或密码不对。"
    assert failures() == [("alice", "disabled", "failed")]


def test_account_without_factors_cannot_sign_in(world: World) -> None:
    change(world.alice.id, totp_secret_sealed=None)

    with pytest.raises(SignInFailed):
        proofs.prove_password("alice", PASSWORD, META)

    assert failures() == [("alice", "not_enrolled", "failed")]


def test_outdated_hash_is_renewed_on_the_way(world: World) -> None:
    change(world.alice.id, password_hash=PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD))

    proven = proofs.prove_password("alice", PASSWORD, META)
    within(lambda ctx: sign_in.accept_password(ctx, proven))

    with platform_session() as session:
        stored = queries.get_user(session, world.alice.id).password_hash
    assert stored is not None
    assert passwords.check_password(stored, PASSWORD) == passwords.Checked(right=True)


@pytest.mark.parametrize("code", ["000000", "", "abcdef", "1234567"])
def test_wrong_code_is_refused_and_recorded(world: World, code: str) -> None:
    with pytest.raises(SignInFailed):
        proofs.prove_code(world.alice.id, code, META)

    assert failures() == [("alice", "wrong_code", "failed")]


def test_code_works_once(world: World) -> None:
    code = code_now()
    enter(world.alice, code)

    with pytest.raises(SignInFailed):
        enter(world.alice, code)

    assert failures() == [("alice", "used_code", "failed")]


def test_code_of_an_earlier_step_does_not_work_after_a_later_one(world: World) -> None:
    enter(world.alice, code_now())

    with pytest.raises(SignInFailed):
        enter(world.alice, code_now(-1))


def test_next_code_works(world: World) -> None:
    enter(world.alice, code_now())

    assert loaded(enter(world.alice, code_now(1)).token) is not None


def test_of_twenty_uses_of_one_code_at_once_one_wins(world: World) -> None:
    proven = [proofs.prove_code(world.alice.id, code_now(), META)] * 20

    def use(step: proofs.ProvenCode) -> bool:
        try:
            within(lambda ctx: sign_in.accept(ctx, step, Arrival(LASTS)))
        except SignInFailed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(use, proven))

    assert outcomes == [False] * 19 + [True]


def test_refused_code_leaves_nothing_open(world: World) -> None:
    code = code_now()
    enter(world.alice, code)
    before = open_count(world.alice)

    with pytest.raises(SignInFailed):
        enter(world.alice, code)

    assert open_count(world.alice) == before


def open_count(person: Person) -> int:
    with platform_session() as session:
        rows = session.scalars(
            select(UserSession).where(UserSession.user_id == person.id, UserSession.ended_at.is_(None))
        )
        return len(rows.all())


def test_somebody_without_a_tenant_is_told_so(world: World) -> None:
    nobody = building.build_user("nobody")
    change(nobody, totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    step = proofs.prove_code(nobody, code_now(), META)

    with pytest.raises(SignInFailed):
        within(lambda ctx: sign_in.accept(ctx, step, Arrival(LASTS)))

    assert failures() == [("nobody", "no_tenant", "failed")]


class TestSeveralTenants:
    @pytest.fixture
    def both(self, world: World) -> World:
        from portal.accounts.commands.members import add_member

        building.in_tenant(world.clinic, lambda ctx: add_member(ctx, "alice", "", Role.TENANT_EDITOR))
        return world

    def test_session_before_the_choice_is_of_level_0(self, both: World) -> None:
        entered = enter(both.alice)

        signed_in = loaded(entered.token)
        assert entered.seat is None
        assert signed_in is not None
        assert (signed_in.actor.auth_level, signed_in.tenant) == (0, None)

    def test_wanted_tenant_is_entered_at_once(self, both: World) -> None:
        signed_in = loaded(enter(both.alice, wanted=both.clinic.enterprise_id).token)

        assert signed_in is not None
        assert (signed_in.tenant, signed_in.actor.role) == (both.clinic, "tenant_editor")

    def test_choice_makes_a_new_session_and_ends_the_old_one(self, both: World) -> None:
        first = enter(both.alice, wanted=both.hotel.enterprise_id)
        old = loaded(first.token)
        assert old is not None

        second = self.choose(both, old.session_id, both.clinic.enterprise_id)

        new = loaded(second.token)
        assert loaded(first.token) is None
        assert new is not None
        assert (new.tenant, new.actor.role) == (both.clinic, "tenant_editor")
        assert records("account.tenant_chosen")[-1].tenant_id == both.clinic.id

    def test_choice_of_a_strange_tenant_is_not_found(self, both: World) -> None:
        strange = building.build_tenant("别人的店(上海餐饮)", province="31")
        old = loaded(enter(both.alice, wanted=both.hotel.enterprise_id).token)
        assert old is not None

        with pytest.raises(NotFound):
            self.choose(both, old.session_id, strange.enterprise_id)

        assert loaded_still(old)

    def test_choice_does_not_prolong_the_session(self, both: World) -> None:
        old = loaded(enter(both.alice, wanted=both.hotel.enterprise_id).token)
        assert old is not None
        ends = clock.now() + timedelta(minutes=3)

        entered = self.choose(both, old.session_id, both.clinic.enterprise_id, ends)

        new = loaded(entered.token)
        assert new is not None
        assert new.ends_at == ends

    def choose(self, world: World, old: SessionId, enterprise_id: str, ends: object = None) -> Entered:
        now = clock.now()
        result = within(
            lambda ctx: sign_in.choose_tenant(
                ctx,
                old,
                Method.PASSWORD_AND_TOTP,
                world.alice.id,
                enterprise_id,
                proven_at=now,
                ends=ends or now + LASTS,  # type: ignore[arg-type]
            )
        )
        assert isinstance(result, Entered)
        return result


def loaded_still(old: SignedIn) -> bool:
    with platform_session() as session:
        return session.get_one(UserSession, old.session_id).ended_at is None


def test_user_rows_carry_no_plain_secret(world: World) -> None:
    with platform_session() as session:
        user = session.get_one(User, world.alice.id)

        assert b"JBSWY3DPEHPK3PXP" not in (user.totp_secret_sealed or b"")

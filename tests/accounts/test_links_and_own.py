"""One-time links, and changing one's own password and dynamic token."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pyotp
import pytest
import time_machine
from sqlalchemy import select

from portal.access.roles import Role
from portal.accounts import attempts, passwords, queries, totp
from portal.accounts.attempts import TooManyTries
from portal.accounts.commands import links, own, users
from portal.accounts.commands.links import NewFactors
from portal.accounts.enrolment import enrolment
from portal.accounts.models import OneTimeLink
from portal.accounts.sessions import Limits
from portal.accounts.states import LinkPurpose
from portal.audit.models import AuditRecord
from portal.core import clock
from portal.core.context import COMMAND_LINE, Actor, Context, RequestMeta
from portal.core.database import commit, platform_session, system_session
from portal.core.errors import Invalid, NotFound
from portal.core.ids import UserId
from portal.core.tokens import token_hash
from tests.world.cast import LASTS, PASSWORD, PASSWORD_HASH, TOTP_SECRET, Cast, Person, open_session

Result = TypeVar("Result")
META = RequestMeta(address="203.0.113.7")
LIMITS = Limits.of(15, 12)
NEW = "湖畔早餐 2026 真好吃"


def do(act: Callable[[Context], Result], who: Actor = COMMAND_LINE) -> Result:
    with platform_session(writes=True) as session:
        result = act(Context(session, who, None, META))
        commit(session)
    return result


def issue(person: Person) -> str:
    return do(lambda ctx: users.issue_staff_link(ctx, person.id)).token


def first_link(username: str = "newcomer") -> str:
    """The link of an account that was opened and not set up yet."""
    return do(lambda ctx: users.add_staff(ctx, username, "新人", Role.CENTER_REVIEWER)).token


def opened(token: str) -> queries.OpenLink:
    with platform_session() as session:
        return queries.open_link(session, token)


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).at(clock.now())


def events() -> list[str]:
    with system_session(reason="test") as session:
        return list(session.scalars(select(AuditRecord.event).order_by(AuditRecord.seq)))


def actor_with_session(person: Person) -> tuple[Actor, str]:
    token = open_session(person)
    signed_in = LIMITS.load_session(token_hash(token))
    assert signed_in is not None
    return signed_in.actor, token


def is_live(token: str) -> bool:
    return LIMITS.load_session(token_hash(token)) is not None


class TestLinks:
    def test_only_a_hash_is_kept(self, cast: Cast) -> None:
        token = issue(cast.reviewer)

        with platform_session() as session:
            kept = session.scalars(select(OneTimeLink.token_hash)).all()

        assert token not in kept
        assert token_hash(token) in kept

    def test_link_works_for_a_day(self, cast: Cast) -> None:
        with time_machine.travel("2026-11-24T04:00:00Z", tick=False) as traveller:
            token = issue(cast.reviewer)
            traveller.shift(timedelta(hours=24) - timedelta(seconds=1))
            assert opened(token).username == "reviewer"
            traveller.shift(1)

            with pytest.raises(NotFound):
                opened(token)

    def test_use_sets_both_factors_and_signs_in(self, cast: Cast) -> None:
        token, secret = first_link(), totp.new_secret()
        factors = links.new_factors(opened(token), NEW, secret, code_of(secret), META)

        entered = do(lambda ctx: links.use_link(ctx, opened(token), factors, lasts=LASTS))

        assert entered is not None
        assert is_live(entered.token)
        with platform_session() as session:
            user = queries.find_user(session, "newcomer")
        assert user is not None
        assert (user.totp_secret, user.totp_last_step) == (secret, factors.step)
        assert passwords.check_password(user.password_hash, NEW).right

    def test_use_is_recorded(self, cast: Cast) -> None:
        link = opened(first_link())
        before = len(events())

        do(lambda ctx: links.use_link(ctx, link, NewFactors("hash", totp.new_secret(), 1), lasts=LASTS))

        assert events()[before:] == [
            "account.link_used",
            "account.password_changed",
            "account.totp_enrolled",
            "account.signed_in",
        ]

    def test_link_works_once(self, cast: Cast) -> None:
        token = first_link()
        link = opened(token)
        do(lambda ctx: links.use_link(ctx, link, NewFactors("hash", totp.new_secret(), 1), lasts=LASTS))

        with pytest.raises(NotFound):
            opened(token)
        with pytest.raises(NotFound):
            do(lambda ctx: links.use_link(ctx, link, NewFactors("hash", totp.new_secret(), 1), lasts=LASTS))

    def test_of_eight_uses_at_once_one_wins(self, cast: Cast) -> None:
        link = opened(first_link())

        def use(number: int) -> bool:
            try:
                do(lambda ctx: links.use_link(ctx, link, NewFactors(f"h{number}", totp.new_secret(), 1), lasts=LASTS))
            except NotFound:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            outcomes = sorted(pool.map(use, range(8)))

        assert outcomes == [False] * 7 + [True]

    @pytest.mark.parametrize("password_hash", ["hash", None])
    def test_no_link_sets_a_second_factor_beside_one_that_stands(self, cast: Cast, password_hash: str | None) -> None:
        link = opened(issue(cast.reviewer))
        attempt = attempts.begin(attempts.Factor.PASSWORD, "reviewer", META.address)
        factors = NewFactors(password_hash, totp.new_secret(), 1, attempt)

        with pytest.raises(NotFound):
            do(lambda ctx: links.use_link(ctx, link, factors, lasts=LASTS))

        with platform_session() as session:
            user = queries.get_user(session, cast.reviewer.id)
        assert (user.totp_secret, user.password_hash) == (TOTP_SECRET, PASSWORD_HASH)

    @pytest.mark.parametrize(
        ("password", "code", "fields"),
        [
            ("short", "right", {"password"}),
            ("password1", "right", {"password"}),
            ("my reviewer word", "right", {"password"}),
            (NEW, "000000", {"code"}),
            (NEW, "", {"code"}),
            ("short", "", {"password", "code"}),
        ],
    )
    def test_new_factors_name_what_is_wrong(self, password: str, code: str, fields: set[str]) -> None:
        secret, later = totp.new_secret(), clock.now() + timedelta(hours=1)
        link = queries.OpenLink("id", UserId("id"), "reviewer", "审核员", LinkPurpose.FIRST, later)

        with pytest.raises(Invalid) as refused:
            links.new_factors(link, password, secret, code_of(secret) if code == "right" else code, META)

        assert set(refused.value.errors) == fields

    def test_sealed_secret_comes_back_to_its_own_place_only(self) -> None:
        first = enrolment("reviewer", "here")

        assert enrolment("reviewer", "here", first.sealed).secret == first.secret
        for sealed in (first.sealed, first.sealed[:-4], "nonsense", "é", ""):
            assert enrolment("reviewer", "elsewhere", sealed).secret != first.secret

    def test_sealed_secret_is_not_readable(self) -> None:
        made = enrolment("reviewer", "here")

        assert made.secret not in made.sealed


class TestOwn:
    def test_new_password_ends_the_other_sessions(self, cast: Cast) -> None:
        other = open_session(cast.reviewer)
        me, token = actor_with_session(cast.reviewer)

        do(lambda ctx: own.change_password(ctx, PASSWORD, NEW), me)

        assert (is_live(token), is_live(other)) == (True, False)
        with platform_session() as session:
            assert passwords.check_password(queries.get_user(session, cast.reviewer.id).password_hash, NEW).right

    @pytest.mark.parametrize(
        ("current", "new", "field"),
        [("wrong", NEW, "current"), (PASSWORD, "short", "password"), (PASSWORD, "12345678", "password")],
    )
    def test_wrong_change_of_password_names_its_field(self, cast: Cast, current: str, new: str, field: str) -> None:
        me, _ = actor_with_session(cast.reviewer)

        with pytest.raises(Invalid) as refused:
            do(lambda ctx: own.change_password(ctx, current, new), me)

        assert set(refused.value.errors) == {field}

    def test_guessing_the_current_password_is_limited(self, cast: Cast) -> None:
        me, _ = actor_with_session(cast.reviewer)

        def guess() -> None:
            do(lambda ctx: own.change_password(ctx, "wrong", NEW), me)

        for _ in range(10):
            with pytest.raises(Invalid):
                guess()
        with pytest.raises(TooManyTries):
            guess()

    def test_new_token_ends_the_other_sessions_and_the_old_token(self, cast: Cast) -> None:
        other = open_session(cast.reviewer)
        me, token = actor_with_session(cast.reviewer)
        secret = totp.new_secret()

        do(lambda ctx: own.enrol_totp(ctx, PASSWORD, secret, code_of(secret)), me)

        with platform_session() as session:
            assert queries.get_user(session, cast.reviewer.id).totp_secret == secret
        assert (is_live(token), is_live(other)) == (True, False)

    def test_new_token_needs_the_password_and_its_own_code(self, cast: Cast) -> None:
        me, _ = actor_with_session(cast.reviewer)
        secret = totp.new_secret()

        with pytest.raises(Invalid) as password:
            do(lambda ctx: own.enrol_totp(ctx, "wrong", secret, code_of(secret)), me)
        with pytest.raises(Invalid) as code:
            do(lambda ctx: own.enrol_totp(ctx, PASSWORD, secret, "000000"), me)

        assert (set(password.value.errors), set(code.value.errors)) == ({"current"}, {"code"})

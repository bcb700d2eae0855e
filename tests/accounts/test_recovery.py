"""Recovery codes: ten, hashed, each once, told to their owner, and never more than level 2."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts import levels, queries, recovery, recovery_proofs
from portal.accounts.commands.factors import use_factor
from portal.accounts.commands.portal_itself import ask_as_portal
from portal.accounts.commands.recovery import make_recovery_codes
from portal.accounts.models import RecoveryCode, UserSession
from portal.accounts.proofs import SignInFailed
from portal.audit.models import AuditRecord
from portal.core.context import Context, RequestMeta
from portal.core.database import Database, commit, platform_session, system_session
from portal.core.ids import UserId
from portal.notify.models import Notice
from tests.accounts.test_sign_in_views import submit
from tests.world import building
from tests.world.authenticator import give_passkey
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, Person, code_now, staff_member

PATH = "/account/recovery-codes"
META = RequestMeta(address="203.0.113.7")


def codes_of(browser: Browser) -> list[str]:
    page = browser.post(PATH)
    assert page.status_code == 200
    return re.findall(r"<li><code>([0-9A-Z-]+)</code></li>", page.text)


def make_for(person: Person) -> list[str]:
    with platform_session(writes=True) as session:
        codes = make_recovery_codes(Context(session, building.actor(person.role, person.id)))
        commit(session)
    return codes


def notices(user_id: UserId) -> list[str]:
    with system_session(reason="test") as session:
        found = session.scalars(select(Notice).where(Notice.user_id == user_id).order_by(Notice.id))
        return [notice.key.partition(":")[0] for notice in found]


def newest_session() -> tuple[int, str]:
    with platform_session() as session:
        row = session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
    assert row is not None
    return row.auth_level, row.auth_method


class TestCode:
    @pytest.mark.parametrize(
        "spoil", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} ", lambda code: code.replace("0", "O").replace("1", "l")]
    )  # fmt: skip
    def test_typed_as_people_type_it_is_the_same(self, spoil: object) -> None:
        code = recovery.new_codes()[0]

        assert recovery.folded(spoil(code)) == code.replace("-", "")  # type: ignore[operator]

    @pytest.mark.parametrize("typed", ["", "ABCD", "A" * 25, "恢复代码" * 6, "U" * 24, "\ud800" * 24])
    def test_other_words_are_none(self, typed: str) -> None:
        assert recovery.folded(typed) is None

    def test_ten_codes_of_120_bits(self) -> None:
        codes = recovery.new_codes()

        assert len(set(codes)) == 10
        assert {len(code.replace("-", "")) for code in codes} == {24}

    def test_code_of_one_person_is_another_hash_for_another(self) -> None:
        assert recovery.code_hash("a", "0" * 24) != recovery.code_hash("b", "0" * 24)


class TestMaking:
    def test_shown_once_and_kept_as_hashes(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.reviewer)

        codes = codes_of(browser)

        with platform_session() as session:
            kept = session.scalars(select(RecoveryCode.code_hash)).all()
        assert (len(codes), len(kept)) == (10, 10)
        assert not any(code.replace("-", "") in hashed for code in codes for hashed in kept)
        assert not any(code in browser.get(PATH).text for code in codes)
        assert "还剩 10 个" in browser.get("/account").text
        assert notices(cast.reviewer.id) == ["recovery-codes"]

    def test_new_ones_void_the_old(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        old = make_for(cast.reviewer)[0]
        make_for(cast.reviewer)
        submit(client, "/sign-in", username="reviewer", password=PASSWORD)

        assert submit(client, "/sign-in/code", recovery=old).status_code == 401

    def test_stale_session_proves_a_factor_first(self, cast: Cast, app: Flask) -> None:
        import time_machine

        from portal.core import clock

        with time_machine.travel(clock.now(), tick=False) as traveller:
            browser = Browser(app, cast.reviewer)
            for _ in range(2):
                traveller.shift(600)
                browser.get("/account")
            shut = browser.post(PATH)
            proof = {"step_up": "1", "step_up_code": code_now()}
            opened = browser.post(PATH, proof)

        assert (shut.status_code, opened.status_code) == (403, 200)

    def test_whoever_has_no_second_factor_gets_none(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.reviewer)
        with platform_session(writes=True) as session:
            ctx = Context(session, building.actor(cast.reviewer.role, cast.reviewer.id))
            ask_as_portal(ctx)
            from portal.accounts.commands.factors import clear_factors

            clear_factors(ctx, queries.get_user(session, cast.reviewer.id), password_too=False)
            for row in session.scalars(select(UserSession)):
                row.ended_at = None
            commit(session)

        answer = browser.post(PATH)

        assert (answer.status_code, answer.location) == (303, PATH)


class TestSignIn:
    def test_signs_in_at_level_two_and_tells_the_owner(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        code = make_for(cast.reviewer)[3]
        submit(client, "/sign-in", username="reviewer", password=PASSWORD)

        answer = submit(client, "/sign-in/code", recovery=code.lower().replace("-", " "))

        assert answer.location == "/center"
        assert newest_session() == (2, "password+recovery")
        assert notices(cast.reviewer.id) == ["recovery-codes", "recovery-code"]
        with platform_session() as session:
            assert queries.recovery_codes_left(session, cast.reviewer.id) == 9

    def test_code_is_used_once(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        code, other = make_for(cast.reviewer)[0], app.test_client()
        for browser in (client, other):
            submit(browser, "/sign-in", username="reviewer", password=PASSWORD)
        assert submit(client, "/sign-in/code", recovery=code).status_code == 302

        again = submit(other, "/sign-in/code", recovery=code)

        assert again.status_code == 401
        assert "已经用过" in again.text

    def test_guesses_are_limited_and_recorded(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        make_for(cast.reviewer)
        submit(client, "/sign-in", username="reviewer", password=PASSWORD)

        answers = [submit(client, "/sign-in/code", recovery=recovery.new_codes()[0]).status_code for _ in range(11)]

        assert answers == [401] * 10 + [429]
        with system_session(reason="test") as session:
            failed = select(AuditRecord).where(AuditRecord.event == "account.sign_in_failed").order_by(AuditRecord.seq)
            reasons = [row.details["reason"] for row in session.scalars(failed)]
        assert reasons == ["wrong_recovery_code"] * 10 + ["limited"]

    def test_it_never_reaches_level_three(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        give_passkey(cast.auditor)
        code = make_for(cast.auditor)[0]
        submit(client, "/sign-in", username="auditor", password=PASSWORD)

        submit(client, "/sign-in/code", recovery=code)

        assert newest_session() == (2, "password+recovery")
        assert levels.highest_required(cast.auditor.id) == 3
        assert client.get("/admin/audit").status_code in {302, 303, 403}

    def test_it_opens_no_door(self, cast: Cast, app: Flask) -> None:
        code = make_for(cast.operator)[0]
        with_no_proof = Browser(app, cast.operator)
        path = f"{cast.yunqi.path}/support/new"
        with platform_session(writes=True) as session:
            for row in session.scalars(select(UserSession)):
                row.authenticated_at = row.authenticated_at.replace(year=2000)
            from portal.core import unit_of_work

            session.flush()
            unit_of_work.work_of(session).changed.clear()
            session.commit()

        answer = with_no_proof.post(path, {"reason": "x", "step_up": "1", "step_up_recovery": code})

        assert answer.status_code == 403
        with platform_session() as session:
            assert queries.recovery_codes_left(session, cast.operator.id) == 10

    def test_password_that_was_forgotten_is_set_with_one(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        from tests.accounts.test_resets import NEW, has_password, reset_link, send

        code = make_for(cast.reviewer)[0]

        answer = send(client, reset_link(app, cast), password=NEW, recovery=code)

        assert (answer.location, newest_session()) == ("/center", (2, "password+recovery"))
        assert has_password(cast.reviewer, NEW)


def test_of_twenty_uses_at_once_one_wins(database: Database) -> None:
    from portal.access.roles import Role

    building.add_provinces()
    person = staff_member("reviewer", Role.CENTER_REVIEWER)
    proven = recovery_proofs.prove_recovery(person.id, make_for(person)[0], META)

    def use(_: int) -> bool:
        try:
            with platform_session(writes=True) as session:
                ctx = Context(session, building.actor(person.role, person.id), None, META)
                ask_as_portal(ctx)
                use_factor(ctx, proven)
                commit(session)
        except SignInFailed:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(use, range(20)))

    assert sorted(outcomes) == [False] * 19 + [True]
    assert notices(person.id).count("recovery-code") == 1

"""The level of authentication that somebody needs, and that everything else stays shut until it is reached."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.access.roles import Role
from portal.accounts import levels
from portal.accounts.commands import levels as commands
from portal.accounts.models import RoleLevel, User
from portal.audit.models import AuditRecord
from portal.core.database import commit, platform_session, system_session
from portal.tenants.models import Tenant
from tests.accounts.test_passkeys import send_new
from tests.accounts.test_sign_in_views import sign_in, submit, token_of
from tests.world import building
from tests.world.authenticator import Authenticator, give_passkey
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, Person

SHUT = "/account/level"


def three_for(cast: Cast) -> None:
    """The tenant of the cast asks for level 3 from now on."""
    building.in_tenant(cast.yunqi.tenant, lambda ctx: commands.set_tenant_level(ctx, 3))


@pytest.mark.parametrize(
    ("role", "by_role", "by_user", "by_tenant", "expected"),
    [
        (Role.SYSTEM_ADMIN, None, None, None, 3),
        (Role.SYSTEM_ADMIN, 2, None, None, 3),
        (Role.TENANT_EDITOR, None, None, 2, 2),
        (Role.TENANT_EDITOR, 1, None, 2, 2),
        (Role.TENANT_EDITOR, None, None, 3, 3),
        (Role.CENTER_SUPPORT, 1, None, None, 1),
        (Role.CENTER_SUPPORT, 1, 3, None, 3),
        (Role.CENTER_OPERATOR, 3, None, None, 3),
    ],
)
def test_highest_demand_counts(
    role: Role, by_role: int | None, by_user: int | None, by_tenant: int | None, expected: int
) -> None:
    tenant = None if by_tenant is None else Tenant(required_level=by_tenant)

    assert levels.required(role, by_role, User(required_level=by_user), None, tenant) == expected


class TestGate:
    def test_change_of_the_tenants_policy_counts_at_the_next_request(self, cast: Cast, app: Flask) -> None:
        editor = Browser(app, cast.yunqi.editor)
        assert editor.get(cast.yunqi.path).status_code == 200

        three_for(cast)

        answer = editor.get(cast.yunqi.path)
        assert (answer.status_code, answer.location) == (302, f"{SHUT}?next={cast.yunqi.path.replace('/', '/')}")

    def test_other_tenants_people_are_left_alone(self, cast: Cast, app: Flask) -> None:
        other = Browser(app, cast.jiangzhou.editor)
        three_for(cast)

        assert other.get(cast.jiangzhou.path).status_code == 200

    def test_script_is_told_where_to_go(self, cast: Cast, app: Flask) -> None:
        three_for(cast)

        answer = Browser(app, cast.yunqi.editor).get(cast.yunqi.path, headers={"Accept": "application/json"})

        assert (answer.status_code, answer.get_json()["code"]) == (403, "level_required")
        assert answer.headers["Link"] == f'<{SHUT}>; rel="authenticate"'


class TestRaising:
    def test_officer_with_password_and_code_enrols_and_goes_on(
        self, cast: Cast, app: Flask, client: FlaskClient
    ) -> None:
        first = sign_in(client, cast.auditor)
        assert client.get(first.location).location.startswith(SHUT)
        page = client.get(SHUT)
        assert "登记通行密钥" in page.text

        device, token = Authenticator(), token_of(page)
        options = client.post("/account/passkeys/options", data={"csrf_token": token, "current": PASSWORD})
        made = {"csrf_token": token, "credential": device.enrol(options.get_json()), "name": ""}
        assert client.post("/account/passkeys", data=made).status_code == 302

        assert client.get("/admin/audit").status_code == 200

    def test_passkey_raises_the_session_under_a_new_token(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device = give_passkey(cast.auditor)
        sign_in(client, cast.auditor)
        before = client.get_cookie("portal_session")

        answer = raise_with(client, device, f"{SHUT}?next=/admin/audit")

        assert (answer.status_code, answer.location) == (302, "/admin/audit")
        assert client.get("/admin/audit").status_code == 200
        after = client.get_cookie("portal_session")
        assert before is not None
        assert after is not None
        assert before.value != after.value
        client.set_cookie("portal_session", before.value)
        assert client.get("/admin/audit").location.startswith("/sign-in")
        assert "account.level_raised" in events()

    @pytest.mark.parametrize("thief", ["operator", "unknown"])
    def test_somebody_elses_passkey_raises_nothing(self, cast: Cast, client: FlaskClient, thief: str) -> None:
        give_passkey(cast.auditor)
        device = give_passkey(cast.operator) if thief == "operator" else Authenticator()
        sign_in(client, cast.auditor)

        assert raise_with(client, device).status_code == 401
        assert client.get("/admin/audit").location.startswith(SHUT)

    def test_password_and_code_enrol_no_second_passkey_for_an_officer(self, cast: Cast, client: FlaskClient) -> None:
        """Whoever learns password and code must not make a passkey of their own beside the officer's."""
        give_passkey(cast.auditor)
        sign_in(client, cast.auditor)
        page = client.get(SHUT)

        data = {"csrf_token": token_of(page), "current": PASSWORD}
        answer = client.post("/account/passkeys/options", data=data, headers={"Accept": "application/json"})

        assert (answer.status_code, answer.get_json()["code"]) == (422, "level_required")

    def test_factor_of_a_strict_tenant_is_safe_in_a_lax_one(self, cast: Cast, app: Flask) -> None:
        from tests.world.cast import join

        device = give_passkey(cast.yunqi.editor)
        join(cast.yunqi.editor, cast.jiangzhou)
        three_for(cast)
        lax = Browser(app, cast.yunqi.editor, tenant=cast.jiangzhou.tenant)

        removal = lax.post(f"/account/passkeys/{device.passkey_id}/remove", {"current": PASSWORD})
        another = lax.post("/account/passkeys/options", {"current": PASSWORD}, headers={"Accept": "application/json"})

        assert (removal.status_code, another.status_code) == (422, 422)

    def test_planted_fault_is_found(self, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        give_passkey(cast.yunqi.editor)
        three_for(cast)
        monkeypatch.setattr(levels, "require_strongest", lambda _: None)

        assert send_new(Browser(app, cast.yunqi.editor), Authenticator()).status_code == 302


class TestPasswordAlone:
    def test_is_off_by_default(self, cast: Cast, client: FlaskClient) -> None:
        assert submit(client, "/sign-in", username="support", password=PASSWORD).location == "/sign-in/code"

    def test_policy_lets_a_long_one_in(self, cast: Cast, client: FlaskClient) -> None:
        set_role(Role.CENTER_SUPPORT, 1)

        answer = submit(client, "/sign-in", username="support", password=PASSWORD)

        assert answer.location == "/center"
        assert client.get("/account").status_code == 200

    def test_raised_role_shuts_it_out_at_once(self, cast: Cast, client: FlaskClient) -> None:
        set_role(Role.CENTER_SUPPORT, 1)
        submit(client, "/sign-in", username="support", password=PASSWORD)

        set_role(Role.CENTER_SUPPORT, 2)

        assert client.get("/account").location.startswith(SHUT)

    def test_row_for_an_editor_is_not_obeyed(self, cast: Cast, client: FlaskClient) -> None:
        """As if somebody had written it past the command."""
        set_role(Role.TENANT_EDITOR, 1)

        assert submit(client, "/sign-in", username="editor@alice", password=PASSWORD).location == "/sign-in/code"


class TestPages:
    def test_security_administrator_sets_a_roles_level(self, cast: Cast, app: Flask) -> None:
        admin = Browser(app, cast.security_admin)

        answers = [admin.post("/admin/levels", {"center_operator": level}).status_code for level in ("1", "x", "3")]

        assert answers == [422, 422, 302]
        assert level_needed(app, cast.operator) == 3

    @pytest.mark.parametrize("role", ["system_admin", "security_admin", "auditor"])
    def test_officers_stay_at_level_three(self, cast: Cast, app: Flask, role: str) -> None:
        assert Browser(app, cast.security_admin).post("/admin/levels", {role: "2"}).status_code == 422

    def test_person_can_be_asked_for_more(self, cast: Cast, app: Flask) -> None:
        Browser(app, cast.security_admin).post(f"/admin/users/{cast.operator.id}/level", {"required_level": "3"})

        assert level_needed(app, cast.operator) == 3
        assert level_needed(app, cast.reviewer) == 2

    def test_tenant_administrator_asks_members_for_more(self, cast: Cast, app: Flask) -> None:
        admin = Browser(app, cast.yunqi.admin)

        answer = admin.post(f"{cast.yunqi.path}/security", {"level": "3"})

        assert answer.status_code == 302
        assert level_needed(app, cast.yunqi.editor) == 3
        assert "account.tenant_level_changed" in events()


def raise_with(client: FlaskClient, device: Authenticator, path: str = SHUT):  # type: ignore[no-untyped-def]
    token = token_of(client.get(SHUT))
    proof = device.prove(client.get("/sign-in/passkey/options").get_json())
    return client.post(path, data={"csrf_token": token, "credential": proof})


def set_role(role: Role, level: int) -> None:
    with platform_session(writes=True) as session:
        row = session.get(RoleLevel, role) or RoleLevel(role=role)
        row.level = level
        session.add(row)
        from portal.core import unit_of_work

        session.flush()
        unit_of_work.work_of(session).changed.clear()
        commit(session)


def level_needed(app: Flask, person: Person) -> int:
    answer = Browser(app, person).get("/account")
    return 3 if SHUT in (answer.location or "") else 2


def events() -> list[str]:
    with system_session(reason="test") as session:
        return list(session.scalars(select(AuditRecord.event).order_by(AuditRecord.seq)))

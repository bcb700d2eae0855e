"""The order of a request, seen on a small application with views of every kind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, flash
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts.models import User
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.audit.models import AuditRecord
from portal.core import database as databases
from portal.core.database import platform_session, system_session
from portal.core.errors import Conflict, FeatureNotInPackage, Forbidden, NotFound, Refused
from portal.core.messages import N_
from portal.core.settings import load_settings
from portal.core.tenancy import PlatformScope, TenantScope
from portal.core.unit_of_work import UnaskedWrite
from portal.factory import create_app
from portal.web.access import UnmarkedEndpoint, needs, public
from portal.web.state import ctx, features, state
from tests.conftest import SECRET
from tests.world.browser import Browser
from tests.world.cast import Cast

P = Permission


@dataclass
class Entitled:
    features: frozenset[str] = frozenset()
    held_before: frozenset[str] = frozenset()


@pytest.fixture
def entitled() -> Entitled:
    """What every tenant of the small application holds; a test changes it."""
    return Entitled()


@pytest.fixture
def small(
    app: Flask, sqlite: databases.Database, tmp_path: Path, entitled: Entitled, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """The whole application, with probes for the pipeline added before its start ended."""
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o600)
    monkeypatch.setattr("portal.web.pipeline.Portal.finish_start", _add_probes)
    made = create_app(load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path), "PORTAL_DATABASE_URL": str(sqlite.url)}))
    made.extensions["portal_hooks"] = replace(made.extensions["portal_hooks"], entitlement=lambda _: entitled)
    yield made
    databases.database().dispose()


def _add_probes(app: Flask) -> None:
    tenant = "/e/<enterprise:enterprise_id>/probe"
    # Marks stand on the view itself, so each address needs a function of its own.
    scopes = [lambda: _scope() for _ in range(3)]  # noqa: PLW0108
    for path, view in (
        ("/probe/public", public(scopes[0])),
        ("/probe/own", needs(P.SELF_MANAGE)(scopes[1])),
        (f"{tenant}/scope", needs(P.CONTENT_VIEW)(scopes[2])),
        (f"{tenant}/logo", needs(P.CONTENT_VIEW, feature="logo")(_feature)),
        ("/probe/write/<kind>", needs(P.SELF_MANAGE)(_write)),
        ("/probe/raise/<kind>", needs(P.SELF_MANAGE)(_raise)),
        ("/probe/flash", needs(P.SELF_MANAGE)(lambda: flash("说一次", "ok") or "ok")),
    ):
        app.add_url_rule(path, f"probe{path}", view, methods=["GET", "POST"])


def _scope() -> dict[str, Any]:
    scope: Any = ctx().session.get_bind() and ctx().session.scope  # type: ignore[attr-defined]
    kind = {PlatformScope: "platform", TenantScope: "tenant"}[type(scope)]
    return {"scope": kind, "tenant": getattr(scope, "tenant_id", None), "actor": state().actor.username}


def _feature() -> dict[str, Any]:
    return {"read_only": state().read_only, "features": sorted(features())}


def _write(kind: str) -> tuple[str, int]:
    context = ctx()
    if kind != "unasked":
        ask(context, P.SELF_MANAGE)
    user = context.session.get_one(User, context.actor.user_id)
    user.display_name = f"renamed by {kind}"
    if kind != "unrecorded":
        record(context, Event.USER_CHANGED, Target("user", user.id, user.username), fields=["display_name"])
    if kind == "raises":
        context.session.flush()
        raise Refused("no", N_("不行。"))
    return "done", {"status": 422, "redirect": 302}.get(kind, 200)


def _raise(kind: str) -> str:
    errors: dict[str, Callable[[], Exception]] = {
        "not_found": NotFound,
        "forbidden": lambda: Forbidden("x:y"),
        "conflict": Conflict,
        "refused": lambda: Refused("full", N_("满了。"), status=409),
        "feature": lambda: FeatureNotInPackage("ads"),
        "stale": lambda: StaleDataError("stale"),
        "integrity": lambda: IntegrityError("insert", {}, Exception("unique")),
        "fault": lambda: ValueError("a secret of ours"),
    }
    error = errors[kind]()
    raise error


def stored_name(person_id: str) -> str:
    with platform_session() as opened:
        return opened.get_one(User, person_id).display_name


def records(event: Event) -> list[AuditRecord]:
    with system_session(reason="test") as opened:
        return list(opened.scalars(select(AuditRecord).where(AuditRecord.event == event.value)))


class TestAdmission:
    def test_visitor_sees_public_pages_only(self, cast: Cast, small: Flask) -> None:
        client = small.test_client()

        assert client.get("/probe/public").json == {"scope": "platform", "tenant": None, "actor": ""}
        assert client.get("/probe/own").location == "/sign-in?next=/probe/own"

    def test_visitor_who_asks_for_json_is_told_in_json(self, cast: Cast, small: Flask) -> None:
        answer = small.test_client().get("/probe/own", headers={"Accept": "application/json"})

        assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
        assert answer.get_json(force=True)["code"] == "sign_in_required"

    def test_form_of_somebody_whose_session_ended_is_not_redirected(self, cast: Cast, small: Flask) -> None:
        assert small.test_client().post("/probe/own").status_code in {400, 401}

    def test_member_works_in_a_session_of_the_own_tenant(self, cast: Cast, small: Flask) -> None:
        answer = Browser(small, cast.yunqi.editor).get(f"{cast.yunqi.path}/probe/scope")

        assert answer.json == {"scope": "tenant", "tenant": cast.yunqi.tenant.id, "actor": "editor@alice"}

    def test_staff_work_in_a_session_of_the_tenant_of_the_address(self, cast: Cast, small: Flask) -> None:
        browser = Browser(small, cast.reviewer)

        assert browser.get(f"{cast.jiangzhou.path}/probe/scope").json["tenant"] == cast.jiangzhou.tenant.id
        assert browser.get("/probe/own").json["scope"] == "platform"

    @pytest.mark.parametrize("who", ["stranger", "auditor", "security_admin"])
    def test_tenant_does_not_exist_for_whom_it_does_not_concern(self, cast: Cast, small: Flask, who: str) -> None:
        browser = Browser(small, getattr(cast, who))
        real = browser.get(f"{cast.yunqi.path}/probe/scope")
        made_up = browser.get("/e/100000000000/probe/scope")

        assert (real.status_code, made_up.status_code) == (404, 404)
        assert _without_ids(real.text) == _without_ids(made_up.text)

    def test_known_tenant_without_the_right_is_forbidden(self, cast: Cast, small: Flask) -> None:
        assert Browser(small, cast.support).get(f"{cast.yunqi.path}/probe/scope").status_code == 403

    def test_unmarked_view_stops_the_start(self, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from portal.web import pipeline

        check = pipeline.Portal.finish_start

        def forget_one(made: pipeline.Portal) -> None:
            made.add_url_rule("/forgotten", "forgotten", lambda: "oops")
            check(made)

        (tmp_path / "secret").write_bytes(SECRET)
        (tmp_path / "secret").chmod(0o600)
        monkeypatch.setattr(pipeline.Portal, "finish_start", forget_one)

        with pytest.raises(UnmarkedEndpoint, match="forgotten"):
            create_app(load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path)}))

        databases.database().dispose()


class TestFeatures:
    def ask(self, small: Flask, cast: Cast, method: str = "get") -> Any:
        return getattr(Browser(small, cast.yunqi.editor), method)(f"{cast.yunqi.path}/probe/logo")

    def test_held_feature_is_open(self, cast: Cast, small: Flask, entitled: Entitled) -> None:
        entitled.features = frozenset({"logo"})

        assert self.ask(small, cast).json == {"read_only": False, "features": ["logo"]}
        assert self.ask(small, cast, "post").status_code == 200

    def test_feature_held_before_is_read_only(self, cast: Cast, small: Flask, entitled: Entitled) -> None:
        entitled.held_before = frozenset({"logo"})

        assert self.ask(small, cast).json == {"read_only": True, "features": []}
        assert self.ask(small, cast, "post").status_code == 403

    def test_feature_never_held_is_closed_and_recorded(self, cast: Cast, small: Flask) -> None:
        assert self.ask(small, cast).status_code == 403
        assert self.ask(small, cast, "post").status_code == 403
        assert [(row.details["permission"], row.details["method"]) for row in records(Event.ACCESS_DENIED)] == [
            ("logo", "GET"),
            ("logo", "POST"),
        ]


class TestTransaction:
    def test_success_commits_change_and_record_together(self, cast: Cast, small: Flask) -> None:
        browser = Browser(small, cast.reviewer)

        assert browser.post("/probe/write/plain").status_code == 200

        row = records(Event.USER_CHANGED)[-1]
        assert stored_name(cast.reviewer.id) == "renamed by plain"
        assert (row.actor_username, row.auth_level, row.address) == ("reviewer", 2, "127.0.0.1")

    def test_redirect_commits(self, cast: Cast, small: Flask) -> None:
        Browser(small, cast.reviewer).post("/probe/write/redirect")

        assert stored_name(cast.reviewer.id) == "renamed by redirect"

    @pytest.mark.parametrize("kind", ["status", "raises"])
    def test_failure_leaves_nothing(self, cast: Cast, small: Flask, kind: str) -> None:
        before = stored_name(cast.reviewer.id)

        assert Browser(small, cast.reviewer).post(f"/probe/write/{kind}").status_code == 422

        assert stored_name(cast.reviewer.id) == before
        assert records(Event.USER_CHANGED) == []

    @pytest.mark.parametrize("kind", ["unasked", "unrecorded"])
    def test_write_without_leave_or_trace_is_a_fault_and_leaves_nothing(
        self, cast: Cast, small: Flask, kind: str
    ) -> None:
        before = stored_name(cast.reviewer.id)

        assert Browser(small, cast.reviewer).post(f"/probe/write/{kind}").status_code == 500

        assert stored_name(cast.reviewer.id) == before

    def test_fault_of_ours_reaches_tests_that_want_it(self, cast: Cast, small: Flask) -> None:
        small.config["PROPAGATE_EXCEPTIONS"] = False

        answer = Browser(small, cast.reviewer).post("/probe/write/unasked")

        assert UnaskedWrite.__name__ not in answer.text


class TestErrors:
    @pytest.mark.parametrize(
        ("kind", "status", "code"),
        [
            ("not_found", 404, "not_found"),
            ("forbidden", 403, "forbidden"),
            ("conflict", 409, "conflict"),
            ("refused", 409, "full"),
            ("feature", 403, "feature_not_in_package"),
            ("stale", 409, "conflict"),
            ("integrity", 409, "conflict"),
            ("fault", 500, "fault"),
        ],
    )
    def test_error_has_its_status_and_code(self, cast: Cast, small: Flask, kind: str, status: int, code: str) -> None:
        browser = Browser(small, cast.reviewer)

        page = browser.get(f"/probe/raise/{kind}")
        problem = browser.get(f"/probe/raise/{kind}", headers={"Accept": "application/json"})

        assert (page.status_code, problem.status_code) == (status, status)
        assert page.content_type == "text/html; charset=utf-8"
        assert problem.get_json(force=True)["code"] == code
        assert "a secret of ours" not in page.text + problem.text

    def test_denial_is_recorded_although_the_request_fails(self, cast: Cast, small: Flask) -> None:
        Browser(small, cast.reviewer).get("/probe/raise/forbidden")
        Browser(small, cast.jiangzhou.admin).get(f"{cast.yunqi.path}/probe/scope")

        rows = records(Event.ACCESS_DENIED)
        assert [(row.actor_username, row.outcome, row.tenant_id, row.details["code"]) for row in rows] == [
            ("reviewer", "denied", None, "forbidden"),
            ("bob", "denied", None, "not_found"),
        ]

    @pytest.mark.parametrize("path", ["/no/such/page", "/probe/public/", "/e/12/probe/scope", "/%00", "/static/../x"])
    def test_unknown_page_is_not_found(self, cast: Cast, small: Flask, path: str) -> None:
        assert small.test_client().get(path).status_code == 404


class TestSession:
    def test_visitors_note_is_kept_in_the_cookie_and_cannot_be_forged(self, cast: Cast, small: Flask) -> None:
        client = small.test_client()
        client.get("/sign-in")
        token = client.post("/preferences", data={"csrf_token": _form_token(client), "theme": "dark", "x": "y"})

        assert token.status_code == 302
        assert 'data-theme-choice="dark"' in client.get("/sign-in").text
        cookie = client.get_cookie("portal_session")
        assert cookie is not None
        client.set_cookie("portal_session", cookie.value[:-2] + "xx")
        assert 'data-theme-choice="auto"' in client.get("/sign-in").text

    def test_preferences_of_somebody_signed_in_stay_with_the_account(self, cast: Cast, small: Flask) -> None:
        first, second = Browser(small, cast.reviewer), Browser(small, cast.reviewer)

        first.post("/preferences", {"theme": "dark", "lang": "en", "density": "sideways"})

        page = second.get("/account").text
        assert 'data-theme-choice="dark"' in page
        assert '<html lang="en" data-density="comfortable"' in page

    def test_preferences_lead_back_to_the_own_site_only(self, cast: Cast, small: Flask) -> None:
        browser = Browser(small, cast.reviewer)

        for referrer, back in (
            ("http://localhost/account?x=1", "/account?x=1"),
            ("https://evil.example/", "/"),
            ("http://localhost//evil.example/", "/"),
            (None, "/"),
        ):
            headers = {"Referer": referrer} if referrer else {}
            assert browser.post("/preferences", {"theme": "light"}, headers=headers).location == back

    def test_status_counts_down_and_does_not_prolong(self, cast: Cast, small: Flask) -> None:
        answer = Browser(small, cast.reviewer).get("/session/status")

        assert 0 < answer.json["seconds_left"] <= 15 * 60

    def test_flashed_message_survives_a_redirect_and_is_shown_once(self, cast: Cast, small: Flask) -> None:
        browser = Browser(small, cast.reviewer)

        browser.get("/probe/flash")

        assert "说一次" in browser.get("/account").text
        assert "说一次" not in browser.get("/account").text


def _form_token(client: FlaskClient) -> str:
    import re

    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert found is not None
    return found[1]


def _without_ids(page: str) -> str:
    import re

    page = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", page)
    page = re.sub(r"\b[1-9][0-9]{11}\b", "", page)
    return re.sub(r'(content|value)="Ij[^"]+"|X-CSRFToken": "[^"]+"', "", page)

"""Decisions of level 3 carry the person's own signature over what was decided, and over nothing else."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.access.models import Appointment
from portal.accounts import certificate_files
from portal.accounts.commands.levels import set_tenant_level
from portal.accounts.gate import queries
from portal.audit import deeds
from portal.audit.models import AuditPersonalSignature, AuditRecord
from portal.audit.verify.findings import Fault
from portal.audit.verify.run import verify_log
from portal.core import crypto
from portal.core import database as databases
from portal.core.database import platform_session, system_session
from portal.core.secret_file import KeyFile
from tests.accounts.test_certificates import PROXY, behind_proxy, give, header
from tests.accounts.test_passkeys import sign_in
from tests.accounts.test_sign_in_views import submit, token_of
from tests.conftest import SECRET
from tests.world import building
from tests.world.authenticator import Authenticator, give_passkey
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, Person, code_now

__all__ = ["behind_proxy"]

PATH = "/admin/officers/new"
NEW = {"username": "newauditor", "display_name": "新审计员", "role": "auditor", "reason": "轮岗"}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    certificate_files.configure(tmp_path / "certificates")


class Signer:
    """Somebody signed in with a passkey of the own, who signs what the page shows."""

    def __init__(self, app: Flask, person: Person, *, by_code: bool = False) -> None:
        self.device = give_passkey(person)
        self.client = app.test_client()
        if by_code:
            submit(self.client, "/sign-in", username=person.username, password=PASSWORD, code=code_now())
        else:
            assert sign_in(self.client, self.device).status_code == 302
        self.token = token_of(self.client.get("/account"))

    def post(self, path: str, fields: dict[str, str], **more: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token, **fields}, **more)

    def signature(self, page: TestResponse, device: Authenticator | None = None) -> dict[str, str]:
        """What the page's form would add, signed with the own device or another one."""
        ticket = re.search(r'name="signature_ticket" value="([^"]+)"', page.text)
        asked = re.search(r'data-request="([^"]+)"', page.text)
        assert ticket is not None, page.text[:2000]
        assert asked is not None
        proof = (device or self.device).prove(json.loads(html.unescape(asked[1])))
        return {"signature_ticket": html.unescape(ticket[1]), "signature_credential": proof}

    def sign(self, path: str, fields: dict[str, str]) -> TestResponse:
        return self.post(path, {**fields, **self.signature(self.post(path, fields))})


@pytest.fixture
def officer(cast: Cast, app: Flask) -> Signer:
    return Signer(app, cast.system_admin)


def asked_for() -> list[str]:
    with platform_session() as session:
        return list(session.scalars(select(Appointment.reason)))


def signed() -> list[tuple[str, str]]:
    both = (
        select(AuditRecord.event, AuditPersonalSignature.method)
        .join(AuditPersonalSignature, AuditPersonalSignature.seq == AuditRecord.seq)
        .order_by(AuditRecord.seq)
    )
    with system_session(reason="test") as session:
        return [(event, method) for event, method in session.execute(both)]


def decided() -> list[str]:
    """What was decided about content, signed or not."""
    events = ("review.approved", "release.started")
    with system_session(reason="test") as session:
        found = select(AuditRecord.event).where(AuditRecord.event.in_(events)).order_by(AuditRecord.seq)
        return list(session.scalars(found))


def faults() -> list[Fault]:
    return [finding.fault for finding in verify_log(stamps=True).findings]


class TestPasskey:
    def test_decision_waits_for_the_signature_and_shows_what_is_signed(self, officer: Signer) -> None:
        page = officer.post(PATH, NEW)

        assert page.status_code == 403
        assert asked_for() == []
        assert "新设 · newauditor · 审计员 · 轮岗" in page.text
        kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        assert {name: html.unescape(kept[name]) for name in NEW} == NEW

    def test_signed_it_is_done_and_the_record_carries_it(self, officer: Signer, cast: Cast, app: Flask) -> None:
        answer = officer.sign(PATH, NEW)

        assert (answer.status_code, asked_for()) == (303, ["轮岗"])
        assert signed() == [("account.officer_proposed", "passkey")]
        assert faults() == []
        with system_session(reason="test") as session:
            seq = session.scalars(select(AuditPersonalSignature.seq)).one()
        auditor = Browser(app, cast.auditor)
        assert "本人签名有效" in auditor.get(f"/admin/audit/records/{seq}").text
        evidence = auditor.get(f"/admin/audit/records/{seq}.json").get_json()
        assert evidence["personal"]["method"] == "passkey"

    def test_nothing_is_said_before_it_is_done(self, officer: Signer) -> None:
        officer.post(PATH, NEW)

        assert "已提请" not in officer.client.get("/admin/officers").text

    def test_caller_that_is_no_page_is_told(self, officer: Signer) -> None:
        answer = officer.post(PATH, NEW, headers={"Accept": "application/json"})

        assert (answer.status_code, answer.get_json()["code"]) == (403, "signature_required")

    def test_several_decisions_of_one_request_are_signed_at_once(self, cast: Cast, app: Flask) -> None:
        reviewer = Signer(app, cast.reviewer)
        submission, fields = waiting(cast)

        answer = reviewer.sign(f"/center/review/{cast.yunqi.tenant.enterprise_id}/{submission}", fields)

        assert answer.status_code == 303
        assert signed() == [("review.approved", "passkey"), ("release.started", "passkey")]
        assert faults() == []


class TestTenantOfLevelThree:
    """A reviewer of the center needs a passkey where the enterprise asks its own people for one."""

    @pytest.fixture
    def barracks(self, cast: Cast) -> tuple[str, dict[str, str]]:
        building.in_tenant(cast.yunqi.tenant, lambda ctx: set_tenant_level(ctx, 3))
        submission, fields = waiting(cast)
        return f"/center/review/{cast.yunqi.tenant.enterprise_id}/{submission}", fields

    def test_code_is_not_enough_and_the_passkey_signs(
        self, cast: Cast, app: Flask, barracks: tuple[str, dict[str, str]]
    ) -> None:
        path, fields = barracks
        reviewer = Signer(app, cast.reviewer, by_code=True)

        shut = reviewer.post(path, fields)
        proof = reviewer.device.prove(reviewer.client.get("/sign-in/passkey/options").get_json())
        page = reviewer.post(path, {**fields, "step_up": "1", "step_up_credential": proof})
        reviewer.token = token_of(reviewer.client.get("/account"))
        answer = reviewer.post(path, {**fields, **reviewer.signature(page)})

        assert (shut.status_code, 'name="step_up_code"' in shut.text) == (403, False)
        assert (page.status_code, answer.status_code) == (403, 303)
        assert [event for event, _ in signed()] == ["review.approved", "release.started"]

    def test_other_enterprises_ask_no_more_than_before(self, cast: Cast, app: Flask) -> None:
        reviewer = Signer(app, cast.reviewer, by_code=True)
        submission, fields = waiting(cast)

        answer = reviewer.post(f"/center/review/{cast.yunqi.tenant.enterprise_id}/{submission}", fields)

        assert (answer.status_code, signed()) == (303, [])

    def test_reviewer_without_a_key_decides_nothing_and_is_told_what_to_do(
        self, cast: Cast, app: Flask, barracks: tuple[str, dict[str, str]]
    ) -> None:
        path, fields = barracks
        client = app.test_client()
        submit(client, "/sign-in", username=cast.reviewer.username, password=PASSWORD, code=code_now())
        token = token_of(client.get("/account"))

        answer = client.post(path, data={"csrf_token": token, **fields})

        assert answer.status_code == 403
        assert "这里要用通行密钥或数字证书确认，您还没有可用的" in answer.text
        assert decided() == []

    def test_policy_that_looks_at_keys_would_be_seen(
        self, cast: Cast, app: Flask, barracks: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The fault, planted: nobody but a member is asked for the level of the enterprise."""
        asked = queries._at  # noqa: SLF001 - where the fault is planted
        monkeypatch.setattr(queries, "_at", lambda *about: (*asked(*about)[:2], 0))
        path, fields = barracks
        reviewer = Signer(app, cast.reviewer, by_code=True)

        reviewer.post(path, fields)

        assert decided() == ["review.approved", "release.started"]

    def test_script_that_was_given_a_session_goes_on(
        self, cast: Cast, app: Flask, barracks: tuple[str, dict[str, str]]
    ) -> None:
        path, fields = barracks

        assert Browser(app, cast.reviewer).post(path, fields).status_code == 303


def test_keys_are_rotated_by_signature(
    cast: Cast, app: Flask, officer: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of keys is written after the record: not by the run that is rolled back."""
    path = tmp_path / "keys" / "secret"
    path.parent.mkdir(mode=0o700)
    path.write_bytes(SECRET)
    path.chmod(0o600)
    settings = replace(app.extensions["portal_settings"], secret_file=path)
    monkeypatch.setitem(app.extensions, "portal_settings", settings)
    monkeypatch.setitem(app.config, "TEST_CAPTCHA", "MOON7")
    with crypto.other_keys():
        crypto.configure(KeyFile(path))
        before = len(crypto.vault().ring.keys)
        officer.client.get("/step-up/keys")
        officer.post("/step-up/keys", {"step_up": "1", "step_up_captcha": "MOON7"})

        for address in ("/admin/keys/rotate", "/admin/keys/audit/rotate"):
            page = officer.post(address, {})
            assert (page.status_code, len(KeyFile(path).ring().keys) - before) == (403, len(signed()))
            assert officer.post(address, officer.signature(page)).status_code == 303

        assert signed() == [("system.key_rotated", "passkey"), ("system.audit_key_rotated", "passkey")]
        assert faults() == []


def waiting(cast: Cast) -> tuple[str, dict[str, str]]:
    """A submission that waits, and the form that approves and publishes it."""
    from portal.review.submitting import Chosen, submit_for_review

    tenant, who = cast.yunqi.tenant, building.actor(cast.yunqi.editor.role, cast.yunqi.editor.id, cast.yunqi.tenant)
    saved = building.add_marquee(tenant, "欢迎", who)
    chosen = [Chosen(saved.object_id, saved.sha256)]
    submission = str(building.in_tenant(tenant, lambda ctx: submit_for_review(ctx, chosen, title="欢迎"), who))
    return submission, {"decision": "publish", "seen": f"{saved.revision_id}:{saved.sha256}"}


def replay_on_another(officer: Signer) -> bool:
    """Whoever has the signature of one decision sends it with another one."""
    officer.post(PATH, {**NEW, "reason": "别的原因", **officer.signature(officer.post(PATH, NEW))})
    return asked_for() == ["别的原因"]


class TestAttacks:
    def test_signature_fits_no_other_decision(self, officer: Signer) -> None:
        assert not replay_on_another(officer)
        assert (asked_for(), signed()) == ([], [])

    def test_replay_would_be_seen(self, officer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
        """The fault, planted: what is signed does not depend on what is decided."""
        monkeypatch.setattr(deeds, "digest_of", lambda statements: bytes(32))
        monkeypatch.setattr(deeds, "holds", lambda signature: True)

        assert replay_on_another(officer)

    def test_signature_is_good_once(self, officer: Signer) -> None:
        fields = {**NEW, **officer.signature(officer.post(PATH, NEW))}
        assert officer.post(PATH, fields).status_code == 303
        officer.post(f"/admin/officers/appointments/{only_appointment()}/refuse", {})

        again = officer.post(PATH, {**fields, "username": "newauditor"})

        assert again.status_code in {403, 422}
        assert len(asked_for()) == 1

    def test_device_of_somebody_else_signs_nothing(self, officer: Signer, cast: Cast) -> None:
        other = give_passkey(cast.security_admin)
        page = officer.post(PATH, NEW)

        answer = officer.post(PATH, {**NEW, **officer.signature(page, other)})

        assert (answer.status_code, asked_for()) == (403, [])

    def test_ticket_of_another_session_is_none(self, officer: Signer, cast: Cast, app: Flask) -> None:
        second = Signer(app, cast.system_admin)
        stolen = second.signature(second.post(PATH, NEW))

        answer = officer.post(PATH, {**NEW, **stolen})

        assert (answer.status_code, asked_for()) == (403, [])

    def test_device_that_verified_nobody_signs_nothing(self, officer: Signer) -> None:
        page = officer.post(PATH, NEW)
        officer.device.verified = False

        assert officer.post(PATH, {**NEW, **officer.signature(page)}).status_code == 403

    def test_late_signature_is_asked_for_again(self, officer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
        from datetime import timedelta

        from portal.core import clock

        fields = {**NEW, **officer.signature(officer.post(PATH, NEW))}
        monkeypatch.setattr(clock, "_offset", timedelta(minutes=6))

        answer = officer.post(PATH, fields)

        assert (answer.status_code, "请再签一次" in answer.text) == (403, True)

    @pytest.mark.parametrize("column", ["evidence", "nonce", "gone"])
    def test_changed_evidence_is_found(self, officer: Signer, column: str) -> None:
        officer.sign(PATH, NEW)
        table: Any = AuditPersonalSignature.__table__
        with databases.database().engine.begin() as connection:
            evidence = dict(connection.execute(select(table.c.evidence)).scalar_one())
            digests = [evidence["digests"][0][::-1]]
            if column == "gone":
                connection.execute(table.delete())
            elif column == "nonce":
                connection.execute(update(table).values(nonce="00"))
            else:
                connection.execute(update(table).values(evidence={**evidence, "digests": digests}))

        assert faults() == [Fault.PERSONAL]


class TestCertificate:
    @pytest.mark.usefixtures("behind_proxy")
    def test_it_is_recorded_as_what_it_is(self, cast: Cast, app: Flask) -> None:
        issued, browser = give(cast.system_admin), Browser(app, cast.system_admin, vouched=False)
        shown = {"headers": header(issued.certificate), "environ_overrides": PROXY}
        page = browser.post(PATH, NEW, **shown)
        ticket = re.search(r'name="signature_ticket" value="([^"]+)"', page.text)
        assert ticket is not None
        fields = {**NEW, "signature_ticket": ticket[1], "signature_certificate": "1"}

        without = browser.post(PATH, fields)
        answer = browser.post(PATH, fields, **shown)

        assert (without.status_code, answer.status_code) == (403, 303)
        assert signed() == [("account.officer_proposed", "certificate")]
        with system_session(reason="test") as session:
            assert session.scalars(select(AuditPersonalSignature)).one().evidence["proven"] == "tls-handshake"
        assert faults() == []


class TestWhoIsNotAsked:
    def test_level_two_and_scripts_go_on_as_before(self, cast: Cast, app: Flask) -> None:
        give_passkey(cast.system_admin)

        answer = Browser(app, cast.system_admin).post(PATH, NEW)

        assert (answer.status_code, signed()) == (303, [])

    def test_what_is_no_decision_is_not_signed(self, officer: Signer) -> None:
        answer = officer.post("/account/other-sessions/end", {})

        assert (answer.status_code, signed()) == (302, [])


def only_appointment() -> str:
    with platform_session() as session:
        return session.scalars(select(Appointment.id)).one()

"""Certificates: issued once, beside the password level 3, and worth nothing when revoked, run out, foreign or merely claimed."""

import re
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts import certificate_files, certificates
from portal.accounts.certificates import Issued
from portal.accounts.commands.certificates import issue_certificate
from portal.accounts.commands.links import certificate_counts
from portal.accounts.commands.portal_itself import ask_as_portal
from portal.accounts.models import CertificateAuthority, ClientCertificate, User, UserSession
from portal.accounts.states import Method
from portal.audit.models import AuditRecord
from portal.core import clock
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, platform_session, system_session
from tests.accounts.test_sign_in_views import token_of
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, Person, code_now

PROXY = {"REMOTE_ADDR": "10.0.0.5"}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    certificate_files.configure(tmp_path / "certificates")


@pytest.fixture
def behind_proxy(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "TRUSTED_PROXIES", ("10.0.0.0/24",))


def give(person: Person) -> Issued:
    with platform_session(writes=True) as session:
        ctx = Context(session, SYSTEM)
        ask_as_portal(ctx)
        issued = issue_certificate(ctx, session.get_one(User, person.id))
        commit(session)
    return issued


def sign_in(
    client: FlaskClient, person: Person, certificate: x509.Certificate | None, peer: dict[str, str] = PROXY
) -> TestResponse:
    data = {"csrf_token": token_of(client.get("/sign-in")), "username": person.username, "password": PASSWORD}
    return client.post("/sign-in", data=data, headers=header(certificate), environ_overrides=peer)


def header(certificate: x509.Certificate | None) -> dict[str, str]:
    if certificate is None:
        return {}
    return {"X-Client-Certificate": quote(certificate.public_bytes(Encoding.PEM).decode())}


def newest_session() -> UserSession:
    with platform_session() as session:
        return session.scalars(select(UserSession).order_by(UserSession.created_at.desc())).all()[0]


def failures() -> list[str]:
    with system_session(reason="test") as session:
        rows = session.scalars(select(AuditRecord).where(AuditRecord.event == "account.sign_in_failed"))
        return [row.details["reason"] for row in rows]


@pytest.mark.usefixtures("behind_proxy")
class TestSignIn:
    def test_password_and_certificate_are_level_three(self, cast: Cast, client: FlaskClient) -> None:
        issued = give(cast.auditor)

        answer = sign_in(client, cast.auditor, issued.certificate)

        assert answer.location == "/center"
        row = newest_session()
        assert (row.auth_level, row.auth_method) == (3, Method.PASSWORD_AND_CERTIFICATE)

    def test_certificate_is_nothing_without_the_password(self, cast: Cast, client: FlaskClient) -> None:
        issued = give(cast.auditor)
        data = {"csrf_token": token_of(client.get("/sign-in")), "username": "auditor", "password": "wrong"}

        answer = client.post("/sign-in", data=data, headers=header(issued.certificate), environ_overrides=PROXY)

        assert answer.status_code == 401

    def test_header_from_anybody_else_is_not_read(self, cast: Cast, client: FlaskClient) -> None:
        issued = give(cast.auditor)

        answer = sign_in(client, cast.auditor, issued.certificate, {"REMOTE_ADDR": "203.0.113.9"})

        assert answer.location == "/sign-in/code"
        assert newest_session().auth_level == 0

    def test_somebody_elses_is_refused_and_the_code_still_works(self, cast: Cast, client: FlaskClient) -> None:
        issued = give(cast.operator)

        answer = sign_in(client, cast.reviewer, issued.certificate)

        assert answer.location == "/sign-in/code"
        assert failures() == ["wrong_certificate"]
        page = client.get("/sign-in/code", headers=header(issued.certificate), environ_overrides=PROXY)
        assert "不能用" in page.text
        done = client.post("/sign-in/code", data={"csrf_token": token_of(page), "code": code_now()})
        assert (done.location, newest_session().auth_level) == ("/center", 2)

    def test_revoked_is_refused_at_once_and_listed(
        self, cast: Cast, app: Flask, client: FlaskClient, tmp_path: Path
    ) -> None:
        issued = give(cast.auditor)
        inside = Browser(app, cast.auditor)
        with platform_session() as session:
            row = session.scalars(select(ClientCertificate)).one()

        path = f"/admin/users/{cast.auditor.id}/certificates/{row.id}/revoke"
        assert Browser(app, cast.security_admin).post(path).status_code == 302

        assert sign_in(client, cast.auditor, issued.certificate).location == "/sign-in/code"
        assert failures() == ["wrong_certificate"]
        assert inside.get("/account").location.startswith("/sign-in")
        listed = x509.load_pem_x509_crl((tmp_path / "certificates" / "crl.pem").read_bytes())
        assert listed.get_revoked_certificate_by_serial_number(issued.certificate.serial_number) is not None

    def test_run_out_is_refused(self, cast: Cast, client: FlaskClient) -> None:
        issued = give(cast.auditor)

        with time_machine.travel(clock.now() + certificates.VALID_FOR + timedelta(days=1)):
            assert sign_in(client, cast.auditor, issued.certificate).location == "/sign-in/code"
        assert failures() == ["wrong_certificate"]

    def test_one_of_another_authority_is_refused(self, cast: Cast, client: FlaskClient) -> None:
        give(cast.auditor)
        foreign = certificates.issue(certificates.new_authority(clock.now()), "auditor", clock.now())

        assert sign_in(client, cast.auditor, foreign.certificate).location == "/sign-in/code"
        assert failures() == ["wrong_certificate"]

    def test_one_that_was_never_bound_is_refused(self, cast: Cast, client: FlaskClient) -> None:
        """Signed by our authority, but not one that the portal issued to anybody."""
        give(cast.auditor)
        with platform_session() as session:
            authority = certificate_files.find_authority(session)
        assert authority is not None
        stray = certificates.issue(authority, "auditor", clock.now())

        assert sign_in(client, cast.auditor, stray.certificate).location == "/sign-in/code"

    def test_server_certificate_is_no_persons(self, cast: Cast) -> None:
        give(cast.auditor)
        with platform_session() as session:
            authority = certificate_files.find_authority(session)
        assert authority is not None
        pem, _key = certificates.issue_for_host(authority, "localhost", clock.now())
        der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)

        assert certificates.is_issued_by(authority, der, clock.now()) is None

    @pytest.mark.parametrize(
        "value", ["", "nonsense", "%2D", "-----BEGIN CERTIFICATE-----%0AAA%0A-----END CERTIFICATE-----"]
    )
    def test_nonsense_in_the_header_is_no_certificate(self, cast: Cast, client: FlaskClient, value: str) -> None:
        data = {"csrf_token": token_of(client.get("/sign-in")), "username": "auditor", "password": PASSWORD}

        answer = client.post("/sign-in", data=data, headers={"X-Client-Certificate": value}, environ_overrides=PROXY)

        assert answer.location == "/sign-in/code"

    def test_it_raises_a_session(self, cast: Cast, client: FlaskClient) -> None:
        issued = give(cast.auditor)
        sign_in(client, cast.auditor, None)
        token = token_of(client.get("/sign-in/code"))
        client.post("/sign-in/code", data={"csrf_token": token, "code": code_now()})
        shown = {"headers": header(issued.certificate), "environ_overrides": PROXY}
        page = client.get("/account/level", **shown)
        assert "用数字证书确认" in page.text

        answer = client.post("/account/level", data={"csrf_token": token_of(page)}, **shown)

        assert answer.status_code == 302
        assert client.get("/admin/audit").status_code == 200

    def test_planted_fault_is_found(self, cast: Cast, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
        """With every address a proxy the forged header would sign in."""
        issued = give(cast.auditor)
        monkeypatch.setattr("portal.web.client.is_proxy", lambda _: True)

        answer = sign_in(client, cast.auditor, issued.certificate, {"REMOTE_ADDR": "203.0.113.9"})

        assert answer.location == "/center"


class TestPages:
    def test_certificate_is_handed_over_once_and_kept_nowhere(self, cast: Cast, app: Flask) -> None:
        path = f"/admin/users/{cast.operator.id}/certificates"

        page = Browser(app, cast.security_admin).post(path).text

        password = re.search(r'id="certificate-password" readonly value="([^"]+)"', page)
        file = re.search(r"data:application/x-pkcs12;base64,([^\"]+)", page)
        assert password is not None
        assert file is not None
        key, certificate, authority = pkcs12.load_key_and_certificates(b64decode(file[1]), password[1].encode())
        assert certificate is not None
        assert key is not None
        assert len(authority) == 1
        with platform_session() as session:
            row = session.scalars(select(ClientCertificate)).one()
            kept = session.scalars(select(CertificateAuthority)).one()
        assert (row.user_id, row.thumbprint) == (cast.operator.id, certificates.thumbprint(certificate))
        assert b"PRIVATE KEY" not in kept.key_sealed
        assert row.serial in Browser(app, cast.security_admin).get(path).text

    def test_nobody_issues_one_to_oneself(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.security_admin)

        answer = browser.post(f"/admin/users/{cast.security_admin.id}/certificates")

        assert answer.status_code == 302
        assert "不能给自己签发证书" in browser.get(answer.location).text

    def test_tenant_administrator_certifies_members_of_the_own_tenant(self, cast: Cast, app: Flask) -> None:
        with system_session(reason="test") as session:
            from portal.accounts.models import Membership

            row = session.scalars(select(Membership).where(Membership.user_id == cast.yunqi.editor.id)).one()
        path = f"{cast.yunqi.path}/members/{row.id}/certificates"

        own = Browser(app, cast.yunqi.admin).post(path)
        other = Browser(app, cast.jiangzhou.admin).post(path)

        assert (own.status_code, other.status_code) == (200, 404)


def taken_over(app: Flask, client: FlaskClient, cast: Cast) -> TestResponse:
    """What comes of it when an administrator uses the certificate and the link that both were given to him for somebody else."""
    issued, admin = give(cast.operator), Browser(app, cast.security_admin)
    found = re.search(
        r'value="http://localhost:8000(/welcome/[^"]+)"', admin.post(f"/admin/users/{cast.operator.id}/link").text
    )
    assert found is not None
    data = {"csrf_token": token_of(client.get(found[1])), "password": "another long enough one", "certificate": "1"}
    return client.post(found[1], data=data, headers=header(issued.certificate), environ_overrides=PROXY)


@pytest.mark.usefixtures("behind_proxy")
class TestOneAdministratorAlone:
    def test_certificate_confirms_no_new_password(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        answer = taken_over(app, client, cast)

        assert answer.status_code == 401
        assert "数字证书不能用来重设密码" in answer.text
        assert sign_in(client, cast.operator, None).location == "/sign-in/code"

    def test_certificate_that_confirms_one_would_be_seen(
        self, cast: Cast, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The fault planted: a certificate is a factor like any other."""
        monkeypatch.setattr("portal.accounts.commands.links.certificate_counts", lambda _user_id: True)

        assert taken_over(app, client, cast).location == "/center"

    def test_officers_certificate_counts_since_two_have_issued_it(self, cast: Cast) -> None:
        assert [certificate_counts(person.id) for person in (cast.auditor, cast.operator, cast.yunqi.admin)] == [
            True,
            False,
            False,
        ]

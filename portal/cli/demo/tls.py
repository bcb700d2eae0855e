"""`make run TLS=1`: the demo on https, with a server certificate and a certificate for everybody, by the portal's own authority."""

import json
from pathlib import Path

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts import certificate_files, certificates
from portal.accounts.commands.certificates import issue_certificate
from portal.accounts.queries import certificates_of, find_user
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, database, platform_session
from portal.core.files import make_folder, write_durably
from portal.core.settings import Settings
from portal.installation import open_installation

_PRIVATE_FILE, _FOLDER = 0o600, 0o700


def prepare_tls(settings: Settings) -> None:
    """This function will write what is missing of the demo's certificates below `instance/demo/`; the database is the demo's."""
    open_installation(settings)
    folder = settings.demo_folder
    make_folder(folder, _FOLDER)
    for account in json.loads(settings.demo_file.read_text(encoding="utf-8"))["accounts"]:
        _issue(folder / f"{account['username']}.p12", account["username"], account["password"])
    _certify_host(settings)
    certificate_files.publish()
    database().dispose()


def _issue(path: Path, username: str, password: str) -> None:
    with platform_session(writes=True) as session:
        user = find_user(session, username)
        if user is None or (path.exists() and certificates_of(session, user.id)):
            return
        ctx = Context(session, COMMAND_LINE)
        ask(ctx, Permission.USERS_MANAGE)
        issued = issue_certificate(ctx, user, password, is_copied=True)
        commit(session)
    write_durably(path, issued.pkcs12, _PRIVATE_FILE)


def _certify_host(settings: Settings) -> None:
    if settings.tls_certificate is None or settings.tls_key is None or settings.tls_certificate.exists():
        return
    with platform_session() as session:
        authority = certificate_files.find_authority(session)
    assert authority is not None  # noqa: S101 - somebody's certificate has just been issued
    certificate, key = certificates.issue_for_host(authority, settings.public_host, clock.now())
    write_durably(settings.tls_key, key.encode(), _PRIVATE_FILE)
    write_durably(settings.tls_certificate, certificate.encode(), _PRIVATE_FILE)

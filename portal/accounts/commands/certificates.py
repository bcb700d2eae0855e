"""People's certificates: issued by the portal's own authority, used, revoked."""

from sqlalchemy import CursorResult, update

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts import certificate_files, certificates
from portal.accounts.certificates import Authority, Issued
from portal.accounts.commands.sessions import end_sessions
from portal.accounts.models import CertificateAuthority, ClientCertificate, User
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock, unit_of_work
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, platform_session
from portal.core.errors import NotFound
from portal.core.ids import CertificateId, new_id


def issue_certificate(ctx: Context, user: User, password: str | None = None, *, is_copied: bool = False) -> Issued:
    """This function will issue a certificate to `user` and bind it to the account; the caller asks.

    It alone opens nothing: whoever signs in with it types the account's password too. The file's password is a new one, but
    for the demo's, which `is_copied`.
    """
    now = clock.now()
    issued = certificates.issue(_authority(ctx), user.username, now, password)
    row = ClientCertificate(
        user_id=user.id,
        serial=f"{issued.certificate.serial_number:x}",
        thumbprint=certificates.thumbprint(issued.certificate),
        issued_at=now,
        expires_at=issued.certificate.not_valid_after_utc,
        is_copied=is_copied,
    )
    ctx.session.add(row)
    _record(ctx, Event.CERTIFICATE_ISSUED, user, row)
    unit_of_work.work_of(ctx.session).after_commit.append(certificate_files.publish)
    return issued


def revoke_certificate(ctx: Context, user: User, certificate_id: CertificateId) -> None:
    """This function will revoke one of a person's certificates and end the person's sessions; the caller asks.

    Raises `NotFound`, for anybody else's certificate too.
    """
    row = ctx.session.get(ClientCertificate, certificate_id)
    if row is None or row.user_id != user.id:
        raise NotFound
    if row.revoked_at is not None:
        return
    row.revoked_at = clock.now()
    _record(ctx, Event.CERTIFICATE_REVOKED, user, row)
    end_sessions(ctx, user, "factors_changed")
    unit_of_work.work_of(ctx.session).after_commit.append(certificate_files.publish)


def use_certificate(ctx: Context, certificate_id: str) -> bool:
    """This function will note that a certificate was used and say whether it still may be, in one conditional statement."""
    statement = update(ClientCertificate).where(
        ClientCertificate.id == certificate_id, ClientCertificate.revoked_at.is_(None)
    )
    result = ctx.session.execute(
        statement.values(last_used_at=clock.now()).execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)  # noqa: S101 - an UPDATE has no other
    return result.rowcount == 1


def ensure_authority() -> None:
    """This function will make the authority where there is none, in a transaction of its own: a server of TLS names it at its start."""
    with platform_session(writes=True) as session:
        if certificate_files.find_authority(session) is None:
            ctx = Context(session, SYSTEM)
            ask(ctx, Permission.IDENTITY_CONFIRM)
            _authority(ctx)
            commit(session)


def _authority(ctx: Context) -> Authority:
    found = certificate_files.find_authority(ctx.session)
    if found is not None:
        return found
    made = certificates.new_authority(clock.now())
    row = CertificateAuthority(id=new_id(), certificate=made.pem, created_at=clock.now())
    row.key = made.key_pem
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, Event.AUTHORITY_CREATED, serial=f"{made.certificate.serial_number:x}")
    return made


def _record(ctx: Context, event: Event, user: User, row: ClientCertificate) -> None:
    record(ctx, event, Target("user", user.id, user.username), username=user.username, serial=row.serial)

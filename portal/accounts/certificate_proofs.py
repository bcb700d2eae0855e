"""Proving who one is by a certificate, beside the password: the TLS handshake has shown its key, here it is looked at."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.accounts import certificate_files, certificates, queries
from portal.accounts.models import ClientCertificate
from portal.accounts.proofs import Reason, SignInFailed, failed
from portal.core import clock, database
from portal.core.context import RequestMeta
from portal.core.ids import CertificateId, UserId
from portal.core.messages import N_


@dataclass(frozen=True)
class ProvenCertificate:
    """A certificate of a person that is valid now; nobody guesses one, so no try is counted."""

    user_id: UserId
    username: str
    certificate_id: CertificateId
    attempt: None = None


def prove_certificate(user_id: UserId, der: bytes, request: RequestMeta) -> ProvenCertificate:
    """This function will return the certificate that a person's connection has shown.

    Raises `SignInFailed` for one of another authority or person, and one that has run out or was revoked.
    """
    with database.platform_session() as session:
        user = queries.get_user(session, user_id)
        authority = certificate_files.find_authority(session)
        found = certificates.is_issued_by(authority, der, clock.now()) if authority else None
        row = None
        if found is not None:
            known = select(ClientCertificate).where(ClientCertificate.thumbprint == certificates.thumbprint(found))
            row = session.scalars(known).one_or_none()
    if row is None or row.user_id != user_id or row.revoked_at is not None or user.disabled_at is not None:
        raise failed(Reason.WRONG_CERTIFICATE, user, request, refusal().message)
    return ProvenCertificate(user_id, user.username, CertificateId(row.id))


def refusal() -> SignInFailed:
    """This function will return what the person is told, whatever is wrong with the certificate."""
    return SignInFailed(N_("浏览器出示的数字证书不能用（不是您的、已过期或已吊销），请用别的方式。"))

"""What a web server in front needs to know of people's certificates: the authority's own, and the list of the revoked.

The files stand in a folder of the installation and are written anew at each start and after each change.
"""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import certificates
from portal.accounts.certificates import Authority
from portal.accounts.models import CertificateAuthority, ClientCertificate
from portal.core import clock
from portal.core.database import platform_session
from portal.core.files import make_folder, write_durably

AUTHORITY_FILE, LIST_FILE = "ca.pem", "crl.pem"
_PUBLIC_FILE, _FOLDER = 0o644, 0o755
_folder: Path | None = None


def configure(folder: Path) -> None:
    """This function will make `folder` the place of the files for this process."""
    global _folder
    _folder = folder


def find_authority(session: Session) -> Authority | None:
    """This function will return the installation's authority, or None before the first certificate."""
    row = session.scalars(select(CertificateAuthority)).first()
    return Authority.read(row.certificate, row.key or "") if row is not None else None


def publish() -> None:
    """This function will write both files as things stand now; before the first certificate there is nothing to write."""
    if _folder is None:
        raise RuntimeError("the folder of the certificate files is not configured")
    with platform_session() as session:
        authority = find_authority(session)
        if authority is None:
            return
        revoked = session.execute(
            select(ClientCertificate.serial, ClientCertificate.revoked_at).where(
                ClientCertificate.revoked_at.is_not(None)
            )
        ).all()
    entries = [(serial, at) for serial, at in revoked if at is not None]
    make_folder(_folder, _FOLDER)
    write_durably(_folder / AUTHORITY_FILE, authority.pem.encode(), _PUBLIC_FILE)
    listed = certificates.revocation_list(authority, entries, clock.now())
    write_durably(_folder / LIST_FILE, listed.encode(), _PUBLIC_FILE)

"""Reads of the apps that a tenant has uploaded."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.media.models import AppFile

MEDIA_TYPE = "application/vnd.android.package-archive"


def app_files(session: Session, shas: Collection[str]) -> Mapping[str, AppFile]:
    """This function will return those of the files that are apps of the tenant, by SHA-256; no query for none."""
    if not shas:
        return {}
    rows = session.scalars(select(AppFile).where(AppFile.sha256.in_(sorted(shas))))
    return {row.sha256: row for row in rows}


def find_app(session: Session, sha256: str | None) -> AppFile | None:
    """This function will return the tenant's app with these bytes, or None."""
    return session.scalar(select(AppFile).where(AppFile.sha256 == sha256)) if sha256 else None

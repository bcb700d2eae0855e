"""Taking in an app: read, its signature verified, kept as it is, because a changed byte would void the signature."""

import hashlib
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, Refused
from portal.core.messages import N_
from portal.media.apk.queries import find_app
from portal.media.apk.reading import Apk, read_apk
from portal.media.commands import add_image, ask_apart, check_quota
from portal.media.intake import on_its_own
from portal.media.models import AppFile
from portal.media.scanning import scan_file
from portal.media.states import Purpose
from portal.media.storage import storage


def take_app(ctx: Context, path: Path, filename: str = "") -> AppFile:
    """This function will take in the app at `path`, which stays the caller's, in transactions of its own, and return its row.

    The same file again gives the row that is there. Raises `Forbidden`, `DiskFull`, and `Refused` as `scan_file` and
    `read_apk` do or with `media_quota`.
    """
    ask_apart(ctx)
    scan_file(ctx.actor, ctx.request, ctx.tenant, path, filename or path.name)
    apk = read_apk(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        storage().put(sha256, file)
    icon = _icon(ctx, apk)
    return on_its_own(ctx, lambda own: _hold(own, apk, sha256, path.stat().st_size, icon))


def _icon(ctx: Context, apk: Apk) -> str | None:
    """The icon goes through the same hands as every picture; one that cannot be read is none."""
    if apk.icon is None:
        return None
    data = apk.icon
    try:
        return on_its_own(ctx, lambda own: add_image(own, data, f"{apk.name}.png", Purpose.ICON).sha256)
    except (Refused, Conflict):
        return None


def _hold(ctx: Context, apk: Apk, sha256: str, size: int, icon: str | None) -> AppFile:
    ask(ctx, Permission.MEDIA_UPLOAD)
    held = find_app(ctx.session, sha256)
    if held is not None:
        return held
    check_quota(ctx, size)
    row = AppFile(
        sha256=sha256, bytes=size, package=apk.package, version_code=apk.version_code, version_name=apk.version_name, name=apk.name,
        permissions=list(apk.permissions), min_sdk=apk.min_sdk, signer_sha256=apk.signer_sha256, icon_sha256=icon,
        uploaded_by=ctx.actor.user_id, created_at=clock.now(),
    )  # fmt: skip
    ctx.session.add(row)
    try:
        ctx.session.flush()
    except IntegrityError as race:
        raise Conflict(N_("同一个安装包正在另一处上传，请稍等几秒再试。")) from race
    target = Target("app_file", row.id, row.name)
    record(
        ctx, Event.APP_ADDED, target, name=row.name, package=row.package, version_code=row.version_code, sha256=sha256
    )
    return row

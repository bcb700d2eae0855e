"""Pages of the enterprise's own apps (企业APP): uploaded, read, rolled out by box group, reviewed like everything else."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint
from werkzeug.datastructures import FileStorage

from portal.access.permissions import Permission
from portal.catalog.features import Feature
from portal.content.apps.forms import AppForm
from portal.content.apps.rules import App
from portal.content.editing.frame import groups, show
from portal.content.editing.pages import Editor
from portal.content.kinds import Kind
from portal.content.queries import ObjectView, objects
from portal.content.stored import envelope_of
from portal.core import clock
from portal.core.errors import Conflict, Invalid, Refused
from portal.core.messages import N_
from portal.media.apk.commands import take_app
from portal.media.apk.queries import find_app
from portal.media.limits import APKS
from portal.orders.queries import entitlement
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("apps", __name__, url_prefix="/e/<enterprise:enterprise_id>/content/apps")


def _prepare(form: AppForm) -> None:
    upload = form.asset_upload.data
    if isinstance(upload, FileStorage) and upload.filename:
        form.asset.data = _taken(upload)
    if not form.asset.data:
        raise Invalid({"asset": N_("请选择安装包（APK 文件）。")})


def _taken(upload: FileStorage) -> str:
    with tempfile.TemporaryDirectory(prefix="portal-upload-") as folder:
        path = Path(folder) / "upload.apk"
        upload.save(path)
        try:
            return take_app(ctx(), path, upload.filename or "").sha256
        except (Refused, Conflict) as refused:
            raise Invalid({"asset": refused.message}) from refused


def _extras(form: AppForm, view: ObjectView | None) -> Mapping[str, Any]:
    row = find_app(ctx().session, form.asset.data)
    return {
        "file": row,
        "on_air": _on_air(view),
        "max_bytes": APKS.bytes,
        "allowed": _allowed() if view is None else None,
    }


_editor = Editor(Kind.APP, AppForm, "apps", extras=_extras, prepare=_prepare)
_editor.mount(blueprint, Feature.APPS)


@blueprint.get("/")
@needs(Permission.CONTENT_VIEW, feature=Feature.APPS)
def index() -> str:
    """This function will show the tenant's apps with what is on air and what is under way."""
    views = sorted(objects(ctx().session, [Kind.APP]).values(), key=lambda view: (str(view.envelope.title), view.id))
    return show("apps/index.html", views=views, on_air=_on_air, tree=groups(), allowed=_allowed())


def _on_air(view: ObjectView | None) -> App | None:
    app = envelope_of(view.on_air).payload if view is not None and view.on_air is not None else None
    return app if isinstance(app, App) else None


def _allowed() -> list[str] | None:
    """The packages to which a grant limits the tenant, None for any."""
    packages = entitlement(ctx().session, ctx().tenant_id, clock.now()).app_packages
    return None if packages is None else sorted(packages)

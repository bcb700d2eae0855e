"""The keys of the installation, for the system administrator, at level 3; what changes them is signed on a slip."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.administration.keys import keys_page
from portal.audit.stamps import stamps_of
from portal.core.database import system_session
from portal.core.secret_file import KeyFile
from portal.keys.commands import StillNeeded, retire, rotate, rotate_audit_key
from portal.web.access import needs
from portal.web.state import ctx, state

blueprint = Blueprint("keys", __name__, url_prefix="/admin/keys")


@blueprint.get("")
@needs(Permission.KEYS_VIEW)
def index() -> str:
    """This function will show every key there is, and what still needs it."""
    with system_session(reason="page of keys") as session:
        found = keys_page(session)
        stamps = stamps_of(session, ["sealing", "audit", *(key.id for key in found.ring)])
    return render_template("administration/keys.html", found=found, stamps=stamps)


@blueprint.post("/rotate")
@needs(Permission.KEYS_ROTATE)
def rotate_sealing() -> Response:
    """This function will make a new sealing key the active one."""
    made = rotate(state().actor, _file(), state().meta)
    flash(_("新密钥 %(key)s 已启用；请现在备份密钥文件。旧密文由后台重新封存。", key=made), "ok")
    return _back()


@blueprint.post("/audit/rotate")
@needs(Permission.KEYS_ROTATE)
def rotate_audit() -> Response:
    """This function will have a new key sign the log."""
    rotate_audit_key(ctx())
    flash(_("日志从下一条起由新密钥签名；请把新的校验公钥交给审计员。"), "ok")
    return _back()


@blueprint.post("/<key_id>/retire")
@needs(Permission.KEYS_ROTATE)
def retire_sealing(key_id: str) -> Response:
    """This function will take an old sealing key out of the ring, once nothing needs it."""
    try:
        retire(state().actor, _file(), key_id, state().meta)
        flash(_("密钥 %(key)s 已停用。", key=key_id), "ok")
    except StillNeeded:
        flash(_("这个密钥现在还不能停用：它还在用，或者刚刚轮换过，请一刻钟后再试。"), "error")
    return _back()


def _file() -> KeyFile:
    return KeyFile(current_app.extensions["portal_settings"].secret_file)


def _back() -> Response:
    return redirect(url_for("keys.index"), 303)

"""The keys of the installation, for the system administrator, at level 3; what changes them is signed on a slip."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.administration.keys import RingKey, keys_page
from portal.audit.key_list import SigningKey
from portal.audit.stamps import stamps_of
from portal.core.database import system_session
from portal.core.messages import N_
from portal.core.secret_file import KeyFile
from portal.keys.commands import StillNeeded, retire, rotate, rotate_audit_key
from portal.releases.signing.models import ReleaseKey
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.state import ctx, state

blueprint = Blueprint("keys", __name__, url_prefix="/admin/keys")

RELEASE_KEY_STATES = {"active": N_("在用"), "revoked": N_("已吊销")}


@blueprint.get("")
@needs(Permission.KEYS_VIEW)
def index() -> str:
    """This function will show every key there is, and what still needs it."""
    with system_session(reason="page of keys") as session:
        found = keys_page(session)
        stamps = stamps_of(session, ["sealing", "audit", *(key.id for key in found.ring)])
    return render_template("administration/keys.html", found=found, stamps=stamps)


@blueprint.post("")
@needs(Permission.KEYS_VIEW, reads=True)
def export() -> Response:
    """This function will hand out which keys there are; like the page, never a secret byte of one."""
    with system_session(reason="page of keys, as a file") as session:
        found = keys_page(session)
    ring: list[Column[RingKey]] = [
        Column(_("编号"), 40, lambda key: key.id),
        Column(_("状态"), 10, lambda key: N_("在用") if key.is_active else N_("旧")),
        Column(_("启用"), 20, lambda key: key.made_at or N_("安装时")),
        Column(_("还封存"), 10, lambda key: key.needed),
    ]
    signing: list[Column[SigningKey]] = [
        Column(_("校验公钥"), 80, lambda key: key.verifier),
        Column(_("状态"), 10, lambda key: N_("在用") if key.last_seq is None else N_("已换下")),
        Column(_("签到第几条"), 12, lambda key: key.last_seq),
        Column(_("启用"), 20, lambda key: key.made_at),
    ]
    release: list[Column[ReleaseKey]] = [
        Column(_("编号"), 70, lambda key: key.kid),
        Column(_("状态"), 10, lambda key: RELEASE_KEY_STATES.get(key.state, N_("已换下"))),
        Column(_("算法"), 12, lambda key: key.algorithm),
        Column(_("启用"), 20, lambda key: key.made_at),
    ]
    sheets: list[Sheet[Any]] = [
        Sheet(_("封存数据的密钥"), found.ring, ring),
        Sheet(_("日志的签名密钥"), found.audit.signing, signing),
        Sheet(_("发布的签名密钥"), found.release, release),
    ]
    return hand_out_sheets("keys", N_("密钥"), sheets)


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

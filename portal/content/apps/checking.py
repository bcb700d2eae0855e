"""What an app has to be beside well-formed: read from a file of the tenant's own, allowed, by the same signer, never older."""

from collections.abc import Iterable

from portal.content.apps.queries import Known, known_apps
from portal.content.apps.rules import App
from portal.content.envelope import Envelope
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Invalid
from portal.core.messages import N_, Message
from portal.media.apk.queries import app_files
from portal.media.models import AppFile
from portal.media.states import Kind
from portal.orders.queries import entitlement

FIELD = "asset"


def facts(row: AppFile) -> dict[str, object]:
    """This function will return the payload of the app that was read from a file."""
    return {
        "package": row.package,
        "version_code": row.version_code,
        "version_name": row.version_name,
        "name": row.name,
        "icon": row.icon_sha256,
        "asset": row.sha256,
        "signer_sha256": row.signer_sha256,
        "permissions": list(row.permissions),
    }


def check_app(ctx: Context, envelope: Envelope, kinds: Iterable[Kind], object_id: str | None) -> None:
    """This function will raise `Invalid` unless an app may be what it says, and for any other content that names an app's file.

    `kinds` are those of the files that the content names; `object_id` is the object that shall hold it, None for a new one.
    """
    app = envelope.payload
    if not isinstance(app, App):
        if Kind.APP in kinds:
            raise Invalid({"payload": N_("图片或视频不在媒体库里，请重新选择。")})
        return
    row = app_files(ctx.session, [app.asset]).get(app.asset)
    if row is None or App.model_validate(facts(row)) != app:
        raise Invalid({FIELD: N_("应用的信息要从安装包里读出来，请上传安装包。")})
    allowed = entitlement(ctx.session, ctx.tenant_id, clock.now()).app_packages
    known = known_apps(ctx.session, app.package)
    fault = _not_allowed(app, allowed) or _other_signer(app, known, object_id) or _older(app, known, object_id)
    if fault is not None:
        raise Invalid({FIELD: fault})


def _not_allowed(app: App, allowed: frozenset[str] | None) -> Message | None:
    if allowed is None or app.package in allowed:
        return None
    names = "、".join(sorted(allowed)) or "—"
    return N_("现在只开通了指定的应用（%(allowed)s），不能装 %(package)s。", allowed=names, package=app.package)


def _other_signer(app: App, known: Iterable[Known], object_id: str | None) -> Message | None:
    """Whoever signed an app first signs it for ever; a mere draft of the same object may still be exchanged for the right file."""
    pinned = [one for one in known if one.handed_in or one.object_id != object_id]
    if all(one.app.signer_sha256 == app.signer_sha256 for one in pinned):
        return None
    return N_(
        "%(package)s 以前是用另一个证书签名的，机顶盒会拒绝安装。请让开发方用原来的证书签名。", package=app.package
    )


def _older(app: App, known: Iterable[Known], object_id: str | None) -> Message | None:
    """A version code only rises. The very same file may be handed in again, and for further groups."""
    handed_in = [one for one in known if one.handed_in]
    if object_id is None and any(one.app.asset == app.asset for one in handed_in):
        return None
    rivals = [one for one in handed_in if object_id in {None, one.object_id}]
    newest = max((one.app for one in rivals), key=lambda one: one.version_code, default=None)
    if newest is None or app.version_code > newest.version_code or app.asset == newest.asset:
        return None
    return N_(
        "版本号要比已送审的 %(newest)d 大，这个安装包是 %(code)d，机顶盒不会降级。请让开发方提高版本号。",
        newest=newest.version_code,
        code=app.version_code,
    )

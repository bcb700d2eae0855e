"""Sending a checkpoint by mail when the auditor wants one outside of the house now."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.administration.checkpoint_mail import last_sent, mail_checkpoint, recipients
from portal.web.access import needs
from portal.web.refusals import telling_refusal
from portal.web.state import ctx

blueprint = Blueprint("checkpoint_mail", __name__, url_prefix="/admin/audit/checkpoints/mail")


@blueprint.get("")
@needs(Permission.AUDIT_EXPORT)
def index() -> str:
    """This function will say who gets checkpoints, and when one was sent last."""
    return render_template(
        "administration/checkpoint_mail.html",
        recipients=recipients(),
        last=last_sent(),
        crumbs=[
            (_("操作日志"), url_for("audit.index")),
            (_("检查点"), url_for("audit_proofs.checkpoints")),
            (_("寄出"), None),
        ],
    )


@blueprint.post("")
@needs(Permission.AUDIT_EXPORT)
def send() -> Response:
    """This function will have a checkpoint of now sent."""
    with telling_refusal():
        taken = mail_checkpoint(ctx())
        flash(_("检查点（%(n)s 条）正在寄出。", n=f"{taken.size:,}"), "ok")
    return redirect(url_for("checkpoint_mail.index"), 303)

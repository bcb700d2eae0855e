"""The system's own state, for the system administrator: settings, background work, storage."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.administration import system, work_words
from portal.administration.commands.jobs import retry_now
from portal.administration.forms import shown
from portal.core import clock
from portal.core.database import system_session
from portal.core.jobs import Recurring
from portal.core.messages import N_
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.refusals import telling_refusal
from portal.web.state import ctx

blueprint = Blueprint("system", __name__, url_prefix="/admin/system")

_DAY = timedelta(days=1)


@blueprint.get("/settings")
@needs(Permission.SETTINGS_VIEW)
def settings() -> str:
    """This function will show every setting as it is in force, secrets left out."""
    lines = system.settings_lines(current_app.extensions["portal_settings"])
    return render_template("administration/settings.html", lines=lines, shown=shown)


@blueprint.get("/jobs")
@needs(Permission.JOBS_VIEW)
def jobs() -> str:
    """This function will show what the worker has not done yet, what failed, and what happens again and again."""
    with system_session(reason="the background work of all tenants") as session:
        waiting, done = system.waiting(session), system.done_since(session, clock.now() - _DAY)
    return render_template(
        "administration/jobs.html",
        waiting=waiting,
        done=done,
        clockwork=system.clockwork(),
        words=work_words.WORK,
        clockwork_words=work_words.CLOCKWORK,
        interval=work_words.interval,
    )


@blueprint.post("/settings")
@needs(Permission.SETTINGS_VIEW, reads=True)
def settings_export() -> Response:
    """This function will hand out every setting as it is in force, secrets left out."""
    columns: list[Column[system.SettingLine]] = [
        Column(_("名称"), 30, lambda line: line.label),
        Column(_("环境变量"), 30, lambda line: line.variable),
        Column(_("值"), 60, lambda line: line.value),
    ]
    lines = system.settings_lines(current_app.extensions["portal_settings"])
    return hand_out_sheets("settings", N_("设置"), [Sheet(_("设置"), lines, columns)])


@blueprint.post("/jobs")
@needs(Permission.JOBS_VIEW, reads=True)
def jobs_export() -> Response:
    """This function will hand out what the worker has not done yet, and what happens again and again."""
    with system_session(reason="the background work of all tenants, as a file") as session:
        found = system.waiting(session)
    waiting: list[Column[system.Work]] = [
        Column(_("工作"), 30, lambda one: work_words.WORK.get(one.row.kind) or one.row.kind),
        Column(_("企业"), 24, lambda one: one.tenant),
        Column(_("排队"), 20, lambda one: one.row.created_at),
        Column(_("试过"), 8, lambda one: one.row.attempts),
        Column(_("状态"), 10, lambda one: N_("失败") if one.error else N_("排队")),
        Column(_("错误"), 60, lambda one: one.error),
        Column(_("下次"), 20, lambda one: one.row.due_at),
    ]
    again: list[Column[Recurring]] = [
        Column(_("工作"), 40, lambda one: work_words.CLOCKWORK[one.name]),
        Column(_("间隔"), 16, lambda one: work_words.interval(one.seconds)),
    ]
    sheets: list[Sheet[Any]] = [
        Sheet(_("还没有完成的工作"), found, waiting),
        Sheet(_("按时做的"), system.clockwork(), again),
    ]
    return hand_out_sheets("jobs", N_("后台工作"), sheets)


@blueprint.post("/jobs/<id:job_id>/retry")
@needs(Permission.JOBS_RETRY)
def retry(job_id: str) -> Response:
    """This function will have failed work done again at once."""
    with telling_refusal():
        retry_now(ctx(), job_id)
        flash(_("已排到最前，马上重试。"), "ok")
    return redirect(url_for("system.jobs"), 303)


@blueprint.get("/storage")
@needs(Permission.STORAGE_VIEW)
def storage() -> str:
    """This function will show how much is stored, and how much room there is."""
    with system_session(reason="how much all tenants store") as session:
        stored = system.stored(session, current_app.extensions["portal_settings"])
    return render_template("administration/storage.html", stored=stored)

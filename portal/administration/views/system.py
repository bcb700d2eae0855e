"""The system's own state, for the system administrator: settings, background work, storage."""

from datetime import timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.administration import system, work_words
from portal.administration.commands.jobs import retry_now
from portal.administration.forms import shown
from portal.core import clock
from portal.core.database import system_session
from portal.web.access import needs
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

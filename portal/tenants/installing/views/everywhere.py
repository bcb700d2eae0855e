"""The jobs of all tenants, for the center; of its own, for a province."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.core import clock
from portal.core.database import system_session
from portal.tenants.installing import queries
from portal.tenants.installing.states import STATE_LABELS, JobState
from portal.web.access import needs
from portal.web.i18n import translate
from portal.web.paging import Paging, list_address, paged
from portal.web.state import ctx

blueprint = Blueprint("all_jobs", __name__, url_prefix="/center/installation")

_LONGEST_SEARCH = 80


@blueprint.get("")
@needs(Permission.INSTALLATIONS_VIEW)
def index() -> str:
    """This function will list installation jobs with the enterprise of each."""
    actor, today = ctx().actor, clock.today()
    text = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    state = request.args.get("state", "")
    state = state if state in set(JobState) else ""
    province = actor.province_code if actor.role == Role.PROVINCE else None
    wanted = queries.jobs_everywhere(province, JobState(state) if state else None, today, text)
    paging = Paging.from_request(list(queries.JOB_SORTS), default="opened", descending=True)
    with system_session(reason="list of installation jobs of all enterprises") as session:
        page = paged(session, wanted, queries.JOB_SORTS, paging)
        enterprises = queries.tenants_of(session, page.rows)
        groups = queries.group_labels(session, page.rows)
    return render_template(
        "installing/everywhere.html",
        page=page,
        text=text,
        enterprises=enterprises,
        groups=groups,
        states={job.id: queries.state_of(job, today) for job in page.rows},
        state_labels=STATE_LABELS,
        link=_link,
        chips=_chips(state),
        narrowed=bool(text or state),
    )


def _link(**changes: str | int | None) -> str:
    return list_address("all_jobs.index", changes)


def _chips(state: str) -> list[dict[str, Any]]:
    words = {each.value: translate(label) for each, label in STATE_LABELS.items()}
    return [
        {
            "label": _("状态"),
            "value": words.get(state, ""),
            "clear": _link(state=None),
            "options": [(text, _link(state=code), code == state) for code, text in words.items()],
        }
    ]

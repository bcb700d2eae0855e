"""Reading the log: all of it for the auditor, a tenant's own part for its administrator."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access.permissions import Permission
from portal.audit import queries, sentences, words
from portal.audit.models import AuditRecord
from portal.audit.queries import Filter, LogPage
from portal.audit.stamps import stamp_of
from portal.audit.views.vocabulary import WORDS
from portal.core import clock
from portal.core.database import system_session
from portal.core.messages import Message
from portal.web.access import needs
from portal.web.i18n import translate
from portal.web.paging import list_address, whole
from portal.web.state import ctx

blueprint = Blueprint("audit", __name__)

_LONGEST_TEXT = 100
_YEARS = range(2000, 2200)


@blueprint.get("/admin/audit")
@needs(Permission.AUDIT_VIEW)
def index() -> str:
    """This function will show the log of the whole installation."""
    with system_session(reason="audit page") as session:
        return _page(session, across=True)


@blueprint.get("/e/<enterprise:enterprise_id>/audit")
@needs(Permission.TENANT_AUDIT_VIEW)
def tenant() -> str:
    """This function will show the log of one tenant."""
    return _page(ctx().session, across=False)


def _page(session: Session, *, across: bool) -> str:
    wanted = asked_filter(across=across)
    page = queries.log_page(session, wanted, _number("before"))
    chosen = _chosen(session, page)
    ids = [record.tenant_id for record in page.records] + ([chosen.tenant_id] if chosen else [])
    return render_template(
        "audit/log.html",
        page=page,
        wanted=wanted,
        across=across,
        chosen=chosen,
        tenants=queries.tenant_names(session, ids) if across else {},
        chips=chips_of(wanted),
        kept=wanted.named(),
        link=_link,
        is_first="before" not in request.args,
        export_href=url_for(f"audit_export.{'index' if across else 'tenant'}", **wanted.named()),
        today=clock.today(),
        title=sentences.title,
        summary=summary_of,
        details=details_of,
        stamp_of=stamp_of,
        outcomes=words.OUTCOMES,
        layers=words.LAYERS,
    )


def asked_filter(*, across: bool) -> Filter:
    """This function will return the filter that stands in the address; nonsense in it looks for nothing."""
    return Filter(
        group=_one_of("group", words.GROUPS),
        outcome=_one_of("outcome", words.OUTCOMES),
        layer=_one_of("layer", words.LAYERS),
        actor=_text("actor"),
        target=_text("target"),
        enterprise_id=_text("enterprise") if across else "",
        text=_text("q"),
        since=_day("since"),
        until=_day("until"),
    )


def _link(**changes: str | int | None) -> str:
    """The address of this list with some parameters changed; None takes one away. A new filter begins at the newest."""
    return list_address(request.endpoint or "", changes, places=("before", "record"))


def chips_of(wanted: Filter) -> list[dict[str, Any]]:
    """This function will return what is looked for, and could be, as the bar above the list shows it."""
    return [
        _days_chip(wanted),
        _chip(_("动作"), "group", wanted.group, words.GROUPS),
        _chip(_("三层"), "layer", wanted.layer, words.LAYERS),
        _chip(_("结果"), "outcome", wanted.outcome, words.OUTCOMES),
        *(
            _chip(label, name, value, {})
            for label, name, value in (
                (_("经办人"), "actor", wanted.actor),
                (_("对象"), "target", wanted.target),
                (_("企业 ID"), "enterprise", wanted.enterprise_id),
            )
            if value
        ),
    ]


def _chip(label: str, name: str, value: str, choices: Mapping[str, Message]) -> dict[str, Any]:
    word = translate(choices[value]) if value in choices else value
    options = [(translate(text), _link(**{name: code}), code == value) for code, text in choices.items()]
    return {"label": label, "value": word, "clear": _link(**{name: None}), "options": options}


def _days_chip(wanted: Filter) -> dict[str, Any]:
    since, until = wanted.since, wanted.until
    value = " – ".join(day.isoformat() if day else "…" for day in (since, until)) if since or until else ""
    today = clock.today()
    options = [
        (label, _link(since=(today - timedelta(days=days - 1)).isoformat(), until=None), False)
        for days, label in ((1, _("今天")), (7, _("近 7 天")), (30, _("近 30 天")))
    ]
    return {"label": _("时间"), "value": value, "clear": _link(since=None, until=None), "options": options}


def _chosen(session: Session, page: LogPage) -> AuditRecord | None:
    number = _number("record")
    if number is None:
        return None
    on_page = next((record for record in page.records if record.seq == number), None)
    return on_page or queries.get_record(session, number)


def summary_of(record: AuditRecord) -> Message:
    """This function will return what the record's event happened to, in words; 已销毁 where its key was destroyed."""
    if not record.opened.is_readable:
        return words.DESTROYED
    return sentences.summary(record.event, record.told_title, record.told_details, WORDS)


def details_of(record: AuditRecord) -> list[tuple[Message, str | Message]]:
    """This function will return the record's details with their names, in words."""
    return sentences.detail_lines(record.told_details, WORDS)


def _one_of(name: str, known: Mapping[str, Message]) -> str:
    value = request.args.get(name, "")
    return value if value in known else ""


def _text(name: str) -> str:
    # PostgreSQL knows no text with a NUL in it
    return request.args.get(name, "").replace("\0", "").strip()[:_LONGEST_TEXT]


def _number(name: str) -> int | None:
    value = request.args.get(name, type=whole)
    return value if value is not None and 0 < value < queries.LARGEST_NUMBER else None


def _day(name: str) -> date | None:
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if _YEARS.start <= day.year < _YEARS.stop else None

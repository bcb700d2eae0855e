"""The queue at the left of the desk: its lines as the address filters them, its age and load, and who looks at what."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _

from portal.access.acl import Reach
from portal.access.permissions import Permission
from portal.access.policy import reach_of_role
from portal.access.roles import Role
from portal.content.kinds import KINDS, Kind
from portal.core import clock
from portal.core.database import system_session
from portal.desk.filters import LATE_AFTER, ONLY, QueueFilter, is_small
from portal.desk.queries import Load, Waiting, backlog, decided_today, waiting
from portal.review.presence import lookers
from portal.web.i18n import translate
from portal.web.state import state


def waiting_lines() -> list[Waiting]:
    """This function will return all that waits for the reader, read anew."""
    with system_session(reason="the review queue") as system:
        return waiting(system, state().actor)


def filter_asked() -> QueueFilter:
    """This function will return the filter that the address of the request names."""
    if "queue_filter" not in g:
        g.queue_filter = QueueFilter.of(request.args.get("only", ""), request.args.get("kind", ""))
    found: QueueFilter = g.queue_filter
    return found


def filtered(lines: Sequence[Waiting], here: str | None = None) -> list[Waiting]:
    """This function will return the lines that the filter wants, and the one that is open, where it stands."""
    wanted = {line.id for line in filter_asked().of_lines(lines, clock.now())}
    return [line for line in lines if line.id in wanted or line.id == here]


def address(line: Waiting) -> str:
    """This function will return the address of a line's page, with the filter kept."""
    enterprise_id = line.entry.tenant.enterprise_id
    return url_for("desk.submission", enterprise_id=enterprise_id, submission_id=line.id, **filter_asked().query)


def may_decide() -> bool:
    """This function will tell whether the reader's role decides, whatever lists say of single enterprises."""
    return reach_of_role(Role(state().actor.role), Permission.REVIEW_DECIDE) is Reach.HELD


def queue_parts(lines: Sequence[Waiting], here: str | None, href: Callable[..., str]) -> dict[str, Any]:
    """This function will return what the queue beside a page needs; `href` gives the page's address with another filter."""
    own = state().actor.user_id
    with system_session(reason="what waits, who decided how much today, and who looks at what now") as system:
        load, today, looks = backlog(system, state().actor), decided_today(system), lookers(system, own)
    asked = filter_asked()
    return {
        "lines": filtered(lines, here),
        "backlog": load,
        "filter_label": _label(asked),
        "sheet": url_for("desk_sheet.queue", **asked.query),
        "options": _options(asked, lines, href),
        "current": here,
        "address": address,
        "load": load_words,
        "late_hours": LATE_AFTER.total_seconds() / 3600,
        "now": clock.now(),
        "today": today,
        "done_today": next((count for user_id, _name, count in today if user_id == own), 0),
        "looks": {one: [person.name for person in people] for one, people in looks.items()},
        "small": sum(is_small(line) for line in lines),
        "decides": may_decide(),
    }


def load_words(load: Load) -> str:
    """This function will say what a submission holds: 推荐位 · 跑马灯 3 处."""
    words = " · ".join(translate(KINDS[kind].label) for kind in load)
    return str(_("%(kinds)s %(n)d 处", kinds=words, n=sum(load.values())))


def _label(asked: QueueFilter) -> str:
    words = [translate(ONLY[asked.only])] if asked.only else []
    if asked.kind is not None:
        words.append(translate(KINDS[asked.kind].label))
    return " · ".join(words) or str(_("全部"))


def _options(
    asked: QueueFilter, lines: Sequence[Waiting], href: Callable[..., str]
) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """The choices of the filter in their two groups: words, address, whether it is the current one. Kinds are those that wait."""
    waiting_kinds = {kind for line in lines for kind in line.load} | {asked.kind}
    by_state = [(str(_("全部")), href(**QueueFilter("", asked.kind).query), not asked.only)]
    by_state += [
        (translate(words), href(**QueueFilter(only, asked.kind).query), only == asked.only)
        for only, words in ONLY.items()
    ]
    by_kind = [(str(_("全部内容")), href(**QueueFilter(asked.only).query), asked.kind is None)]
    by_kind += [
        (translate(KINDS[kind].label), href(**QueueFilter(asked.only, kind).query), kind is asked.kind)
        for kind in Kind
        if kind in waiting_kinds
    ]
    return [(str(_("哪些送审")), by_state), (str(_("哪种内容")), by_kind)]

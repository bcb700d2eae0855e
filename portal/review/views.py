"""Handing in, and what became of it: the tenant's side of the review."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.content.commands import Saved
from portal.content.discarding import discard_drafts
from portal.content.editing import handing_in
from portal.content.kinds import KINDS, Kind
from portal.content.marquee.rules import Marquee
from portal.content.queries import get_object
from portal.content.states import RevisionState
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, Refused
from portal.core.messages import N_
from portal.review.commands import withdraw_submission
from portal.review.comments import threads_of
from portal.review.drafts import Draft, drafts_of
from portal.review.forms import SubmitForm
from portal.review.listing import SORTS, Line, counts_by_state, lines_of, sorts
from portal.review.listing import submissions as submissions_of
from portal.review.naming import names_for
from portal.review.queries import display_names, get_submission
from portal.review.showing import changed, field_names, place, what
from portal.review.stamps import submission_stamps
from portal.review.submitting import Chosen, submit_for_review
from portal.review.talking import take_comment
from portal.review.titles import veiled_in
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.exports import Column, hand_out, state_word
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.paging import Page, Paging, paged
from portal.web.rendering import translated
from portal.web.state import ctx, drawing, features

blueprint = Blueprint("review", __name__, url_prefix="/e/<enterprise:enterprise_id>/submissions")

FILTERS = (
    RevisionState.SUBMITTED,
    RevisionState.RETURNED,
    RevisionState.APPROVED,
    RevisionState.PUBLISHED,
    RevisionState.WITHDRAWN,
)


@handing_in.register
def hand_in_saved(context: Context, saved: Saved) -> None:
    """This function will hand in one draft that an editor just saved; a marquee marked as urgent goes ahead of the rest."""
    payload = get_object(context.session, saved.object_id).envelope.payload
    urgent = isinstance(payload, Marquee) and payload.urgent
    submit_for_review(context, [Chosen(saved.object_id, saved.sha256)], title="", urgent=urgent)


@blueprint.get("/")
@needs(Permission.REVIEW_VIEW)
def submissions() -> str:
    """This function will list what was handed in, newest first."""
    return render_template("review/submissions.html", **_listed())


@blueprint.post("/")
@needs(Permission.REVIEW_VIEW, reads=True)
def export() -> Response:
    """This function will hand the list out as Excel."""
    listed = _listed()
    loads, names, page = listed["loads"], listed["names"], listed["page"]
    columns: list[Column[Line]] = [
        Column(_("标题"), 40, lambda line: line.submission.title),
        Column(_("内容"), 30, lambda line: loads[line.id]),
        Column(_("送审人"), 14, lambda line: names.get(line.submission.submitted_by)),
        Column(_("送审时间"), 20, lambda line: line.submission.submitted_at),
        Column(_("状态"), 14, lambda line: state_word(line.state)),
        Column(_("定时发布"), 20, lambda line: line.submission.publish_at),
    ]
    return hand_out("submissions", N_("我的送审"), Page(listed["lines"], page.total, page.paging), columns)


def _listed() -> dict[str, Any]:
    session = ctx().session
    state = _state()
    text = request.args.get("q", "").strip()[:80]
    veiled = veiled_in(session)
    paging = Paging.from_request(SORTS, default="submitted", descending=True)
    page = paged(session, submissions_of(state, text, veiled), sorts(veiled), paging)
    lines = lines_of(session, page.rows)
    return {
        "page": page,
        "lines": lines,
        "loads": _loads(lines),
        "blocked": {line.id for line in lines if line.is_blocked(features())},
        "names": display_names(session, [line.submission.submitted_by for line in lines]),
        "counts": counts_by_state(session),
        "states": FILTERS,
        "state": state,
        "text": text,
        "href": lambda number: _page_href(page, number),
    }


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.CONTENT_SUBMIT)
def submit() -> Response | str | tuple[str, int]:
    """This function will show every draft, all chosen, or hand in exactly what was seen and chosen."""
    form = SubmitForm()
    if request.method != "POST":
        return _show_drafts(form, None)
    chosen = form.chosen()
    if not form.read():
        return _show_drafts(form, chosen), 422
    try:
        submission_id = submit_for_review(
            ctx(),
            chosen,
            title=(form.title.data or "").strip(),
            note=(form.note.data or "").strip(),
            publish_at=form.moment(),
            urgent=bool(form.urgent.data),
        )
    except (Conflict, Invalid, Refused) as refusal:
        ctx().session.rollback()
        return _show_refusal(form, chosen, refusal), refusal.status
    flash(ngettext("已提交 %(num)d 项，等待审核。", "已提交 %(num)d 项，等待审核。", len(chosen)), "ok")
    return redirect(url_for("review.submission", submission_id=submission_id), 303)


@blueprint.post("/new/discard")
@needs(Permission.CONTENT_EDIT)
def discard() -> Response:
    """This function will drop the drafts that were chosen, in the versions that the page showed."""
    chosen = [value.partition(":") for value in request.form.getlist("version")]
    discard_drafts(
        ctx(), {object_id: int(version) if version.isdigit() else 0 for object_id, _colon, version in chosen}
    )
    flash(ngettext("已放弃 %(num)d 份草稿。", "已放弃 %(num)d 份草稿。", len(chosen)), "ok")
    return redirect(url_for("review.submit"), 303)


@blueprint.get("/<id:submission_id>")
@needs(Permission.REVIEW_VIEW)
def submission(submission_id: str) -> str:
    """This function will show one submission: each object with its change, its state and what the reviewer said."""
    session = ctx().session
    view = get_submission(session, submission_id)
    sides = [side for item in view.items for side in (item.before_envelope, item.envelope)]
    names = names_for(session, group_tree(session), sides)
    people = [view.submission.submitted_by, *(item.item.decided_by for item in view.items)]
    return render_template(
        "review/submission.html",
        view=view,
        cases=[(item, changed(item.before_envelope, item.envelope, names)) for item in view.items],
        names=display_names(session, people),
        blocked={item.revision.id for item in view.items if item.is_blocked(features())},
        open=view.of_state(RevisionState.SUBMITTED, RevisionState.APPROVED),
        threads=threads_of(session, view),
        stamps=submission_stamps(session, view),
        crumbs=[(_("我的送审"), url_for("review.submissions")), (translated(view.submission.title), None)],
    )


@blueprint.post("/<id:submission_id>/comments")
@needs(Permission.REVIEW_COMMENT)
def comment(submission_id: str) -> Response | str:
    """This function will leave a comment on one object of a submission."""
    return take_comment(submission_id, url_for("review.submission", submission_id=submission_id))


@blueprint.post("/<id:submission_id>/withdraw")
@needs(Permission.CONTENT_SUBMIT)
def withdraw(submission_id: str) -> Response:
    """This function will take back what of a submission is not on air yet."""
    count = withdraw_submission(ctx(), submission_id)
    words = ngettext("已撤回 %(num)d 项，内容回到草稿。", "已撤回 %(num)d 项，内容回到草稿。", count)
    flash(words, "ok")
    return redirect(url_for("review.submission", submission_id=submission_id), 303)


def _show_drafts(form: SubmitForm, chosen: list[Chosen] | None, **more: Any) -> str:
    reader = drawing()
    drafts = drafts_of(reader, features())
    groups: dict[Kind, list[Draft]] = {}
    for draft in drafts:
        groups.setdefault(draft.view.envelope.kind, []).append(draft)
    ticked = None if chosen is None else {one.object_id for one in chosen}
    return render_template(
        "review/submit.html",
        form=form,
        groups=[(translate(KINDS[kind].label), found) for kind, found in groups.items()],
        total=len(drafts),
        ticked={draft.view.id for draft in drafts if _is_ticked(draft, ticked)},
        lines={
            draft.view.id: (what(draft.on_air, draft.view.envelope), field_names(draft.changes)) for draft in drafts
        },
        place=place,
        people=display_names(reader.session, [draft.view.newest.author_id for draft in drafts]),
        may_be_urgent=any(draft.view.envelope.kind is Kind.MARQUEE for draft in drafts),
        **{"changed_meanwhile": "", "errors": {}, **more},
    )


def _is_ticked(draft: Draft, ticked: set[Any] | None) -> bool:
    if draft.blocked:
        return False
    kinds = request.args.getlist("kind")
    if ticked is None:
        return not kinds or draft.view.envelope.kind.value in kinds
    return draft.view.id in ticked


def _show_refusal(form: SubmitForm, chosen: list[Chosen], refusal: Conflict | Invalid | Refused) -> str:
    if isinstance(refusal, Conflict):
        return _show_drafts(form, chosen, changed_meanwhile=translate(refusal.message))
    if isinstance(refusal, Refused):
        form.form_errors = [*form.form_errors, translate(refusal.message)]
        return _show_drafts(form, chosen)
    show_errors(form, refusal)
    objects = {key: [translate(one) for one in found] for key, found in refusal.errors.items() if key not in form}
    return _show_drafts(form, chosen, errors=objects)


def _loads(lines: Iterable[Line]) -> Mapping[str, str]:
    """What each submission holds: 跑马灯 2 · 推荐位 1."""
    words = {kind: translate(spec.label) for kind, spec in KINDS.items()}
    return {line.id: " · ".join(f"{words[kind]} {count}" for kind, count in line.kinds.items()) for line in lines}


def _state() -> RevisionState | None:
    asked = request.args.get("state", "")
    return RevisionState(asked) if asked in {state.value for state in FILTERS} else None


def _page_href(page: Page[Any], number: int) -> str:
    kept: Mapping[str, Any] = {
        name: request.args[name] for name in ("state", "q", "sort", "size") if name in request.args
    }
    return url_for("review.submissions", page=number, **kept)

"""The page of one access list, the same for the security administrator's three and for a tenant's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.acl import ROOT, Acl, Effect
from portal.access.permissions import Permission
from portal.administration import entries
from portal.administration.choices import ACL_LABELS, ACL_SCOPES, choices_of
from portal.administration.commands.entries import add_entry, remove_entry
from portal.administration.forms import EFFECT_LABELS, EntryForm, read_place, shown, value_of
from portal.administration.paths import path_of
from portal.administration.people import verdicts
from portal.core.errors import Invalid
from portal.core.messages import N_
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.state import ctx

Page = Response | str | tuple[str, int]


@dataclass(frozen=True)
class Where:
    """The endpoints of a list's page, and what their addresses need."""

    blueprint: str
    acl: Acl
    arguments: Mapping[str, Any]

    def url(self, view: str, **more: Any) -> str:
        """This function will return the address of one of the list's views."""
        return url_for(f"{self.blueprint}.{view}", **self.arguments, **more)


def show(where: Where, form: EntryForm | None = None) -> str:
    """This function will show a list with the form of a new entry."""
    choices = choices_of(ctx(), where.acl)
    new = form or EntryForm(formdata=None)
    new.offer(choices)
    return render_template(
        "administration/acl.html",
        where=where,
        form=new,
        rows=entries.listed(ctx().session, where.acl),
        choices=choices,
        effects=EFFECT_LABELS,
        tabs=[(one, ACL_LABELS[one]) for one in (Acl.SYSTEM, Acl.USER, Acl.APPLICATION)],
        label=ACL_LABELS[where.acl],
        scope=ACL_SCOPES[where.acl],
        place_of=entries.place_of,
        subject_of=entries.subject_of,
        shown=shown,
    )


def export(where: Where) -> Response:
    """This function will hand a list's entries out as Excel."""
    choices = choices_of(ctx(), where.acl)
    columns: list[Column[entries.Listed]] = [
        Column(_("允许或禁止"), 10, lambda one: EFFECT_LABELS[Effect(one.row.effect)]),
        Column(_("对谁"), 30, lambda one: shown(choices.subject_label(entries.subject_of(one.row)))),
        Column(_("权限"), 30, lambda one: shown(choices.permission_label(one.row.permission))),
        Column(_("管什么"), 30, lambda one: shown(choices.place_label(entries.place_of(one.row)))),
        Column(_("说明"), 40, lambda one: one.row.note),
        Column(_("加入"), 16, lambda one: one.added_by),
        Column(_("时间"), 20, lambda one: one.row.created_at),
    ]
    label = ACL_LABELS[where.acl]
    found = entries.listed(ctx().session, where.acl)
    return hand_out_sheets("acl", N_("访问控制：%(list)s", list=label), [Sheet(translate(label), found, columns)])


def add(where: Where) -> Page:
    """This function will add what was entered to the list."""
    form = EntryForm()
    try:
        add_entry(ctx(), where.acl, form.entry())
    except Invalid as invalid:
        ctx().session.rollback()
        show_errors(form, invalid)
        return show(where, form), invalid.status
    flash(_("已加入，从下一次操作起生效。"), "ok")
    return redirect(where.url("index"), 303)


def remove(where: Where, entry_id: str) -> Response:
    """This function will remove an entry of the list."""
    remove_entry(ctx(), where.acl, entry_id)
    flash(_("已删除，从下一次操作起生效。"), "ok")
    return redirect(where.url("index"), 303)


def who(where: Where) -> str:
    """This function will show who can do one thing at one place, and for each person why or why not."""
    choices = choices_of(ctx(), where.acl)
    offered = [one for one in choices.permissions if one in set(Permission)]
    permission = Permission(next((one for one in offered if one == request.args.get("permission")), offered[0]))
    place = read_place(request.args.get("place"))
    place = place if place in choices.places else ROOT
    found = verdicts(ctx(), choices, permission, [path_of(ctx(), where.acl, place or ROOT)])
    text = request.args.get("q", "").strip().lower()[:80]
    return render_template(
        "administration/acl_who.html",
        where=where,
        label=ACL_LABELS[where.acl],
        permissions=[(one, shown(choices.permissions[one])) for one in offered],
        permission=permission.value,
        places=[(value_of(one), shown(label)) for one, label in choices.places.items()],
        place=value_of(place or ROOT),
        text=text,
        found=[
            one for one in found if not text or text in f"{shown(one.candidate.name)} {one.candidate.username}".lower()
        ],
        shown=shown,
    )

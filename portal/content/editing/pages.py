"""The one way an editor page takes: load, or save and lead back; conflicts, stakes and errors shown with nothing lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.catalog.features import Feature
from portal.content.autosaving import autosave_draft, autosave_new
from portal.content.commands import APPROVAL_AT_STAKE, Manner, Saved, create_draft, may_change, save_draft
from portal.content.editing.acts import Leave, Page, at_stake, delete, discard
from portal.content.editing.forms import EnvelopeForm
from portal.content.editing.frame import groups, locked_groups, nodes, show
from portal.content.editing.handing_in import hand_in
from portal.content.editing.links import page_of
from portal.content.editing.quiet import conflict_answer, refused_answer, saved_answer, wrong_answer
from portal.content.editing.sides import shown_fields, side_by_side, typed_fields
from portal.content.kinds import Kind
from portal.content.queries import ObjectView, get_object, names_of, saved_by
from portal.content.states import LABELS
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import ObjectId, is_id, new_id
from portal.core.messages import N_
from portal.web.access import needs
from portal.web.errors import wants_json
from portal.web.formats import short_moment
from portal.web.i18n import translate
from portal.web.state import ctx, drawing, state

__all__ = ["Editor", "Page"]

Extras = Callable[[Any, ObjectView | None], Mapping[str, Any]]


def _nothing(form: EnvelopeForm, view: ObjectView | None) -> Mapping[str, Any]:
    return {}


def _untouched(form: EnvelopeForm) -> None:
    return None


def mount_acts(
    blueprint: Blueprint, feature: Feature, part: str = "", path: str = "", leave: Leave | None = None
) -> None:
    """This function will give a blueprint `delete` and `discard` for its objects, which lead to `leave` or to its index."""
    mark = needs(Permission.CONTENT_EDIT, feature=feature)
    for name, act in (("delete", delete), ("discard", discard)):
        view = mark(_view(act, blueprint.name, leave))
        blueprint.add_url_rule(f"{path}/<id:object_id>/{name}", _named(name, part), view, methods=["POST"])


def _view(act: Callable[..., Page], *first: Any) -> Callable[..., Page]:
    """An act as a view of its own, which can be marked, with the act's name and docstring."""
    return update_wrapper(partial(act, *first), act)


def _named(act: str, part: str) -> str:
    return f"{act}_{part}" if part else act


@dataclass(frozen=True)
class Editor:
    """One kind's editor: its form, its blueprint, and what its template needs beside.

    `template` is `<blueprint>/edit.html` unless named. `extras` gives it more; `prepare` runs before a save, outside any
    transaction, for uploads that the form carries, and raises `Invalid`. `fill` sets what a new form begins with. `back`
    says, from the form and the object's id, where a save leads, and `leave`, from the id alone, where deleting and discarding do; the
    blueprint's index unless named.
    """

    kind: Kind
    form: type[EnvelopeForm]
    blueprint: str
    extras: Extras = _nothing
    prepare: Callable[[Any], None] = _untouched
    fill: Callable[[Any], None] = _untouched
    back: Callable[[Any, str | None], str] | None = None
    template: str = ""
    leave: Leave | None = None

    def mount(self, blueprint: Blueprint, feature: Feature, part: str = "", path: str = "") -> None:
        """This function will give a blueprint the editor's pages and the acts on one object.

        They are called `new`, `edit`, `delete` and `discard`, with `_<part>` behind where a blueprint has several editors, and
        stand below `path`.
        """
        self.mount_pages(blueprint, feature, part, path)
        mount_acts(blueprint, feature, part, path, self.leave)

    def mount_pages(self, blueprint: Blueprint, feature: Feature, part: str, path: str) -> None:
        """This function will give a blueprint the pages `new` and `edit` alone; see `mount`."""
        both = ["GET", "POST"]
        _mounted[self.kind] = self
        mark = needs(Permission.CONTENT_EDIT, feature=feature)
        blueprint.add_url_rule(f"{path}/new", _named("new", part), mark(_view(self.new)), methods=both)
        blueprint.add_url_rule(f"{path}/<id:object_id>", _named("edit", part), mark(_view(self.edit)), methods=both)

    def new(self) -> Page:
        """This function will show the empty form, or create an object from what was typed."""
        form = self.form()
        if request.method != "POST":
            _aim_at_own_group(form)
            self.fill(form)
            return self._show(form, None)
        if wants_json():
            return self._take_quietly(form, None)
        return self._take(form, None, lambda: self._create(form))

    def edit(self, object_id: str) -> Page:
        """This function will show an object's newest content in the form, or save what was typed as its draft."""
        form = self.form()
        if request.method != "POST":
            view = get_object(ctx().session, object_id, self.kind)
            form.load(view.envelope, view.object.version)
            form.classification.data = view.object.classification
            return self._show(form, view)
        if wants_json():
            return self._take_quietly(form, object_id)
        return self._take(form, object_id, lambda: self._save(form, object_id))

    def _take_quietly(self, form: EnvelopeForm, object_id: str | None) -> Response:
        """Save what a page sends by itself, and answer it; see `quiet.py`."""
        chosen = ObjectId(object_id) if object_id else _chosen_id()
        try:
            self.prepare(form)
            saved = self._autosave(form, object_id, chosen)
        except Invalid as invalid:
            return wrong_answer(form, invalid)
        except Refused as refused:
            return refused_answer(refused)
        except Conflict as conflict:
            view = get_object(drawing().session, chosen, self.kind)
            return conflict_answer(self._sides(form, view), view.object.version, conflict.status)
        return saved_answer(saved, page_of(self.kind, saved.object_id) or "")

    def _autosave(self, form: EnvelopeForm, object_id: str | None, chosen: ObjectId) -> Saved:
        version = form.version.data or 0
        if object_id is None:
            _check_own_group(form)
            return autosave_new(ctx(), self.kind, chosen, version, form.entered(), manner=_manner(Manner.QUIETLY))
        if may_change(ctx(), get_object(ctx().session, object_id, self.kind)):
            _check_own_group(form)
        return autosave_draft(ctx(), self.kind, object_id, version, form.entered(), manner=_manner(Manner.QUIETLY))

    def _create(self, form: EnvelopeForm) -> Saved:
        _check_own_group(form)
        return create_draft(ctx(), self.kind, form.entered())

    def _save(self, form: EnvelopeForm, object_id: str) -> Saved:
        if may_change(ctx(), get_object(ctx().session, object_id, self.kind)):
            _check_own_group(form)
        void = form.void_approval.data == "1"
        version = form.version.data or 0
        return save_draft(
            ctx(), self.kind, object_id, version, form.entered(), void_approval=void, manner=_manner(Manner.ASKED)
        )

    def _take(self, form: EnvelopeForm, object_id: str | None, save: Callable[[], Saved]) -> Page:
        try:
            self.prepare(form)
            if form.changes_rows():
                return self._show(form, self._view(object_id))
            saved = save()
            if request.form.get("submit_now"):
                hand_in(ctx(), saved)
        except Invalid as invalid:
            form.show(invalid)
            return self._show(form, self._view(object_id)), invalid.status
        except Refused as refused:
            return self._refuse(form, object_id, refused)
        except Conflict as conflict:
            if object_id is None:
                raise
            return self._show_conflict(form, object_id), conflict.status
        flash(_("已提交审核。") if request.form.get("submit_now") else _("草稿已保存。"), "ok")
        return redirect(self._back(form, saved.object_id), 303)  # type: ignore[return-value]

    def _refuse(self, form: EnvelopeForm, object_id: str | None, refused: Refused) -> Page:
        if refused.code == APPROVAL_AT_STAKE and object_id is not None:
            page = at_stake(refused.message, self._back(form, object_id), form.typed(), form.version.data)
            return page, refused.status
        form.form_errors.append(translate(refused.message))
        return self._show(form, self._view(object_id)), refused.status

    def _show(self, form: EnvelopeForm, view: ObjectView | None) -> str:
        drawing()
        tree = groups()
        return show(
            self.template or f"{self.blueprint}/edit.html",
            form=form,
            view=view,
            back=self._back(form, view.id if view else None),
            kind=self.kind,
            new_id=None if view else new_id(),
            tree=tree,
            groups=nodes(tree),
            locked_groups=locked_groups(tree),
            fixed=state().read_only or not (view is None or may_change(ctx(), view)),
            state_label=translate(LABELS[view.state]) if view else _("还没有保存"),
            **self.extras(form, view),
        )

    def _show_conflict(self, form: EnvelopeForm, object_id: str) -> str:
        """Both versions stand side by side; whoever saves again names the newest version and so decides."""
        view = get_object(drawing().session, object_id, self.kind)
        return render_template(
            "content/conflict.html",
            **self._sides(form, view),
            action=request.path,
            version=view.object.version,
            typed=list(form.typed()),
        )

    def _sides(self, form: EnvelopeForm, view: ObjectView) -> Mapping[str, Any]:
        """What both sides of a conflict say, field by field, and who saved the other one when."""
        saver = saved_by(ctx().session, view.newest)
        return {
            "rows": side_by_side(typed_fields(self.kind, form), shown_fields(view.envelope)),
            "name": names_of(ctx().session, [saver]).get(saver or "", ""),
            "at": short_moment(view.newest.saved_at),
        }

    def _view(self, object_id: str | None) -> ObjectView | None:
        return None if object_id is None else get_object(ctx().session, object_id, self.kind)

    def _back(self, form: EnvelopeForm, object_id: str | None) -> str:
        return self.back(form, object_id) if self.back else url_for(f"{self.blueprint}.index")


_mounted: dict[Kind, Editor] = {}


def editor_of(kind: Kind) -> Editor:
    """This function will return the editor of a kind; raises `NotFound` for a kind that has none."""
    found = _mounted.get(kind)
    if found is None:
        raise NotFound
    return found


def _manner(otherwise: Manner) -> Manner:
    """Over the other one's draft, where somebody saw both sides of a conflict and chose the own one."""
    return Manner.OVER if request.form.get("over_another") == "1" else otherwise


def _chosen_id() -> ObjectId:
    """The id that the portal gave to the page of a new object; raises `NotFound` for anything else."""
    chosen = request.form.get("object_id", "")
    if not is_id(chosen) or chosen[_VERSION_AT] != "7":
        raise NotFound
    return ObjectId(chosen)


_VERSION_AT = 14  # where a UUID says which kind it is


def _aim_at_own_group(form: EnvelopeForm) -> None:
    actor = state().actor
    if actor.role == Role.GROUP_EDITOR and actor.group_id is not None:
        form.targets.data = [actor.group_id]


def _check_own_group(form: EnvelopeForm) -> None:
    """A group editor who forgot to choose a group made a slip; one who chose somebody else's is refused by the command."""
    if state().actor.role == Role.GROUP_EDITOR and not form.targets.data:
        raise Invalid({"targets": N_("请选择您管理的分组。")})

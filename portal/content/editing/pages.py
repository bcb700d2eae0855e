"""The one way an editor page takes: load, or save and lead back; conflicts, stakes and errors shown with nothing lost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.accounts.models import User
from portal.content.commands import (
    APPROVAL_AT_STAKE,
    Saved,
    create_draft,
    delete_object,
    discard_draft,
    save_draft,
)
from portal.content.describe import field_list
from portal.content.editing.forms import EnvelopeForm
from portal.content.editing.handing_in import hand_in
from portal.content.envelope import make_envelope
from portal.content.kinds import Kind
from portal.content.queries import ObjectView, get_object
from portal.content.states import LABELS
from portal.core.errors import Conflict, Invalid, Refused
from portal.tenants.queries import group_tree
from portal.tenants.tree import GroupTree
from portal.web.formats import short_moment
from portal.web.i18n import translate
from portal.web.state import ctx, state

Extras = Callable[[EnvelopeForm, ObjectView | None], Mapping[str, Any]]


def _nothing(form: EnvelopeForm, view: ObjectView | None) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Editor:
    """One kind's editor: its form, its blueprint (endpoints `index`, `new`, `edit`), and what its template needs beside.

    The template is `<blueprint>/edit.html`. `extras` gives it more; `prepare` runs before a save, outside any
    transaction, for uploads that the form carries, and raises `Refused` where one is not taken.
    """

    kind: Kind
    form: type[EnvelopeForm]
    blueprint: str
    extras: Extras = _nothing
    prepare: Callable[[Any], None] = field(default=lambda form: None)

    def new(self) -> Response | str | tuple[str, int]:
        """This function will show the empty form, or create an object from what was typed."""
        form = self.form()
        if request.method == "GET":
            return self._show(form, None)
        return self._take(form, None, lambda: create_draft(ctx(), self.kind, form.entered()))

    def edit(self, object_id: str) -> Response | str | tuple[str, int]:
        """This function will show an object's newest content in the form, or save what was typed as its draft."""
        form = self.form()
        if request.method == "GET":
            view = get_object(ctx().session, object_id, self.kind)
            form.load(view.envelope, view.object.version)
            return self._show(form, view)
        return self._take(form, object_id, lambda: self._save(form, object_id))

    def _save(self, form: EnvelopeForm, object_id: str) -> Saved:
        return save_draft(
            ctx(),
            self.kind,
            object_id,
            form.version.data or 0,
            form.entered(),
            void_approval=form.void_approval.data == "1",
        )

    def _take(
        self, form: EnvelopeForm, object_id: str | None, save: Callable[[], Saved]
    ) -> Response | str | tuple[str, int]:
        if form.changes_rows():
            return self._show(form, self._view(object_id))
        try:
            self.prepare(form)
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
        return redirect(url_for(f"{self.blueprint}.index"), 303)  # type: ignore[return-value]

    def _refuse(self, form: EnvelopeForm, object_id: str | None, refused: Refused) -> Response | str | tuple[str, int]:
        if refused.code == APPROVAL_AT_STAKE and object_id is not None:
            page = render_template(
                "content/approval_at_stake.html",
                message=translate(refused.message),
                action=request.path,
                back=url_for(f"{self.blueprint}.index"),
                typed=list(form.typed()),
                version=form.version.data,
            )
            return page, refused.status
        form.form_errors.append(translate(refused.message))
        return self._show(form, self._view(object_id)), refused.status

    def _show(self, form: EnvelopeForm, view: ObjectView | None) -> str:
        tree = group_tree(ctx().session)
        return render_template(
            f"{self.blueprint}/edit.html",
            form=form,
            view=view,
            groups=nodes(tree),
            locked_groups=_locked(tree),
            state_label=translate(LABELS[view.state]) if view else "",
            **self.extras(form, view),
        )

    def _show_conflict(self, form: EnvelopeForm, object_id: str) -> str:
        """Both versions stand side by side; whoever saves again names the newest version and so decides."""
        view = get_object(ctx().session, object_id, self.kind)
        author = ctx().session.get(User, view.newest.author_id) if view.newest.author_id else None
        return render_template(
            "content/conflict.html",
            mine=self._typed_fields(form),
            theirs=field_list(view.envelope),
            name=author.display_name if author else "",
            at=short_moment(view.newest.saved_at),
            action=request.path,
            version=view.object.version,
            typed=list(form.typed()),
        )

    def _typed_fields(self, form: EnvelopeForm) -> Sequence[tuple[Any, Any]]:
        entered = form.entered()
        try:
            envelope = make_envelope(
                self.kind,
                dict(entered.payload),
                targets=entered.targets,
                windows=list(entered.windows),
                hidden=entered.hidden,
            )
        except Invalid:
            return [(str(item.label.text), str(item.data or "")) for item in form if item.type == "StringField"]
        return field_list(envelope)

    def _view(self, object_id: str | None) -> ObjectView | None:
        return None if object_id is None else get_object(ctx().session, object_id, self.kind)


def delete(blueprint: str, object_id: str) -> Response:
    """This function will delete an object from its page: at once where nobody saw it, else as a draft that needs review."""
    void = request.form.get("void_approval") == "1"
    saved = delete_object(ctx(), object_id, _version(), void_approval=void)
    flash(_("已删除草稿。") if saved is None else _("删除已存为草稿，审核发布后从屏幕上消失。"), "ok")
    return redirect(url_for(f"{blueprint}.index"), 303)  # type: ignore[return-value]


def discard(blueprint: str, object_id: str) -> Response:
    """This function will drop an object's draft from its page."""
    discard_draft(ctx(), object_id, _version())
    flash(_("已放弃草稿，屏幕上的内容不变。"), "ok")
    return redirect(url_for(f"{blueprint}.index"), 303)  # type: ignore[return-value]


def nodes(tree: GroupTree) -> list[dict[str, Any]]:
    """This function will return the tree as the targets control draws it: roots with their children."""

    def node(group: Any) -> dict[str, Any]:
        return {
            "id": group,
            "name": tree[group].name,
            "boxes": None,
            "children": [node(child) for child in tree.children(group)],
        }

    return [node(group) for group in tree.children(None)]


def _locked(tree: GroupTree) -> frozenset[str]:
    own = state().actor.groups
    return frozenset(node.id for _, node in tree.walk() if node.id not in own) if own else frozenset()


def _version() -> int:
    return request.form.get("version", 0, type=int)

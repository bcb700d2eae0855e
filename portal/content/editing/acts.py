"""Acts of one button: what is at stake is asked first, what is refused is said on a page that leads back."""

from collections.abc import Callable, Iterator, Mapping

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.content.commands import APPROVAL_AT_STAKE
from portal.content.discarding import delete_object, discard_draft
from portal.content.queries import ObjectView, get_object
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import is_id
from portal.core.messages import Message
from portal.web.i18n import translate
from portal.web.paging import whole
from portal.web.state import ctx, drawing

Page = Response | str | tuple[str, int]

_NOT_REPEATED = frozenset({"csrf_token", "void_approval"})


def act(run: Callable[[bool], str], back: str) -> Page:
    """This function will do `run`, which is told whether an approval may be voided, say what it returns, and lead back."""
    try:
        said = run(request.form.get("void_approval") == "1")
    except Invalid as invalid:
        return refusal(sentences(invalid), back), invalid.status
    except Refused as refused:
        if refused.code == APPROVAL_AT_STAKE:
            return at_stake(refused.message, back, _posted()), refused.status
        return refusal([refused.message], back), refused.status
    except Conflict as conflict:
        return refusal([conflict.message], back), conflict.status
    if said:
        flash(said, "ok")
    return redirect(back, 303)  # type: ignore[return-value]


Fields = Mapping[str, str | list[str]]


def offer_undo(said: str, action: str, fields: Fields) -> None:
    """This function will say what was done, with a button on the next page that takes it back by one post of `fields` to `action`."""
    flash({"text": said, "action": action, "fields": dict(fields)}, "undo")  # type: ignore[arg-type]  # kept as JSON


def at_stake(message: Message, back: str, typed: Iterator[tuple[str, str]], version: int | None = None) -> str:
    """This function will ask whether an approval may be voided; saying yes posts the same once more."""
    drawing()
    return render_template(
        "content/approval_at_stake.html",
        message=translate(message),
        action=request.full_path.rstrip("?"),
        back=back,
        typed=list(typed),
        version=version,
    )


def refusal(messages: list[Message], back: str) -> str:
    """This function will say why nothing was done, and lead back."""
    drawing()
    return render_template("content/refused.html", messages=[translate(message) for message in messages], back=back)


def sentences(invalid: Invalid) -> list[Message]:
    """This function will return everything that is wrong, for a page without the fields it speaks of."""
    return [message for found in invalid.errors.values() for message in found]


Leave = Callable[[str], str]


def delete(blueprint: str, leave: Leave | None, object_id: str) -> Page:
    """This function will delete an object: into the recycle bin where nobody saw it, else as a draft that needs review."""
    back = _left(blueprint, leave, object_id)

    def run(void: bool) -> str:
        before = get_object(ctx().session, object_id)
        drawn = before.draft is not None
        saved = delete_object(ctx(), object_id, version(), void_approval=void)
        said = _("已移到回收站。") if saved is None else _("删除已存为草稿，审核发布后从屏幕上消失。")
        now = str(before.object.version)
        # A draft that was only made to say that it goes is dropped again; anything else comes back as it was.
        if saved is not None and not drawn:
            offer_undo(
                said, url_for(f"{blueprint}.{_discards(blueprint, before)}", object_id=object_id), {"version": now}
            )
        else:
            offer_undo(said, url_for("content.restore", object_id=object_id), {"version": now, "back": back})
        return ""

    return act(run, back)


def _discards(blueprint: str, view: ObjectView) -> str:
    """The endpoint that drops the object's draft: a blueprint with several editors has one for each kind."""
    return f"discard_{view.object.kind}" if blueprint == "zone" else "discard"


def discard(blueprint: str, leave: Leave | None, object_id: str) -> Page:
    """This function will drop an object's draft."""

    def run(void: bool) -> str:
        discard_draft(ctx(), object_id, version())
        return str(_("已放弃草稿，屏幕上的内容不变。"))

    return act(run, _left(blueprint, leave, object_id))


def _left(blueprint: str, leave: Leave | None, object_id: str) -> str:
    return leave(object_id) if leave else url_for(f"{blueprint}.index")


def version() -> int:
    """This function will return the version that the page was read at."""
    return request.form.get("version", 0, type=whole)


def chosen_versions(field: str = "chosen") -> dict[str, int]:
    """This function will return what was chosen in a list or a menu, posted as `id:version`; raises `NotFound` for anything else."""
    pairs = [value.partition(":") for value in request.form.getlist(field)]
    if not all(is_id(object_id) and version.isascii() and version.isdigit() for object_id, _colon, version in pairs):
        raise NotFound
    return {object_id: int(version) for object_id, _colon, version in pairs}


def _posted() -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in request.form.items(multi=True) if name not in _NOT_REPEATED)

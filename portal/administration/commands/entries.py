"""Entries of the four access lists: added and removed, never changed, so that the log says all that ever held."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import select

from portal.access.acl import Acl, Effect, Place, Subject
from portal.access.checks import ask
from portal.access.commands import renew
from portal.access.models import AccessEntry, InformationEntry
from portal.access.permissions import Permission
from portal.administration.choices import Choices, choices_of, stands_only_at_root
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Invalid, NotFound
from portal.core.ids import is_id, new_id
from portal.core.messages import N_, Message

LONGEST_NOTE = 200
_AnyEntry = AccessEntry | InformationEntry


@dataclass(frozen=True)
class NewEntry:
    """An entry as somebody entered it; what was not chosen is None."""

    place: Place | None
    permission: str
    effect: Effect | None
    subject: Subject | None
    note: str = ""


def add_entry(ctx: Context, acl: Acl, new: NewEntry) -> str:
    """This function will add an entry to a list and return its id; it counts from the next request on.

    Raises `Invalid` for the fields `place`, `permission`, `effect`, `subject`, `note`.
    """
    ask_to_edit(ctx, acl)
    choices = choices_of(ctx, acl)
    place, effect, subject = _checked(choices, new)
    if _find(ctx, acl, new, place, subject) is not None:
        raise Invalid({"subject": N_("已经有一条说同一件事的条目，请先删除那一条。")})
    row: _AnyEntry = InformationEntry() if acl is Acl.INFORMATION else AccessEntry(acl=acl.value)
    row.id, row.permission, row.effect, row.note = new_id(), new.permission, effect.value, new.note.strip()
    row.place_type, row.place_id = place.type, place.id
    row.subject_type, row.subject_id = subject.type, subject.id
    row.created_at, row.created_by = clock.now(), ctx.actor.user_id
    ctx.session.add(row)
    renew(ctx, acl)
    _record(ctx, Event.ACL_ENTRY_ADDED, choices, row)
    return row.id


def remove_entry(ctx: Context, acl: Acl, entry_id: str) -> None:
    """This function will remove an entry of a list; raises `NotFound`, for an entry of another list too."""
    ask_to_edit(ctx, acl)
    row = _get(ctx, acl, entry_id)
    ctx.session.delete(row)
    renew(ctx, acl)
    _record(ctx, Event.ACL_ENTRY_REMOVED, choices_of(ctx, acl), row)


def ask_to_edit(ctx: Context, acl: Acl) -> None:
    """This function will ask for the permission to edit a list; no list governs it, so nobody locks the lists away."""
    ask(ctx, Permission.TENANT_ACL_MANAGE if acl is Acl.INFORMATION else Permission.ACLS_MANAGE)


def _checked(choices: Choices, new: NewEntry) -> tuple[Place, Effect, Subject]:
    errors: dict[str, Message] = {}
    if new.permission not in choices.permissions:
        errors["permission"] = N_("请选择权限。")
    if new.place is None or new.place not in choices.places:
        errors["place"] = N_("请选择这条规则管什么。")
    elif "permission" not in errors and stands_only_at_root(choices.acl, new.permission, new.place):
        errors["place"] = N_("这项权限不分具体内容，请选择第一项「全部」或它自己的那一项。")
    if new.subject is None or new.subject not in choices.subjects:
        errors["subject"] = N_("请选择对谁。")
    if new.effect is None:
        errors["effect"] = N_("请选择允许或禁止。")
    if len(new.note) > LONGEST_NOTE:
        errors["note"] = N_("说明最多 %(n)d 个字。", n=LONGEST_NOTE)
    if errors or new.place is None or new.effect is None or new.subject is None:
        raise Invalid(errors)
    return new.place, new.effect, new.subject


def _find(ctx: Context, acl: Acl, new: NewEntry, place: Place, subject: Subject) -> _AnyEntry | None:
    table = _table(acl)
    wanted = select(table).where(
        table.place_type == place.type,
        table.place_id == place.id,
        table.permission == new.permission,
        table.subject_type == subject.type,
        table.subject_id == subject.id,
    )
    found: _AnyEntry | None = cast(Any, ctx.session).scalar(
        wanted if acl is Acl.INFORMATION else wanted.where(AccessEntry.acl == acl)
    )
    return found


def _get(ctx: Context, acl: Acl, entry_id: str) -> _AnyEntry:
    table = _table(acl)
    wanted = select(table).where(table.id == entry_id)
    if acl is not Acl.INFORMATION:
        wanted = wanted.where(AccessEntry.acl == acl)
    row: _AnyEntry | None = cast(Any, ctx.session).scalar(wanted) if is_id(entry_id) else None
    if row is None:
        raise NotFound
    return row


def _table(acl: Acl) -> type[AccessEntry] | type[InformationEntry]:
    return InformationEntry if acl is Acl.INFORMATION else AccessEntry


def _record(ctx: Context, event: Event, choices: Choices, row: _AnyEntry) -> None:
    subject = choices.subject_label(Subject(row.subject_type, row.subject_id))
    record(
        ctx,
        event,
        Target("access_entry", row.id, subject),
        acl=choices.acl.value,
        place=choices.place_label(Place(row.place_type, row.place_id)),
        permission=row.permission,
        effect=row.effect,
        subject=subject,
    )

"""Which uses of a file there are, and exchanging it in all that the actor may edit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.content.commands import Change, Saved, may_change, save_together
from portal.content.envelope import Envelope, read_payload
from portal.content.kinds import spec_of
from portal.content.queries import ObjectView, objects
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.messages import N_
from portal.media.queries import asset_infos
from portal.orders.queries import entitlement


@dataclass(frozen=True)
class Plan:
    """What a replacement would change, and what shows the file too and is not the actor's to edit."""

    changing: Sequence[ObjectView]
    untouched: Sequence[ObjectView]


def plan_replacement(ctx: Context, sha256: str) -> Plan:
    """This function will return the objects whose newest content shows a file, deleted ones left out."""
    features = entitlement(ctx.session, ctx.tenant_id, clock.now()).features
    shown = [view for view in objects(ctx.session).values() if _shows(view.envelope, sha256)]
    mine = [view for view in shown if spec_of(view.object.kind).feature in features and may_change(ctx, view)]
    return Plan(mine, [view for view in shown if view not in mine])


def replace_everywhere(ctx: Context, sha256: str, by: str, *, void_approval: bool = False) -> list[Saved]:
    """This function will save drafts in which the file `by` stands wherever `sha256` stood, all or none.

    What the actor may not edit stays as it is. Raises `Forbidden`, `Refused` for a file of another kind or one that is not in the library,
    where nothing is to be changed, and as `save_together` does.
    """
    ask(ctx, Permission.CONTENT_EDIT)
    known = asset_infos(ctx.session, [sha256, by])
    if (
        sha256 not in known
        or by not in known
        or known[by].deleted
        or known[by].kind is not known[sha256].kind
        or by == sha256
    ):
        raise Refused("no_replacement", N_("请选择一个同类的文件，图片换图片，视频换视频。"))
    plan = plan_replacement(ctx, sha256)
    if not plan.changing:
        raise Refused("nothing_to_replace", N_("没有您能改的内容在用这个文件。"))
    changes = [Change(view.id, _exchanged(view.envelope, sha256, by)) for view in plan.changing]
    return save_together(ctx, changes, void_approval=void_approval)


def _shows(envelope: Envelope, sha256: str) -> bool:
    return not envelope.deleted and sha256 in envelope.assets


def _exchanged(envelope: Envelope, sha256: str, by: str) -> Envelope:
    payload = _with(envelope.payload.model_dump(mode="json"), sha256, by)
    return replace(envelope, payload=read_payload(envelope.kind, payload))


def _with(part: Any, sha256: str, by: str) -> Any:
    if isinstance(part, dict):
        return {name: _with(value, sha256, by) for name, value in part.items()}
    if isinstance(part, list):
        return [_with(value, sha256, by) for value in part]
    return by if part == sha256 else part

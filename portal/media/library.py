"""Acts on many files of the library at once: tags, and the recycle bin."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import NotFound, Refused
from portal.core.ids import is_id, new_id
from portal.core.messages import N_
from portal.core.tenancy import unseen_of
from portal.media.limits import CHOSEN_AT_ONCE, TAG_CHARACTERS, TAGS_PER_FILE
from portal.media.models import MediaAsset, MediaTag
from portal.media.queries import tags_of
from portal.media.usage import uses_of


@dataclass(frozen=True)
class Swept:
    """What became of files that were to be deleted: how many went, and the names of those that something still shows."""

    deleted: int
    in_use: tuple[str, ...]


def clean_tag(typed: str) -> str:
    """This function will return a tag as it is kept: NFKC, one line, at most `TAG_CHARACTERS` characters; "" where nothing is left."""
    folded = unicodedata.normalize("NFKC", typed)
    seen = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in folded)
    return " ".join(seen.split())[:TAG_CHARACTERS].strip()


def change_tags(ctx: Context, media_ids: Collection[str], *, add: str = "", remove: str = "") -> int:
    """This function will give a tag to files, or take one from them, and return how many files changed.

    Raises `Forbidden`, `NotFound` where one of the files is not the tenant's, `Refused` without a tag or for a file with too many.
    """
    ask(ctx, Permission.MEDIA_UPLOAD)
    added, removed = clean_tag(add), clean_tag(remove)
    if not added and not removed:
        raise Refused("no_tag", N_("请填写标签。"))
    rows = _chosen(ctx, media_ids)
    tags = tags_of(ctx.session, [row.id for row in rows])
    changed = 0
    for row in rows:
        has = tags.get(row.id, [])
        gains, loses = bool(added) and added not in has, bool(removed) and removed in has
        if gains and len(has) >= TAGS_PER_FILE:
            raise Refused("too_many_tags", N_("「%(name)s」已经有 %(n)d 个标签了。", name=row.name, n=TAGS_PER_FILE))
        if gains:
            ctx.session.add(MediaTag(id=new_id(), asset_id=row.id, tag=added))
        if loses:
            found = select(MediaTag).where(MediaTag.asset_id == row.id, MediaTag.tag == removed)
            for tag in ctx.session.scalars(found):
                ctx.session.delete(tag)
        if gains or loses:
            changed += 1
            target = Target("media_asset", row.id, row.name)
            record(
                ctx,
                Event.MEDIA_TAGGED,
                target,
                name=row.name,
                added=added if gains else "",
                removed=removed if loses else "",
            )
    return changed


def delete_many(ctx: Context, media_ids: Collection[str]) -> Swept:
    """This function will put into the recycle bin those of the files that nothing shows, and name the others.

    Raises `Forbidden`, and `NotFound` where one of them is not the tenant's.
    """
    ask(ctx, Permission.MEDIA_DELETE)
    rows = [row for row in _chosen(ctx, media_ids) if row.deleted_at is None]
    used = {use.sha256 for use in uses_of(ctx.session, [row.sha256 for row in rows])}
    free = [row for row in rows if row.sha256 not in used]
    for row in free:
        row.deleted_at = clock.now()
        target = Target("media_asset", row.id, row.name)
        record(ctx, Event.MEDIA_DELETED, target, name=row.name, sha256=row.sha256)
    return Swept(len(free), tuple(row.name for row in rows if row.sha256 in used))


def _chosen(ctx: Context, media_ids: Collection[str]) -> Sequence[MediaAsset]:
    wanted = set(media_ids)
    if not wanted:
        raise Refused("nothing_chosen", N_("请先选中文件。"))
    if len(wanted) > CHOSEN_AT_ONCE:
        raise Refused("too_many_chosen", N_("一次最多处理 %(n)d 个文件。", n=CHOSEN_AT_ONCE))
    seen = wanted.difference(unseen_of(ctx.session))
    known = select(MediaAsset).where(MediaAsset.id.in_([one for one in seen if is_id(one)]))
    rows = ctx.session.scalars(known.order_by(MediaAsset.id)).all()
    if len(rows) != len(wanted):
        raise NotFound
    return rows

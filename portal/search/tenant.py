"""What one tenant has, for its members and for staff in its space: each kind is one bounded query, asked only of whoever may see it."""

from collections.abc import Callable, Iterator

from sqlalchemy import ColumnElement, or_, select

from portal.access.checks import may
from portal.access.permissions import Permission
from portal.access.policy import own_groups
from portal.access.roles import LABELS, Role
from portal.accounts.queries import members
from portal.boxes.queries import fleet
from portal.content.editing.links import EDIT
from portal.content.kinds import KINDS
from portal.content.kinds import Kind as ContentKind
from portal.content.models import ContentObject, Revision
from portal.content.states import WORKING
from portal.core import clock
from portal.core.context import Context
from portal.core.messages import N_
from portal.media.models import MediaAsset
from portal.media.queries import media_list
from portal.review.listing import submissions
from portal.review.models import Submission
from portal.review.titles import veiled_in
from portal.search.found import Hit, Kind, bounded
from portal.tenants.models import BoxGroup

Search = Callable[[Context, str, int], Kind]


def in_tenant(ctx: Context, text: str, most: int, spoken: frozenset[ContentKind]) -> Iterator[Kind]:
    """This function will return what `text` finds, `most` of a kind; `spoken` are the kinds whose own word `text` is.

    Things of a kind that bears no typed name, such as the logo, are found by that word.
    """
    if may(ctx, Permission.CONTENT_VIEW):
        yield bounded(_content(ctx, text, most, spoken), most)
    for permission, search in _SEARCHES:
        if may(ctx, permission):
            yield bounded(search(ctx, text, most), most)


def _content(ctx: Context, text: str, most: int, spoken: frozenset[ContentKind]) -> Kind:
    same = (ContentObject.tenant_id == Revision.tenant_id) & (ContentObject.id == Revision.object_id)
    called = or_(_sounds(text), ContentObject.kind.in_(sorted(spoken)))
    wanted = (
        select(ContentObject.id, ContentObject.kind, Revision.title)
        .join(Revision, same)
        .where(Revision.state.in_([state.value for state in WORKING]), Revision.deleted.is_(False), called)
        .order_by(Revision.saved_at.desc(), Revision.id.desc())
        .limit((most + 1) * len(WORKING))
    )
    edits = may(ctx, Permission.CONTENT_EDIT)
    hits: dict[str, Hit] = {}
    for object_id, kind, title in ctx.session.execute(wanted):
        spec = KINDS[ContentKind(kind)]
        hits.setdefault(object_id, Hit(title, spec.label, *_place(ContentKind(kind), object_id, edits=edits)))
    return Kind("content", N_("内容"), "layout-dashboard", list(hits.values())[: most + 1])


def _place(kind: ContentKind, object_id: str, *, edits: bool) -> tuple[str, dict[str, str]]:
    return (EDIT[kind], {"object_id": object_id}) if edits else (f"{EDIT[kind].partition('.')[0]}.index", {})


def _sounds(text: str) -> ColumnElement[bool]:
    return Revision.sought.contains(text.lower(), autoescape=True)


def _media(ctx: Context, text: str, most: int) -> Kind:
    rows = ctx.session.scalars(media_list(search=text).order_by(MediaAsset.id.desc()).limit(most + 1))
    hits = [Hit(row.name, f"{row.width} × {row.height}", "media.asset", {"media_id": row.id}) for row in rows]
    return Kind("media", N_("媒体"), "photo", hits, "media.index")


def _submissions(ctx: Context, text: str, most: int) -> Kind:
    rows = ctx.session.scalars(
        submissions(None, text, veiled_in(ctx.session)).order_by(Submission.submitted_at.desc()).limit(most + 1)
    )
    hits = [
        Hit(
            row.title,
            f"{row.submitted_at.astimezone(clock.SHANGHAI):%Y-%m-%d}",
            "review.submission",
            {"submission_id": row.id},
        )
        for row in rows
    ]
    return Kind("submissions", N_("送审"), "send", hits, "review.submissions")


def _boxes(ctx: Context, text: str, most: int) -> Kind:
    rows = ctx.session.scalars(fleet.boxes(fleet.Wanted(text, own_groups(ctx.actor)), clock.now()).limit(most + 1))
    hits = [
        Hit(row.name or row.serial, row.serial if row.name else row.model, "boxes.box", {"box_id": row.id})
        for row in rows
    ]
    return Kind("boxes", N_("机顶盒"), "device-tv", hits, "boxes.index")


def _members(ctx: Context, text: str, most: int) -> Kind:
    manages = may(ctx, Permission.MEMBERS_MANAGE)
    hits = [
        Hit(
            row.user.display_name,
            LABELS[Role(row.role)],
            *(("members.edit", {"membership_id": row.id}) if manages else ("members.index", {"q": row.user.username})),
        )
        for row in ctx.session.scalars(members(text).limit(most + 1))
    ]
    return Kind("members", N_("用户"), "users", hits, "members.index")


def _groups(ctx: Context, text: str, most: int) -> Kind:
    wanted = select(BoxGroup).where(_is_called(text)).order_by(BoxGroup.id)
    hits = [Hit(row.name, N_("分组"), "groups.index") for row in ctx.session.scalars(wanted.limit(most + 1))]
    return Kind("groups", N_("分组"), "sitemap", hits, "")


def _is_called(text: str) -> ColumnElement[bool]:
    return or_(BoxGroup.name.icontains(text, autoescape=True), BoxGroup.pinyin.contains(text.lower(), autoescape=True))


_SEARCHES: tuple[tuple[Permission, Search], ...] = (
    (Permission.MEDIA_VIEW, _media),
    (Permission.REVIEW_VIEW, _submissions),
    (Permission.BOXES_VIEW, _boxes),
    (Permission.MEMBERS_VIEW, _members),
    (Permission.GROUPS_VIEW, _groups),
)

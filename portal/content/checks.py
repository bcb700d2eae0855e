"""What is asked of every save: the version seen, the files it shows, who may touch it, and what it would do to the rest."""

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from portal.access.permissions import Permission
from portal.access.policy import own_groups
from portal.content.apps.checking import check_app
from portal.content.drafting import stored_title
from portal.content.envelope import Envelope
from portal.content.kinds import spec_of
from portal.content.models import ContentObject
from portal.content.problems import problems
from portal.content.protecting import ask_about
from portal.content.queries import ObjectView, objects, title_for
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, FeatureNotInPackage, Invalid, Refused
from portal.core.ids import ObjectId
from portal.core.messages import N_, Message
from portal.core.tenancy import unseen_of
from portal.media.queries import asset_infos
from portal.orders.queries import entitlement
from portal.tenants.queries import group_tree


def check_version(view: ObjectView, version: int) -> None:
    """This function will raise `Conflict` where the object is no longer as the person saw it."""
    if view.object.version != version:
        raise Conflict(code="newer_version")


def check_assets(ctx: Context, envelope: Envelope, object_id: ObjectId | None = None) -> None:
    """This function will raise `Invalid` where the content shows a file that the library does not have, or an app that does not fit."""
    known = asset_infos(ctx.session, set(envelope.assets) - unseen_of(ctx.session))
    if set(envelope.assets) - {sha256 for sha256, info in known.items() if not info.deleted}:
        raise Invalid({_asset_field(envelope): N_("图片或视频不在媒体库里，请重新选择。")})
    check_app(ctx, envelope, [info.kind for info in known.values()], object_id)


def _asset_field(envelope: Envelope) -> str:
    fields = type(envelope.payload).model_fields
    return next((name for name in ("image", "asset", "icon", "items") if name in fields), "payload")


def ask_to_edit(ctx: Context, row: ContentObject, envelope: Envelope, view: ObjectView | None) -> None:
    """This function will ask about the content as it was and as it shall be, for the feature, and that a group editor stays in the own subtree."""
    envelopes = [envelope] if view is None else [envelope, view.envelope]
    inside = all(inside_subtree(ctx, one) for one in envelopes)
    because = N_("分组编辑只能改投放到本分组及下级的内容。")
    ask_about(ctx, Permission.CONTENT_EDIT, row, *envelopes, provided=inside, because=because)
    feature = spec_of(envelope.kind).feature
    if feature not in entitlement(ctx.session, ctx.tenant_id, clock.now()).features:
        raise FeatureNotInPackage(feature)


def inside_subtree(ctx: Context, envelope: Envelope) -> bool:
    """This function will tell whether the content is aimed at nothing beyond the groups of the actor; only group editors are so bound."""
    own = own_groups(ctx.actor)
    return own is None or (bool(envelope.targets) and own.issuperset(envelope.targets))


def check_set(ctx: Context, changed: Mapping[ObjectId, Envelope]) -> None:
    """This function will refuse what would not fit the rest: only what is wrong with these objects, or newly wrong with another, counts."""
    tree = group_tree(ctx.session)
    features = entitlement(ctx.session, ctx.tenant_id, clock.now()).features
    working = {other: view.envelope for other, view in objects(ctx.session).items()}
    groups = frozenset(node.id for _, node in tree.walk())
    before = {(found.object_id, found.field) for found in problems(working, features, groups, tree.root.id)}
    working.update(changed)
    errors: dict[str, list[Message]] = {}
    harmed: list[Message] = []
    for found in problems(working, features, groups, tree.root.id):
        if found.object_id in changed:
            errors.setdefault(found.field, []).append(found.message)
        elif (found.object_id, found.field) not in before:
            title = title_for(ctx.session, found.object_id, stored_title(working[found.object_id]))
            harmed.append(N_("「%(title)s」会受影响：%(problem)s", title=title, problem=found.message))
    if harmed and not errors:
        errors["payload"] = harmed[:1]
    if errors:
        raise Invalid(errors)


def check_nothing_needs(session: Session, view: ObjectView, beside: Collection[ObjectId] = ()) -> None:
    """This function will raise `Refused` where other content, but for what is `beside`, still leads to the object."""
    for other in objects(session).values():
        if other.id not in {view.id, *beside} and not other.envelope.deleted and view.id in other.envelope.refs:
            title = title_for(session, other.id, stored_title(other.envelope))
            raise Refused("still_needed", N_("「%(title)s」还在用它，请先改掉那一处。", title=title), status=409)

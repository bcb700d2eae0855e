"""What is asked of drafts before they are handed in: that they are the ones seen, who may hand them in, and that they fit together."""

from collections.abc import Mapping, Sequence

from portal.access.permissions import Permission
from portal.content.checks import inside_subtree
from portal.content.kinds import Kind, spec_of
from portal.content.problems import problems
from portal.content.protecting import ask_about
from portal.content.queries import ObjectView, objects
from portal.content.stored import envelope_of
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, FeatureNotInPackage, Invalid, Refused
from portal.core.ids import ObjectId
from portal.core.messages import N_, Message
from portal.orders.queries import entitlement
from portal.tenants.queries import group_tree


def check_seen(view: ObjectView, sha256: str) -> None:
    """This function will raise `Conflict` where the draft is not the one that the person saw."""
    if view.draft is None or view.draft.sha256 != sha256:
        raise Conflict(N_("提交的内容里有一项刚被改过，请看过最新内容再提交。"), code="draft_changed")


def ask_to_submit(ctx: Context, views: Sequence[ObjectView]) -> None:
    """This function will ask about every object, as far as lists and groups decide it, and for the features."""
    because = N_("分组编辑只能提交投放到本分组及下级的内容。")
    for view in views:
        if view.is_living:
            inside = inside_subtree(ctx, view.envelope)
            ask_about(ctx, Permission.CONTENT_SUBMIT, view.object, view.envelope, provided=inside, because=because)
    features = entitlement(ctx.session, ctx.tenant_id, clock.now()).features
    for view in views:
        feature = spec_of(view.object.kind).feature
        if feature not in features:
            raise FeatureNotInPackage(feature)


def check_urgent(views: Sequence[ObjectView], *, urgent: bool) -> None:
    """This function will raise `Refused` where anything but a single marquee is urgent."""
    if urgent and [view.object.kind for view in views] != [Kind.MARQUEE]:
        raise Refused("urgent_is_for_one_marquee", N_("加急只用于单独一条跑马灯。"))


def check_fit(ctx: Context, chosen: Mapping[ObjectId, ObjectView]) -> None:
    """This function will refuse a set that does not fit with what is on air and under way; drafts of others do not count."""
    tree = group_tree(ctx.session)
    features = entitlement(ctx.session, ctx.tenant_id, clock.now()).features
    working = {}
    for object_id, view in objects(ctx.session).items():
        standing = view.draft if object_id in chosen else view.pending or view.on_air
        if standing is not None:
            working[object_id] = envelope_of(standing)
    groups = frozenset(node.id for _, node in tree.walk())
    errors: dict[str, list[Message]] = {}
    for found in problems(working, features, groups, tree.root.id):
        if found.object_id in chosen:
            title = str(working[found.object_id].title)
            errors.setdefault(found.object_id, []).append(
                N_("「%(title)s」：%(problem)s", title=title, problem=found.message)
            )
    if errors:
        raise Invalid(errors)

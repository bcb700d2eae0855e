"""Whom content is aimed at: what an editor's page shows for a group is what the compiler chooses for it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

import pytest

from portal.catalog.features import Feature
from portal.content.aiming import depth_of, overlap, standing
from portal.content.envelope import Envelope, make_envelope
from portal.content.logo.rules import Logo
from portal.content.models import ContentObject, Revision
from portal.content.queries import ObjectView
from portal.core.ids import GroupId, ObjectId, new_id
from portal.releases.selection import select

ROOT, REGION, SHOP, ELSEWHERE = (GroupId(new_id()) for _ in range(4))
PATH = (ROOT, REGION, SHOP)


def logo(image: str, *targets: GroupId, hidden: bool = False, deleted: bool = False) -> Envelope:
    return make_envelope("logo", {"image": image * 64}, targets=targets, hidden=hidden, deleted=deleted)


def view(envelope: Envelope) -> ObjectView:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    row = ContentObject(id=new_id(), kind=envelope.kind.value, created_at=at, edited_at=at)
    draft = Revision(id=new_id(), object_id=row.id, state="draft", envelope=envelope.to_json(), sha256=envelope.sha256)
    return ObjectView(row, draft, None, None)


@pytest.mark.parametrize(
    ("targets", "depth"), [((), 0), ((ROOT,), 0), ((REGION,), 1), ((SHOP, REGION), 2), ((ELSEWHERE,), None)]
)
def test_depth_is_that_of_the_nearest_target(targets: Sequence[GroupId], depth: int | None) -> None:
    assert depth_of(logo("a", *targets), PATH) == depth


def test_hidden_one_stands_where_nothing_else_does() -> None:
    hidden = view(logo("a", SHOP, hidden=True))
    shown = view(logo("b"))

    assert standing([hidden], PATH)["logo"].view.id == hidden.id
    assert standing([hidden, shown], PATH)["logo"].view.id == shown.id


def test_deleted_one_stands_nowhere() -> None:
    assert standing([view(logo("a", deleted=True))], PATH) == {}


@pytest.mark.parametrize("path", [(ROOT,), (ROOT, REGION), PATH, (ROOT, ELSEWHERE)])
def test_editor_and_compiler_choose_the_same(path: Sequence[GroupId]) -> None:
    choices = [(), (ROOT,), (REGION,), (SHOP,), (ELSEWHERE,), (REGION, ELSEWHERE)]
    for first, second, hidden in product(choices, choices, (False, True)):
        views = [view(logo("a", *first, hidden=hidden)), view(logo("b", *second))]
        manifest = {ObjectId(one.id): one.envelope for one in views}

        found = standing(views, path).get("logo")
        shown = found.view.envelope.payload if found and found.view.envelope.shown else None

        assert shown == select(manifest, {Feature.LOGO}, path).one(Logo), (first, second, hidden)


def test_objects_overlap_where_they_name_a_same_group() -> None:
    everybody, region, elsewhere = logo("a"), logo("b", REGION), logo("c", ELSEWHERE, REGION)

    assert overlap(everybody, logo("d", ROOT), ROOT)
    assert overlap(region, elsewhere, ROOT)
    assert not overlap(everybody, region, ROOT)

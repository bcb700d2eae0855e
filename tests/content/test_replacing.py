"""One file replaced by another wherever it is shown: drafts of all uses at once, and what one may not edit is named and left."""

from flask import Flask

from portal.content.commands import Entered, create_draft
from portal.content.kinds import Kind
from portal.content.queries import objects
from portal.content.replacing.commands import plan_replacement
from portal.core.database import tenant_session
from portal.media.models import MediaAsset
from portal.media.queries import find_media
from portal.media.states import Purpose
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import Cast, House
from tests.world.reviewing import acting


def picture(house: House, colour: tuple[int, int, int], purpose: Purpose = Purpose.ITEM) -> MediaAsset:
    sha256 = building.add_picture(house.tenant, purpose, colour)
    with tenant_session(house.tenant.id) as session:
        found = find_media(session, sha256)
    assert found is not None
    return found


def playlist(house: House, *shas: str, **more: object) -> str:
    items = [
        {
            "id": f"01900000-0000-7000-8000-00000000000{number}",
            "kind": "image",
            "asset": sha,
            "caption": "",
            "seconds": 10,
        }
        for number, sha in enumerate(shas)
    ]
    entered = Entered({"title": "联播", "items": items}, **more)  # type: ignore[arg-type]
    return building.in_tenant(house.tenant, lambda ctx: create_draft(ctx, Kind.PLAYLIST, entered)).object_id


def assets_of(house: House, object_id: str) -> list[str]:
    with tenant_session(house.tenant.id) as session:
        view = next(view for one, view in objects(session).items() if one == object_id)
    return [item["asset"] for item in view.envelope.to_json()["payload"]["items"]]


def test_every_use_becomes_a_draft_with_the_new_file(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    old, new, other = (picture(house, (n, n, n)) for n in (10, 20, 30))
    first, second = playlist(house, old.sha256, other.sha256, old.sha256), playlist(house, old.sha256)
    browser = Browser(app, house.editor)

    page = browser.get(f"{house.path}/content/replacing/{old.id}").text
    answer = browser.post(f"{house.path}/content/replacing/{old.id}", {"by": new.sha256})

    assert "会改 2 处" in page
    assert (answer.status_code, answer.location) == (303, f"{house.path}/media/{old.id}")
    assert assets_of(house, first) == [new.sha256, other.sha256, new.sha256]
    assert assets_of(house, second) == [new.sha256]


def test_what_one_may_not_edit_is_named_and_left(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    old, new = picture(house, (10, 10, 10)), picture(house, (20, 20, 20))
    theirs, own = playlist(house, old.sha256), playlist(house, old.sha256, targets=(house.region,))
    with tenant_session(house.tenant.id) as session:
        from portal.core.context import Context

        who = building.actor(
            house.group_editor.role, house.group_editor.id, house.tenant,
            group_id=house.region, groups=frozenset({house.region, house.shop}),
        )  # fmt: skip
        plan = plan_replacement(Context(session, who, house.tenant), old.sha256)
    browser = Browser(app, house.group_editor)

    page = browser.get(f"{house.path}/content/replacing/{old.id}").text
    browser.post(f"{house.path}/content/replacing/{old.id}", {"by": new.sha256})

    assert ([view.id for view in plan.changing], [view.id for view in plan.untouched]) == ([own], [theirs])
    assert "这 1 处您不能改" in page
    assert (assets_of(house, own), assets_of(house, theirs)) == ([new.sha256], [old.sha256])


def test_the_new_picture_is_cut_for_the_old_one_s_place(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    old, new = picture(house, (10, 10, 10), Purpose.SLOT_SMALL), picture(house, (20, 20, 20), Purpose.ITEM)
    slot = {"position": 3, "title": "图", "image": old.sha256, "action": {"open": "url", "url": "https://example.com/"}}
    saved = building.in_tenant(
        house.tenant, lambda ctx: create_draft(ctx, Kind.SLOT, Entered(slot)), acting(house.editor)
    )

    Browser(app, house.editor).post(f"{house.path}/content/replacing/{old.id}", {"by": new.sha256})

    with tenant_session(house.tenant.id) as session:
        image = objects(session)[saved.object_id].envelope.to_json()["payload"]["image"]
        row = find_media(session, image)
    assert row is not None
    assert (row.purpose, row.original_sha256) == ("slot_small", new.original_sha256)


def test_another_kind_and_another_tenant_s_file_are_refused(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    old, theirs = picture(house, (10, 10, 10)), picture(cast.jiangzhou, (20, 20, 20))
    first = playlist(house, old.sha256)
    browser = Browser(app, house.editor)

    answers = [
        browser.post(f"{house.path}/content/replacing/{old.id}", {"by": by})
        for by in ("", old.sha256, theirs.sha256, "0" * 64)
    ]

    assert [answer.status_code for answer in answers] == [422] * 4
    assert assets_of(house, first) == [old.sha256]
    assert Browser(app, cast.jiangzhou.editor).get(f"{house.path}/content/replacing/{old.id}").status_code == 404

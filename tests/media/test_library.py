"""Tags, many files at once, and pictures that look alike; each within one tenant."""

import re
from typing import Any

import pytest
from flask import Flask
from PIL import Image, ImageDraw
from sqlalchemy import select

from portal.core.database import tenant_session
from portal.core.errors import Forbidden, NotFound, Refused
from portal.media import queries
from portal.media.commands import add_image
from portal.media.images import look_of
from portal.media.library import change_tags, clean_tag, delete_many
from portal.media.limits import TAGS_PER_FILE
from portal.media.models import MediaAsset
from portal.media.states import Purpose
from tests.media.pictures import drawing, encoded
from tests.world import building
from tests.world.browser import Browser
from tests.world.building import add_picture
from tests.world.cast import Cast, House
from tests.world.reviewing import acting


def asset(house: House, colour: tuple[int, int, int]) -> MediaAsset:
    sha256 = add_picture(house.tenant, Purpose.ITEM, colour)
    with tenant_session(house.tenant.id) as session:
        found = queries.find_media(session, sha256)
    assert found is not None
    return found


def add(
    house: House, image: Image.Image, name: str, purpose: Purpose = Purpose.ITEM, format_: str = "PNG"
) -> MediaAsset:
    data = encoded(image, format_)
    return building.in_tenant(house.tenant, lambda ctx: add_image(ctx, data, name, purpose))


def landscape(size: tuple[int, int]) -> Image.Image:
    image = Image.new("RGB", (480, 270), (90, 140, 200))
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 270), (150, 90), (300, 270)], fill=(30, 90, 40))
    draw.ellipse((340, 30, 420, 110), fill=(250, 220, 90))
    return image.resize(size)


def tags(house: House, *rows: MediaAsset) -> list[list[str]]:
    with tenant_session(house.tenant.id) as session:
        found = queries.tags_of(session, [row.id for row in rows])
    return [found.get(row.id, []) for row in rows]


def listed(house: House, **filters: Any) -> list[str]:
    with tenant_session(house.tenant.id) as session:
        return sorted(row.name for row in session.scalars(queries.media_list(**filters)))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("  大堂  吧 ", "大堂 吧"), ("Ａ１", "A1"), ("a\u202eb\n", "a b"), ("\u200b", ""), ("长" * 30, "长" * 20)],
)
def test_a_tag_is_one_short_line(typed: str, kept: str) -> None:
    assert clean_tag(typed) == kept


def test_tags_are_given_and_taken_and_filter_the_list(cast: Cast, app: Flask) -> None:
    house, other = cast.yunqi, cast.jiangzhou
    one, two, theirs = asset(house, (1, 1, 1)), asset(house, (2, 2, 2)), asset(other, (3, 3, 3))
    building.in_tenant(other.tenant, lambda ctx: change_tags(ctx, [theirs.id], add="大堂"))
    browser = Browser(app, house.editor)

    browser.post(f"{house.path}/media/chosen", {"chosen": [one.id, two.id], "act": "tag", "tag": "大堂"})
    browser.post(f"{house.path}/media/{one.id}/tags", {"add": "早餐"})
    browser.post(f"{house.path}/media/chosen", {"chosen": [two.id], "act": "untag", "tag": "大堂"})

    assert tags(house, one, two) == [["大堂", "早餐"], []]
    with tenant_session(house.tenant.id) as session:
        assert queries.all_tags(session) == ["大堂", "早餐"]
        assert [row.id for row in session.scalars(queries.media_list(tag="大堂"))] == [one.id]
    page = browser.get(f"{house.path}/media?tag=大堂").text
    assert re.findall(r'class="form-check-input row-check" type="checkbox" name="chosen" value="(.*?)"', page) == [
        one.id
    ]


def test_files_of_another_tenant_are_no_files(cast: Cast) -> None:
    mine, theirs = asset(cast.yunqi, (1, 1, 1)), asset(cast.jiangzhou, (2, 2, 2))

    for act in (
        lambda ctx: change_tags(ctx, [mine.id, theirs.id], add="x"),
        lambda ctx: delete_many(ctx, [mine.id, theirs.id]),
    ):
        with pytest.raises(NotFound):
            building.in_tenant(cast.yunqi.tenant, act, acting(cast.yunqi.admin))

    assert tags(cast.yunqi, mine) == [[]]
    assert tags(cast.jiangzhou, theirs) == [[]]


def test_a_file_has_a_bounded_number_of_tags(cast: Cast) -> None:
    row = asset(cast.yunqi, (1, 1, 1))
    for number in range(TAGS_PER_FILE):
        building.in_tenant(cast.yunqi.tenant, lambda ctx, number=number: change_tags(ctx, [row.id], add=f"t{number}"))

    with pytest.raises(Refused):
        building.in_tenant(cast.yunqi.tenant, lambda ctx: change_tags(ctx, [row.id], add="one more"))


def test_many_are_deleted_and_what_is_used_stays(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.core.messages import N_
    from portal.media import usage
    from portal.media.usage import Use

    house = cast.yunqi
    used, free = asset(house, (1, 1, 1)), asset(house, (2, 2, 2))
    monkeypatch.setattr(
        usage, "_finders", [lambda session, shas: [Use(s, N_("草稿"), "x") for s in shas if s == used.sha256]]
    )

    browser = Browser(app, house.editor)
    answer = browser.post(
        f"{house.path}/media/chosen", {"chosen": [used.id, free.id], "act": "delete", "back": "kind=image&next=//evil"}
    )

    assert (answer.status_code, answer.location) == (303, f"{house.path}/media?kind=image")
    with tenant_session(house.tenant.id) as session:
        gone = {row.id: row.deleted_at is not None for row in session.scalars(select(MediaAsset))}
    assert gone == {used.id: False, free.id: True}
    assert "还有 1 个正在使用" in browser.get(f"{house.path}/media").text


def test_a_group_editor_may_tag_and_not_delete(cast: Cast) -> None:
    house, row = cast.yunqi, asset(cast.yunqi, (1, 1, 1))

    building.in_tenant(house.tenant, lambda ctx: change_tags(ctx, [row.id], add="x"), acting(house.group_editor))
    with pytest.raises(Forbidden):
        building.in_tenant(house.tenant, lambda ctx: delete_many(ctx, [row.id]), acting(house.group_editor))


def test_the_same_picture_in_another_size_and_format_looks_alike(cast: Cast) -> None:
    house = cast.yunqi
    large = add(house, landscape((1920, 1080)), "大.png")
    small = add(house, landscape((960, 540)), "小.jpg", format_="JPEG")
    add(house, landscape((1920, 1080)), "推荐位.png", Purpose.SLOT_LARGE)
    add(house, drawing(800, 600), "别的.png")
    add(cast.jiangzhou, landscape((640, 360)), "别家.png")

    assert large.sha256 != small.sha256
    assert listed(house, alike=True) == ["大.png", "小.jpg"]
    with tenant_session(house.tenant.id) as session:
        assert [row.name for row in queries.doubles_of(session, large)] == ["小.jpg"]


def test_pictures_of_one_colour_look_like_nothing() -> None:
    assert look_of(Image.new("RGB", (100, 100), (9, 9, 9))) is None
    assert look_of(landscape((480, 270))) != look_of(landscape((480, 270)).transpose(Image.Transpose.FLIP_LEFT_RIGHT))

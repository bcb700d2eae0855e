"""The enterprise's own apps: read from their file, by the same signer, never older, only those granted; up to the box's document."""

import io
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from portal.catalog.features import Feature
from portal.content.apps.checking import facts
from portal.content.commands import Entered, Saved, create_draft, restore_revision, save_draft
from portal.content.kinds import Kind
from portal.content.queries import get_object, revisions_of
from portal.core import clock
from portal.core.database import tenant_session
from portal.core.errors import Invalid
from portal.core.ids import ObjectId
from portal.media.models import AppFile
from portal.media.states import Purpose
from portal.orders.commands.granting import grant_feature
from portal.orders.requests import GrantRequest
from portal.releases.commands.publishing import publish_submission
from portal.releases.site import site
from portal.review.commands import Decision, Verdict, decide
from portal.review.submitting import Chosen, submit_for_review
from tests.world import apks, building, packages
from tests.world.browser import Browser
from tests.world.cast import Cast, House
from tests.world.content import Full, field_errors, payloads
from tests.world.reviewing import acting

PACKAGE = "cn.com.example.school"


def file_of(house: House, signer: apks.Key | None = None, **changes: Any) -> AppFile:
    return building.add_app(house.tenant, apks.other(**changes), signer, acting(house.editor))


def new(house: House, row: AppFile, **more: Any) -> Saved:
    entered = Entered(facts(row), **more)
    return building.in_tenant(house.tenant, lambda ctx: create_draft(ctx, Kind.APP, entered), acting(house.editor))


def change(house: House, object_id: ObjectId, row: AppFile, **more: Any) -> Saved:
    with tenant_session(house.tenant.id) as session:
        version = get_object(session, object_id).object.version
    entered = Entered(facts(row), **more)
    return building.in_tenant(
        house.tenant, lambda ctx: save_draft(ctx, Kind.APP, object_id, version, entered), acting(house.editor)
    )


def air(cast: Cast, house: House, saved: Saved) -> None:
    """Hand in, approve, publish."""
    chosen = [Chosen(saved.object_id, saved.sha256)]
    submission = building.in_tenant(
        house.tenant, lambda ctx: submit_for_review(ctx, chosen, title="应用"), acting(house.editor)
    )
    decisions = [Decision(saved.revision_id, saved.sha256, Verdict.APPROVE)]
    building.in_tenant(house.tenant, lambda ctx: decide(ctx, submission, decisions), acting(cast.reviewer))
    building.in_tenant(house.tenant, lambda ctx: publish_submission(ctx, submission), acting(cast.operator))


def refusal(act: Any) -> str:
    with pytest.raises(Invalid) as refused:
        act()
    return str(refused.value.errors["asset"][0])


def test_upload_makes_an_app_of_what_the_file_says(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    data = apks.apk(apks.other(icon=apks.icon()))

    answer = browser.post(full.at("apps/new"), {"asset_upload": (io.BytesIO(data), "x.apk")})
    page = browser.get(full.at("apps/")).text

    (payload,) = payloads(full.house.tenant, Kind.APP)
    assert answer.status_code == 303
    assert {name: payload[name] for name in ("package", "version_code", "version_name", "name", "signer_sha256")} == {
        "package": PACKAGE,
        "version_code": 3,
        "version_name": "1.2.0",
        "name": "翼校通",
        "signer_sha256": apks.key().sha256,
    }
    assert payload["icon"] is not None
    assert ("翼校通" in page, PACKAGE in page) == (True, True)


def test_upload_without_a_file_or_with_a_bad_one_stands_at_the_field(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    none = browser.post(full.at("apps/new"))
    bad = browser.post(full.at("apps/new"), {"asset_upload": (io.BytesIO(apks.unsigned(apks.App())), "x.apk")})

    assert [answer.status_code for answer in (none, bad)] == [422, 422]
    assert field_errors(none.text) == {"asset_upload": "请选择安装包（APK 文件）。"}
    assert field_errors(bad.text) == {"asset_upload": "安装包没有 v2 或 v3 签名。请让开发方用 apksigner 签名后再上传。"}


def test_what_a_file_does_not_say_cannot_be_typed(full: Full) -> None:
    house = full.house
    row = file_of(house)
    lie = facts(row) | {"version_code": 99}

    with pytest.raises(Invalid) as refused:
        building.in_tenant(house.tenant, lambda ctx: create_draft(ctx, Kind.APP, Entered(lie)), acting(house.editor))

    assert str(refused.value.errors["asset"][0]) == "应用的信息要从安装包里读出来，请上传安装包。"


def test_another_tenant_s_file_is_no_file(full: Full, cast: Cast) -> None:
    theirs = file_of(cast.jiangzhou)

    with pytest.raises(Invalid):
        new(full.house, theirs)


def test_an_app_is_no_picture(full: Full) -> None:
    house, row = full.house, file_of(full.house)
    slot = {"position": 9, "title": "图", "image": row.sha256, "action": {"open": "url", "url": "https://example.com/"}}

    with pytest.raises(Invalid):
        building.in_tenant(house.tenant, lambda ctx: create_draft(ctx, Kind.SLOT, Entered(slot)), acting(house.editor))


def test_a_wrong_first_file_that_was_never_handed_in_ties_nobody(full: Full) -> None:
    house = full.house
    saved = new(house, file_of(house, apks.key("by mistake"), code=9))

    change(house, saved.object_id, file_of(house, code=1))

    assert [one["version_code"] for one in payloads(house.tenant, Kind.APP)] == [1]


def test_version_rises_and_the_signer_stays(full: Full, cast: Cast) -> None:
    house = full.house
    saved = new(house, file_of(house))
    air(cast, house, saved)
    older, rebuilt = file_of(house, code=2), file_of(house, version="1.2.0-b")
    foreign, newer = file_of(house, apks.key("stranger"), code=4), file_of(house, code=4)

    assert "机顶盒不会降级" in refusal(lambda: change(house, saved.object_id, older))
    assert "机顶盒不会降级" in refusal(lambda: change(house, saved.object_id, rebuilt))
    assert "另一个证书" in refusal(lambda: change(house, saved.object_id, foreign))
    assert "另一个证书" in refusal(lambda: new(house, foreign, targets=(house.shop,)))
    change(house, saved.object_id, newer)


def test_an_older_revision_cannot_be_restored(full: Full, cast: Cast) -> None:
    house = full.house
    saved = new(house, file_of(house))
    air(cast, house, saved)
    air(cast, house, change(house, saved.object_id, file_of(house, code=4)))
    with tenant_session(house.tenant.id) as session:
        first = revisions_of(session, saved.object_id)[-1].id
        version = get_object(session, saved.object_id).object.version

    with pytest.raises(Invalid):
        building.in_tenant(
            house.tenant, lambda ctx: restore_revision(ctx, saved.object_id, first, version), acting(house.editor)
        )


def test_roll_out_by_group_reaches_that_group_s_document_alone(full: Full, cast: Cast) -> None:
    house = full.house
    air(cast, house, new(house, file_of(house)))
    trial = new(house, file_of(house, code=4, icon=apks.icon()), targets=(house.shop,))
    air(cast, house, trial)

    by_group = {}
    for path in sorted((site().root / "channels").glob("*/current.json")):
        pointer = json.loads(path.read_bytes())
        document = json.loads((site().root / "releases" / f"{pointer['release']}.json").read_bytes())
        by_group[pointer["group"]["id"]] = document

    versions = {group: [one["version_code"] for one in document["apps"]] for group, document in by_group.items()}
    assert versions[house.root] == [3]
    assert versions[house.shop] == [4]
    app = by_group[house.shop]["apps"][0]
    assert "permissions" not in app
    asset = next(one for one in by_group[house.shop]["assets"] if one["sha256"] == app["asset"])
    assert (asset["type"], asset["variants"], "width" in asset) == (
        "application/vnd.android.package-archive",
        [],
        False,
    )
    published = site().root / "assets" / f"{app['asset']}.apk"
    assert published.stat().st_size == asset["bytes"]


def test_reviewer_sees_which_permissions_are_new(full: Full, cast: Cast, app: Flask) -> None:
    house = full.house
    saved = new(house, file_of(house))
    air(cast, house, saved)
    more = file_of(house, code=4, permissions=("android.permission.INTERNET", "android.permission.RECORD_AUDIO"))
    draft = change(house, saved.object_id, more)
    chosen = [Chosen(draft.object_id, draft.sha256)]
    submission = building.in_tenant(
        house.tenant, lambda ctx: submit_for_review(ctx, chosen, title="升级"), acting(house.editor)
    )

    page = Browser(app, cast.reviewer).get(f"/center/review/{house.tenant.enterprise_id}/{submission}").text

    assert "要的权限" in page
    assert "android.permission.RECORD_AUDIO" in page


def test_a_slot_may_open_an_app_that_is_there(full: Full, app: Flask) -> None:
    house, browser = full.house, Browser(app, full.house.editor)
    none = browser.get(full.at("slots/new?position=9")).text
    new(house, file_of(house))
    image = building.add_picture(house.tenant, Purpose.SLOT_SMALL, (3, 4, 5))
    typed = {"position": "9", "image": image, "title": "翼校通", "action": "app"}

    page = browser.get(full.at("slots/new?position=9")).text
    without = browser.post(full.at("slots/new"), typed)
    opened = browser.post(full.at("slots/new"), {**typed, "package": PACKAGE})

    assert ('value="app"' in none, 'value="app"' in page, f'value="{PACKAGE}"' in page) == (False, True, True)
    assert (without.status_code, opened.status_code) == (422, 303)
    assert [one["action"] for one in payloads(house.tenant, Kind.SLOT) if one["position"] == 9] == [
        {"open": "app", "package": PACKAGE}
    ]


def test_a_grant_may_name_the_only_apps(full: Full, cast: Cast) -> None:
    tenant = building.build_tenant("学校(浙江教育)", package="天翼高清行业包", province="33")
    request = GrantRequest(
        Feature.APPS.value, "翼校通", Decimal("0.00"), ends_on=clock.today() + timedelta(days=30), packages=[PACKAGE]
    )
    building.in_tenant(tenant, lambda ctx: grant_feature(ctx, request))
    allowed, other = building.add_app(tenant), building.add_app(tenant, apks.other(package="cn.com.example.game"))

    building.in_tenant(tenant, lambda ctx: create_draft(ctx, Kind.APP, Entered(facts(allowed))))
    with pytest.raises(Invalid) as refused:
        building.in_tenant(tenant, lambda ctx: create_draft(ctx, Kind.APP, Entered(facts(other))))

    assert str(refused.value.errors["asset"][0]) == f"现在只开通了指定的应用（{PACKAGE}），不能装 cn.com.example.game。"


def test_a_package_without_apps_has_a_locked_page(full: Full, app: Flask) -> None:
    packages.suspend(full.house.tenant)
    browser = Browser(app, full.house.editor)

    assert browser.get(full.at("apps/")).status_code in {200, 403}
    assert browser.post(full.at("apps/new")).status_code == 403

"""From draft to the files that boxes fetch, through the commands."""

import json
from pathlib import Path

import pytest

from portal.access.roles import Role
from portal.core.context import Actor, TenantRef
from portal.core.database import tenant_session
from portal.releases.commands import publish_submission, roll_back, take_down
from portal.releases.models import Pointer, Release
from portal.releases.queries import current_release, pointers
from portal.review.commands import Chosen, Decision, Verdict, decide, submit_for_review
from tests.world.building import actor, add_marquee, build_tenant, build_user, in_tenant


@pytest.fixture
def tenant(installation: Path) -> TenantRef:
    return build_tenant()


@pytest.fixture
def editor(tenant: TenantRef) -> Actor:
    return actor(Role.TENANT_EDITOR, build_user("editor"), tenant)


@pytest.fixture
def reviewer(tenant: TenantRef) -> Actor:
    return actor(Role.CENTER_REVIEWER, build_user("reviewer"))


def put_on_air(tenant: TenantRef, text: str, editor: Actor, reviewer: Actor) -> Release:
    saved = add_marquee(tenant, text, editor)
    chosen = [Chosen(saved.object_id, saved.sha256)]
    submission = in_tenant(tenant, lambda ctx: submit_for_review(ctx, chosen, title=text), editor)
    decision = Decision(saved.revision_id, saved.sha256, Verdict.APPROVE)
    in_tenant(tenant, lambda ctx: decide(ctx, submission, [decision]), reviewer)
    return in_tenant(tenant, lambda ctx: publish_submission(ctx, submission), reviewer)


def pointer(tenant: TenantRef) -> Pointer:
    with tenant_session(tenant.id) as session:
        return next(iter(pointers(session).values()))


def document(installation: Path, tenant: TenantRef) -> dict[str, object]:
    found = json.loads((installation / "pub" / "channels" / pointer(tenant).channel / "current.json").read_text())
    shown: dict[str, object] = json.loads((installation / "pub" / "releases" / f"{found['release']}.json").read_text())
    return shown


def test_published_marquee_reaches_the_channel(
    installation: Path, tenant: TenantRef, editor: Actor, reviewer: Actor
) -> None:
    put_on_air(tenant, "热水检修", editor, reviewer)

    marquee = document(installation, tenant)["marquee"]

    assert [message["text"] for message in marquee] == ["热水检修"]  # type: ignore[attr-defined]
    with tenant_session(tenant.id) as session:
        release = current_release(session)
        assert release is not None
        assert (release.number, release.state) == (1, "published")


def test_roll_back_takes_the_newer_content_off(
    installation: Path, tenant: TenantRef, editor: Actor, reviewer: Actor
) -> None:
    put_on_air(tenant, "一", editor, reviewer)
    put_on_air(tenant, "二", editor, reviewer)

    in_tenant(tenant, lambda ctx: roll_back(ctx, 1, "写错了"), reviewer)

    assert [message["text"] for message in document(installation, tenant)["marquee"]] == ["一"]  # type: ignore[attr-defined]
    assert pointer(tenant).sequence == 3


def test_taken_down_content_stays_out_of_a_roll_back(
    installation: Path, tenant: TenantRef, editor: Actor, reviewer: Actor
) -> None:
    put_on_air(tenant, "一", editor, reviewer)
    put_on_air(tenant, "二", editor, reviewer)
    with tenant_session(tenant.id) as session:
        first = next(iter(current_release(session).manifest))  # type: ignore[union-attr]
    in_tenant(tenant, lambda ctx: take_down(ctx, first, "违规"), reviewer)

    in_tenant(tenant, lambda ctx: roll_back(ctx, 1, "试试"), reviewer)

    assert document(installation, tenant)["marquee"] == []

"""What an enterprise has made: the reference content on air, submissions, files, releases."""

import json
from typing import Any

from bench.reference import reference_assets, reference_manifest
from portal.content.envelope import Envelope, make_envelope
from portal.content.kinds import Kind
from portal.content.models import ContentObject, Revision
from portal.content.states import RevisionState
from portal.core import clock
from portal.core.ids import new_id
from portal.media.models import MediaAsset
from portal.releases.models import Pointer, Release
from portal.review.models import Submission, SubmissionItem
from tests.world.cast import House

Rows = dict[type, list[dict[str, Any]]]

KEPT_WHOLE = 100
"""So many releases, the newest, have the whole manifest of the reference content; of older ones a page reads nothing but the number."""


def add_content(rows: Rows, house: House) -> None:
    """This function will add the reference content, on air."""
    for object_id, envelope in reference_manifest().items():
        _add_object(rows, house, object_id, envelope.kind.value)
        rows.setdefault(Revision, []).append(_revision(house, object_id, envelope, RevisionState.PUBLISHED))


def add_submissions(rows: Rows, house: House, count: int, state: RevisionState) -> None:
    """This function will add `count` submissions of one message each, which stand in `state`."""
    at = clock.now()
    marquees = (one for one in reference_manifest().values() if one.kind is Kind.MARQUEE)
    template = next(marquees).payload.model_dump(mode="json")
    closed = None if state is RevisionState.SUBMITTED else at
    for number in range(count):
        object_id, submission_id = new_id(), new_id()
        envelope = make_envelope(Kind.MARQUEE, {**template, "text": f"通知 {number}"})
        revision = _revision(house, object_id, envelope, state, submission_id)
        _add_object(rows, house, object_id, Kind.MARQUEE.value)
        rows.setdefault(Revision, []).append(revision)
        rows.setdefault(Submission, []).append(
            {
                "tenant_id": house.tenant.id, "id": submission_id, "title": f"送审 {number}", "note": "", "urgent": False,
                "submitted_by": house.editor.id, "submitted_at": at, "closed_at": closed, "version": 1,
            }
        )  # fmt: skip
        rows.setdefault(SubmissionItem, []).append(
            {
                "tenant_id": house.tenant.id, "id": new_id(), "submission_id": submission_id, "revision_id": revision["id"],
                "object_id": object_id, "position": 0, "sha256": envelope.sha256, "reason": "", "comment": "",
            }
        )  # fmt: skip


def add_media(rows: Rows, house: House, count: int) -> None:
    """This function will add the files of the reference content and `count` more."""
    at = clock.now()
    for sha256, info in reference_assets().items():
        rows.setdefault(MediaAsset, []).append(
            {
                "tenant_id": house.tenant.id, "id": new_id(), "sha256": sha256, "kind": info.type.partition("/")[0], "purpose": "item",
                "type": info.type, "bytes": info.bytes, "stored_bytes": info.bytes, "width": info.width or 1920,
                "height": info.height or 1080, "seconds": info.seconds, "variants": [], "name": f"{sha256[:8]}.jpg",
                "pinyin": "", "created_at": at,
            }
        )  # fmt: skip
    for number in range(count):
        smaller = [
            {"sha256": f"{number:060x}{width:04x}", "bytes": 60_000, "type": "image/jpeg", "width": width, "height": width * 9 // 16}
            for width in (1280, 640)
        ]  # fmt: skip
        rows.setdefault(MediaAsset, []).append(
            {
                "tenant_id": house.tenant.id, "id": new_id(), "sha256": f"{number:064x}", "kind": "image", "purpose": "item",
                "type": "image/jpeg", "bytes": 200_000, "stored_bytes": 600_000, "width": 1920, "height": 1080,
                "seconds": None, "variants": smaller, "name": f"图片 {number}.jpg", "pinyin": f"tupian{number}", "created_at": at,
            }
        )  # fmt: skip


def add_releases(rows: Rows, house: House, channel: str, count: int) -> None:
    """This function will add `count` releases, each of which changed one object, and let the root's `channel` point at the newest."""
    at, before = clock.now(), None
    objects = list(reference_manifest())
    for number in range(1, count + 1):
        release_id = new_id()
        kept = objects if number > count - KEPT_WHOLE else objects[:1]
        manifest = {one: new_id() if one == objects[number % len(objects)] else one for one in kept}
        rows.setdefault(Release, []).append(
            {
                "tenant_id": house.tenant.id, "id": release_id, "number": number, "kind": "publish", "state": "published", "base_id": before,
                "manifest": manifest, "channels": {house.root: f"{number:064x}"}, "features": ["base"], "changed": 1,
                "title": f"版本 {number}", "reason": "", "created_by_name": "运营员", "created_at": at, "published_at": at, "version": 1,
            }
        )  # fmt: skip
        before = release_id
    body = json.dumps({"group": {"name": "全部"}})
    rows.setdefault(Pointer, []).append(
        {
            "tenant_id": house.tenant.id, "id": new_id(), "group_id": house.root, "channel": channel, "sequence": count,
            "release_id": before, "document_sha256": f"{count:064x}", "body": body, "modified_at": int(at.timestamp()),
        }
    )  # fmt: skip


def _add_object(rows: Rows, house: House, object_id: str, kind: str) -> None:
    at = clock.now()
    rows.setdefault(ContentObject, []).append(
        {"tenant_id": house.tenant.id, "id": object_id, "kind": kind, "created_at": at, "edited_at": at, "version": 1}
    )


def _revision(
    house: House, object_id: str, envelope: Envelope, state: RevisionState, submission_id: str | None = None
) -> dict[str, Any]:
    at = clock.now()
    return {
        "tenant_id": house.tenant.id,
        "id": new_id(),
        "object_id": object_id,
        "number": 1,
        "state": state.value,
        "envelope": json.loads(json.dumps(envelope.to_json())),
        "sha256": envelope.sha256,
        "title": str(envelope.title)[:400],
        "author_id": house.editor.id,
        "submitted_by": house.editor.id,
        "created_at": at,
        "saved_at": at,
        "submitted_at": at,
        "submission_id": submission_id,
        "version": 1,
    }

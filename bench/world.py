"""The world of the page benchmarks: the reference tenant, beside it lists of 10,000 rows of everything that has a list."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert

from bench.reference import reference_assets, reference_manifest
from portal.audit.events import Event
from portal.content.envelope import Envelope, make_envelope
from portal.content.kinds import Kind
from portal.content.models import ContentObject, Revision
from portal.core import clock, crypto, installation
from portal.core import database as databases
from portal.core.ids import new_id
from portal.core.models import Base
from portal.core.settings import load_settings
from portal.factory import create_app
from portal.media.models import MediaAsset
from portal.review.models import Submission, SubmissionItem
from portal.tenants.models import BoxGroup, Channel, Customer, Tenant
from tests.world.cast import Cast, build_cast
from tests.world.log import pending, write

ROWS = 10_000
_BATCH = 2_000
_LOGGED = (Event.DRAFT_SAVED, Event.GROUP_DELETED, Event.SIGNED_IN, Event.RELEASE_PUBLISHED)
SECRET = b"a secret of the benchmark, 32 bytes."


@dataclass(frozen=True)
class BenchWorld:
    """The application on its database, and who lives there."""

    app: Flask
    database: databases.Database
    cast: Cast


def build_world(folder: Path) -> BenchWorld:
    """This function will fill a new SQLite database in `folder` and return the application on it."""
    world = open_world(folder)
    _fill(world.database, world.cast)
    _log(world.cast)
    return world


def open_world(folder: Path) -> BenchWorld:
    """This function will make a new SQLite database in `folder` with the cast and nothing else, and the application on it."""
    (folder / "secret").write_bytes(SECRET)
    (folder / "secret").chmod(0o600)
    settings = load_settings({"PORTAL_INSTANCE_DIR": str(folder)})
    crypto.configure(SECRET)
    database = databases.Database(settings.database_url)
    databases.use(database)
    app = create_app(settings)
    database = databases.database()
    Base.metadata.create_all(database.engine)
    assert installation.InstallationFact.__tablename__ in Base.metadata.tables
    return BenchWorld(app, database, build_cast())


def _fill(database: databases.Database, cast: Cast) -> None:
    tenant_id = cast.yunqi.tenant.id
    rows: dict[type, list[dict[str, Any]]] = {}
    _content(rows, tenant_id, cast.yunqi.editor.id)
    _tenants(rows)
    _submissions(rows, tenant_id, cast.yunqi.editor.id)
    _media(rows, tenant_id)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for model, values in rows.items():
            connection.execute(insert(model), values)


def _log(cast: Cast) -> None:
    """Records of the tenant's people, appended by the log itself: their signatures and places in the tree are real."""
    for start in range(0, ROWS, _BATCH):
        write(
            *(
                pending(_LOGGED[number % len(_LOGGED)], tenant=cast.yunqi.tenant)
                for number in range(start, start + _BATCH)
            )
        )


def _content(rows: dict[type, list[dict[str, Any]]], tenant_id: str, author: str) -> None:
    at = clock.now()
    for object_id, envelope in reference_manifest().items():
        rows.setdefault(ContentObject, []).append(
            {
                "tenant_id": tenant_id,
                "id": object_id,
                "kind": envelope.kind.value,
                "created_at": at,
                "edited_at": at,
                "version": 1,
            }
        )
        rows.setdefault(Revision, []).append(_revision(tenant_id, object_id, envelope, "published", author))


def _revision(
    tenant_id: str, object_id: str, envelope: Envelope, state: str, author: str, submission_id: str | None = None
) -> dict[str, Any]:
    at = clock.now()
    return {
        "tenant_id": tenant_id,
        "id": new_id(),
        "object_id": object_id,
        "number": 1,
        "state": state,
        "envelope": json.loads(json.dumps(envelope.to_json())),
        "sha256": envelope.sha256,
        "title": str(envelope.title)[:400],
        "author_id": author,
        "submitted_by": author,
        "created_at": at,
        "saved_at": at,
        "submitted_at": at,
        "submission_id": submission_id,
        "version": 1,
    }


def _tenants(rows: dict[type, list[dict[str, Any]]]) -> None:
    at = clock.now()
    for number in range(ROWS):
        customer, tenant, group, channel = new_id(), new_id(), new_id(), f"{number + 1:032x}"
        name = f"第{number:05d}连锁酒店"
        rows.setdefault(Customer, []).append(
            {
                "id": customer,
                "name": name,
                "industry_code": "1401001",
                "created_at": at,
                "version": 1,
            }
        )
        rows.setdefault(Tenant, []).append(
            {
                "id": tenant, "enterprise_id": f"{100_000_000_000 + number}", "name": f"{name}(全国酒店)", "short_name": name,
                "pinyin": f"liansuojiudian{number}", "customer_id": customer, "scope": "national", "business_type": "hotel",
                "created_at": at, "publication_lock": 0, "version": 1,
            }
        )  # fmt: skip
        rows.setdefault(Channel, []).append({"channel": channel, "tenant_id": tenant, "group_id": group})
        rows.setdefault(BoxGroup, []).append(
            {"tenant_id": tenant, "id": group, "name": name, "position": 0, "channel": channel, "version": 1}
        )


def _submissions(rows: dict[type, list[dict[str, Any]]], tenant_id: str, author: str) -> None:
    at = clock.now()
    marquees = (one for one in reference_manifest().values() if one.kind is Kind.MARQUEE)
    template = next(marquees).payload.model_dump(mode="json")
    for number in range(ROWS):
        object_id, submission_id = new_id(), new_id()
        envelope = make_envelope(Kind.MARQUEE, {**template, "text": f"通知 {number}"})
        revision = _revision(tenant_id, object_id, envelope, "returned", author, submission_id)
        rows[ContentObject].append(
            {
                "tenant_id": tenant_id,
                "id": object_id,
                "kind": "marquee",
                "created_at": at,
                "edited_at": at,
                "version": 1,
            }
        )
        rows[Revision].append(revision)
        rows.setdefault(Submission, []).append(
            {
                "tenant_id": tenant_id, "id": submission_id, "title": f"送审 {number}", "note": "", "urgent": False,
                "submitted_by": author, "submitted_at": at, "closed_at": at, "version": 1,
            }
        )  # fmt: skip
        rows.setdefault(SubmissionItem, []).append(
            {
                "tenant_id": tenant_id, "id": new_id(), "submission_id": submission_id, "revision_id": revision["id"],
                "object_id": object_id, "position": 0, "sha256": envelope.sha256, "reason": "", "comment": "",
            }
        )  # fmt: skip


def _media(rows: dict[type, list[dict[str, Any]]], tenant_id: str) -> None:
    at = clock.now()
    for sha256, info in reference_assets().items():
        rows.setdefault(MediaAsset, []).append(
            {
                "tenant_id": tenant_id, "id": new_id(), "sha256": sha256, "kind": info.type.partition("/")[0], "purpose": "item",
                "type": info.type, "bytes": info.bytes, "stored_bytes": info.bytes, "width": info.width or 1920,
                "height": info.height or 1080, "seconds": info.seconds, "variants": [], "name": f"{sha256[:8]}.jpg",
                "pinyin": "", "created_at": at,
            }
        )  # fmt: skip
    for number in range(ROWS):
        smaller = [
            {"sha256": f"{number:060x}{width:04x}", "bytes": 60_000, "type": "image/jpeg", "width": width, "height": width * 9 // 16}
            for width in (1280, 640)
        ]  # fmt: skip
        rows.setdefault(MediaAsset, []).append(
            {
                "tenant_id": tenant_id, "id": new_id(), "sha256": f"{number:064x}", "kind": "image", "purpose": "item",
                "type": "image/jpeg", "bytes": 200_000, "stored_bytes": 600_000, "width": 1920, "height": 1080,
                "seconds": None, "variants": smaller, "name": f"图片 {number}.jpg", "pinyin": f"tupian{number}", "created_at": at,
            }
        )  # fmt: skip

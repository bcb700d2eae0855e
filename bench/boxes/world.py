"""A database file with a fleet: one enterprise on air with the reference content, its boxes in groups, and what they played.

Made once and kept under `build/bench/` (another folder: BENCH_KEPT); a benchmark works on a copy. The file's name says what
is in it, the revision of the schema included.
"""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from flask import Flask
from sqlalchemy import Engine, insert

from bench.boxes.identity import box_id, serial, thumbprint, token
from bench.harness import SECRET
from bench.publish import put_content, put_files
from portal.access.roles import Role
from portal.boxes.models.bound import Box, BoxKey, BoxLicences, BoxSerial, BoxToken
from portal.boxes.models.reported import BoxChannel, BoxStatus
from portal.cli import migrations
from portal.core import clock, crypto, outbox
from portal.core import database as databases
from portal.core.context import TenantRef
from portal.core.database import Database, tenant_session
from portal.core.ids import GroupId, TenantId, UserId
from portal.core.settings import PROJECT_ROOT, load_settings
from portal.core.tokens import token_hash
from portal.factory import create_app
from portal.releases import publisher
from portal.releases.commands.publishing import publish_revisions
from portal.releases.queries import pointers
from portal.tenants.commands.groups import create_group
from tests.world import cast
from tests.world.airing import Desk, desk_of
from tests.world.building import add_provinces, build_tenant, in_tenant, root_of

GROUPS: Final = 50
_AT_ONCE: Final = 5_000
_DESCRIPTION: Final = "fleet.json"
_EDITION: Final = 2  # another one makes all anew
_MODELS: Final = ("RG020ET", "E900-S", "HG680-J", "TEWA-800E")
_VERSIONS: Final = ("5.2.18", "5.2.17", "5.1.3")


@dataclass(frozen=True)
class Fleet:
    """The enterprise of a made fleet, somebody who edits it and somebody of the center, and the ads that its boxes can play."""

    boxes: int
    tenant_id: str
    enterprise_id: str
    admin: tuple[str, str]
    editor: tuple[str, str]
    operator: tuple[str, str]
    items: tuple[str, ...]

    @property
    def tenant(self) -> TenantRef:
        """The enterprise."""
        return TenantRef(TenantId(self.tenant_id), self.enterprise_id, "云栖酒店集团", None)

    def person(self, role: Role) -> cast.Person:
        """This function will return who has the role: the enterprise's administrator or editor, or the center's operator."""
        who = {Role.TENANT_ADMIN: self.admin, Role.TENANT_EDITOR: self.editor, Role.CENTER_OPERATOR: self.operator}[
            role
        ]
        return cast.Person(UserId(who[0]), who[1], role, None if role is Role.CENTER_OPERATOR else self.tenant)


def fleet_in(folder: Path, boxes: int) -> Fleet:
    """This function will put a copy of an installation with a fleet into a folder and return what is in it."""
    shutil.copytree(kept_fleet(boxes), folder, dirs_exist_ok=True)
    return read_fleet(folder)


def kept_fleet(boxes: int, plays: int = 0) -> Path:
    """This function will return the folder of an installation with a fleet, made now where it is not there."""
    kept = Path(os.environ.get("BENCH_KEPT", PROJECT_ROOT / "build" / "bench"))
    made = kept / f"fleet-{migrations.head_revision()}-{_EDITION}-{boxes}-{plays}"
    if not (made / _DESCRIPTION).exists():
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        (made / _DESCRIPTION).write_text(json.dumps(asdict(_make(made, boxes, plays))))
    return made


def read_fleet(folder: Path) -> Fleet:
    """This function will return what is in an installation's folder."""
    found = json.loads((folder / _DESCRIPTION).read_text())
    return Fleet(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})


def open_app(folder: Path) -> Flask:
    """This function will return the application on an installation's folder, in this process."""
    return create_app(load_settings({"PORTAL_INSTANCE_DIR": str(folder)}))


def _make(folder: Path, boxes: int, plays: int) -> Fleet:
    (folder / "secret").write_bytes(SECRET)
    (folder / "secret").chmod(0o600)
    settings = load_settings({"PORTAL_INSTANCE_DIR": str(folder)})
    crypto.configure(SECRET)
    migrations.upgrade(settings.database_url)
    open_app(folder)
    add_provinces()
    tenant = build_tenant(boxes=max(boxes * 2, 10))
    admin = cast.member_of(tenant, "fleet-admin", Role.TENANT_ADMIN)
    editor = cast.member_of(tenant, "fleet-editor", Role.TENANT_EDITOR)
    operator = cast.staff_member("fleet-operator", Role.CENTER_OPERATOR)
    items = _go_on_air(databases.database(), desk_of(tenant))
    bind_boxes(databases.database().engine, tenant.id, boxes)
    while outbox.drain():  # what groups and a release leave to be done is done
        publisher.rest()
    _settle(databases.database())
    if plays:
        _play(databases.database().url.database or "", tenant.id, boxes, plays, items[0])
    people = [(each.id, each.username) for each in (admin, editor, operator)]
    return Fleet(boxes, tenant.id, tenant.enterprise_id, *people, items)


def _go_on_air(database: Database, desk: Desk) -> tuple[str, ...]:
    """The reference content is published to all groups; returns the ids of the ads in it."""
    root = root_of(desk.tenant)
    for number in range(GROUPS - 1):
        in_tenant(desk.tenant, lambda ctx: create_group(ctx, root, f"第{number + 1}店"))  # noqa: B023 - run at once
    revisions = put_content(database, desk, put_files(database, desk))
    in_tenant(desk.tenant, lambda ctx: publish_revisions(ctx, revisions.values()), desk.reviewer)
    publisher.rest()
    pointer = json.loads(
        next((Path(database.url.database or "").parent / "pub" / "channels").glob("*/current.json")).read_bytes()
    )
    document = json.loads((Path(database.url.database or "").parent / pointer["url"].lstrip("/")).read_bytes())
    return tuple(item["id"] for playlist in document["ads"]["playlists"] for item in playlist["items"])


def bind_boxes(engine: Engine, tenant_id: str, boxes: int) -> None:
    """This function will write that many bound boxes, spread over the tenant's groups, past all commands."""
    with tenant_session(TenantId(tenant_id)) as session:
        places = [(row.group_id, row.channel) for row in pointers(session).values()]
    for start in range(0, boxes, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, boxes))
        with engine.begin() as connection:
            for model, rows in _rows(tenant_id, numbers, places).items():
                connection.execute(insert(model), rows)
    with engine.begin() as connection:
        connection.execute(insert(BoxLicences), [{"tenant_id": tenant_id, "bound": boxes}])


def _rows(tenant_id: str, numbers: range, places: list[tuple[GroupId, str]]) -> dict[type, list[dict[str, Any]]]:
    """One in twenty is silent, one in fifty reports a fault, one in ten lags behind."""
    now, found = clock.now(), {model: [] for model in (Box, BoxKey, BoxSerial, BoxToken, BoxStatus, BoxChannel)}
    bound = now - timedelta(days=90)
    for number in numbers:
        (group, channel), one = places[number % len(places)], {"tenant_id": tenant_id, "box_id": box_id(number)}
        own = {"tenant_id": tenant_id, "id": box_id(number)}
        firmware = _VERSIONS[number % len(_VERSIONS)]
        named = {"serial": serial(number), "model": _MODELS[number % len(_MODELS)], "firmware": firmware}
        proven = {"thumbprint": thumbprint(number)}
        found[Box].append(
            {**own, **named, **proven, "group_id": group, "state": "bound", "name": f"{number % 4000:04d} 房", "bound_at": bound,
             "end_reason": "", "version": 1}
        )  # fmt: skip
        found[BoxKey].append({**one, **proven})
        found[BoxSerial].append({**one, "serial": serial(number)})
        found[BoxToken].append({**one, **proven, "token_hash": token_hash(token(number)), "issued_at": bound})
        found[BoxChannel].append({**one, "id": box_id(number), "channel": channel, "group_id": group, "since": bound})
        faults = [] if number % 50 else [{"code": "no_space", "detail": "", "at": now.isoformat()}]
        found[BoxStatus].append(
            {**own, "channel": channel, "boot": box_id(number), "count": 1, "firmware": firmware, "faults": faults,
             "seen_at": now - timedelta(minutes=0 if number % 20 else 30), "sequence": 1 if number % 10 else 0, "screen": "ads",
             "uptime_seconds": 3600, "free_bytes": 4_000_000_000, "told_offline": not number % 20, "calls": 0}
        )  # fmt: skip
    return found


def _play(path: str, tenant_id: str, boxes: int, plays: int, item: str) -> None:
    """Plays of the last days, in the order of time, written by the database itself without a journal; its indexes are made afterwards."""
    tenant, first = tenant_id.replace("-", ""), clock.now() - timedelta(days=50)
    rows = (
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?) "
        "INSERT INTO plays (tenant_id, id, box_id, list, item, started_at, seconds, completed) "
        "SELECT ?, printf('01980000000070009000%012x', i), printf('01980000000070008000%012x', i % ?), 'ads', ?, "
        "strftime('%Y-%m-%d %H:%M:%f000', ?, '+' || (i * ?) || ' seconds'), 15, 1 FROM n"
    )
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-500000", "secure_delete=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        kept = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'plays' AND sql LIKE 'CREATE INDEX%'"
        indexes = connection.execute(kept).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        values = (plays, tenant, boxes, item, first.strftime("%Y-%m-%d %H:%M:%S"), 50 * 86_400 / plays)
        connection.execute(rows, values)
        for _, statement in indexes:
            connection.execute(statement)
        for statement in _SUMS:
            connection.execute(statement)
        connection.execute("PRAGMA journal_mode=WAL")


_SUMMED: Final = "count(*), sum(completed), sum(seconds) FROM plays JOIN boxes ON boxes.id = plays.box_id AND boxes.tenant_id = plays.tenant_id"
_SUMS: Final = tuple(
    f"INSERT INTO {table} (tenant_id, id, day, {of}, list, item, plays, completed, seconds) "
    f"SELECT plays.tenant_id, printf('0198000000007000{series}%012x', row_number() OVER ()), date(started_at, '+8 hours') AS day, {named}, "
    f"list, item, {_SUMMED} GROUP BY plays.tenant_id, day, {named}, list, item"
    for table, of, named, series in (
        ("play_days", "group_id", "boxes.group_id", "a000"),
        ("play_box_days", "box_id", "plays.box_id", "b000"),
    )
)
"""What reports read: the sums that the portal keeps as plays come."""


def _settle(database: Database) -> None:
    """The whole database is in its one file, which can be copied."""
    database.dispose()
    with closing(sqlite3.connect(database.url.database or "", isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

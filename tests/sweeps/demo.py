"""The demo as a world to walk through: what stands behind every address of three of its enterprises, and who may look."""

import os
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.routing import Rule

from portal.access.roles import Role
from portal.catalog.features import Feature
from portal.web.access import Mark
from tests.sweeps.test_pages import NOT_PAGES
from tests.sweeps.world import Filled, address, rules, written
from tests.world.server import answering, free_port

# Which enterprise of the demo has what: by the end of its members' names.
_HAS: Mapping[str | None, str] = {Feature.ADS: "buyun", Feature.POWER: "jiangzhou"}
_MOST = "yunqi"
# A province has more to see at an enterprise of its own than at a nationwide one.
_OF_PROVINCE, _PROVINCE = "jiangzhou", "zhoumoling@jiangsu"
_OF_TENANT = {
    "logo": "SELECT id FROM content_objects WHERE tenant_id = :tenant AND kind = 'logo'",
    "slot": "SELECT id FROM content_objects WHERE tenant_id = :tenant AND kind = 'slot'",
    "frame": "SELECT id FROM content_objects WHERE tenant_id = :tenant AND kind = 'frame'",
    "marquee": "SELECT id FROM content_objects WHERE tenant_id = :tenant AND kind = 'marquee'",
    "on_air": "SELECT id FROM content_objects WHERE tenant_id = :tenant AND kind = 'marquee' AND taken_down_at IS NULL",
    "power": "SELECT id FROM content_objects WHERE tenant_id = :tenant AND kind = 'power'",
    "app": "SELECT id FROM content_objects WHERE tenant_id = :tenant AND kind = 'app'",
    "playlist": "SELECT id FROM content_objects WHERE tenant_id = :tenant AND kind = 'playlist'",
    "entry": "SELECT id FROM content_objects WHERE tenant_id = :tenant AND kind = 'schedule_entry'",
    "default": "SELECT id FROM content_objects WHERE tenant_id = :tenant AND kind = 'default_playlist'",
    "item": "SELECT id FROM content_objects WHERE tenant_id = :tenant AND kind = 'item'",
    "first": "SELECT o.id FROM content_objects o JOIN revisions r ON r.object_id = o.id WHERE o.tenant_id = :tenant"
    " AND o.kind = 'column' AND json_extract(r.envelope, '$.payload.parent') IS NULL",
    "column_id": "SELECT o.id FROM content_objects o JOIN revisions r ON r.object_id = o.id WHERE o.tenant_id = :tenant"
    " AND o.kind = 'column' AND json_extract(r.envelope, '$.payload.parent') IS NOT NULL",
    "submission_id": "SELECT id FROM submissions WHERE tenant_id = :tenant ORDER BY closed_at IS NOT NULL",
    "media_id": "SELECT id FROM media_assets WHERE tenant_id = :tenant",
    "group_id": "SELECT id FROM box_groups WHERE tenant_id = :tenant AND parent_id IS NOT NULL",
    "membership_id": "SELECT id FROM memberships WHERE tenant_id = :tenant AND role = 'tenant_editor'",
    "box_id": "SELECT b.id FROM boxes b JOIN box_groups g ON g.id = b.group_id LEFT JOIN memberships m ON m.role = 'group_editor'"
    " AND m.group_id IN (g.id, g.parent_id) WHERE b.tenant_id = :tenant AND b.ended_at IS NULL ORDER BY m.id IS NULL",
    "installation_id": "SELECT id FROM installation_jobs WHERE tenant_id = :tenant AND closed_at IS NULL",
    "user_group_id": "SELECT id FROM member_groups WHERE tenant_id = :tenant",
    "customer_id": "SELECT customer_id FROM tenants WHERE id = :tenant",
    "staff_group_id": "SELECT id FROM staff_groups",
    "application_id": "SELECT id FROM enterprise_applications WHERE state <> 'draft'",
    "draft_application": "SELECT id FROM enterprise_applications WHERE province_code = '32' AND state = 'draft'",
}

# Nothing of the demo was taken down, no enterprise is being deleted, this one has no user groups; the filled world has them all.
LACKING = {"releases.lift", "deletions.deletion", "member_groups.edit"}


@dataclass(frozen=True)
class Demo:
    """A new installation with the demo's data, in `folder`, whose portal runs at `url` as the process `pid`, with one worker."""

    folder: Path
    url: str
    port: int
    pid: int

    def cookie(self, username: str) -> str:
        """This function will return the cookie of a new session."""
        told = self._portal("demo", "session", username)
        return told.partition("portal_session=")[2].split()[0]

    def _portal(self, *arguments: str) -> str:
        own = {"PORTAL_INSTANCE_DIR": str(self.folder), "PORTAL_PORT": str(self.port)}
        command = [sys.executable, "-m", "portal.cli.main", *arguments]
        return subprocess.run(command, env={**os.environ, **own}, check=True, capture_output=True, text=True).stdout

    def ask(self, question: str, **values: str) -> list[tuple[Any, ...]]:
        """This function will ask the database."""
        with sqlite3.connect(self.folder / "portal.db") as database:
            return database.execute(question, values).fetchall()

    def enterprise(self, name: str) -> Filled:
        """This function will return what stands behind the addresses of an enterprise, by the end of its members' names."""
        told = self.ask(
            "SELECT t.id, t.enterprise_id FROM tenants t JOIN memberships m ON m.tenant_id = t.id JOIN users u"
            " ON u.id = m.user_id WHERE u.username LIKE :end",
            end=f"%@{name}",
        )
        tenant, enterprise_id = told[0]
        found = {key: self.ask(question, tenant=tenant) for key, question in _OF_TENANT.items()}
        ids = {key: str(UUID(rows[0][0])) for key, rows in found.items() if rows}
        house: Any = SimpleNamespace(tenant=SimpleNamespace(enterprise_id=enterprise_id))
        seq = self.ask("SELECT max(seq) FROM audit_records WHERE tenant_id = :tenant", tenant=tenant)[0][0]
        return Filled(house, {**ids, "seq": str(seq)})


@contextmanager
def serving_demo(folder: Path) -> Iterator[Demo]:
    """This function will fill an empty folder with the demo's data and serve it until the block ends."""
    port = free_port()
    own = {**os.environ, "PORTAL_INSTANCE_DIR": str(folder), "PORTAL_PORT": str(port), "PORTAL_WORKERS": "1"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli.main", "serve", "--prepare"], env=own, stdout=log, stderr=log
        )
    try:
        answering(port, process, folder / "log", within=600)
        yield Demo(folder, f"http://localhost:{port}", port, process.pid)
    finally:
        process.terminate()
        process.wait(60)


class Walk:
    """Who may look at what in the demo, and where it stands."""

    def __init__(self, demo: Demo) -> None:
        self._filled = {name: demo.enterprise(name) for name in {_MOST, *_HAS.values()}}
        known = dict(demo.ask("SELECT username, id FROM users"))
        self._cast: Any = SimpleNamespace(
            auditor=SimpleNamespace(id=str(UUID(known["shijian"]))),
            support=SimpleNamespace(id=str(UUID(known["anran"]))),
        )
        self._passkeys = dict(demo.ask("SELECT u.username, p.id FROM passkeys p JOIN users u ON u.id = p.user_id"))
        self._staff = dict(demo.ask("SELECT staff_role, username FROM users WHERE staff_role <> 'province'"))
        self._members = {
            (name, role): username
            for name in self._filled
            for role, username in demo.ask(
                "SELECT m.role, u.username FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.username LIKE :end",
                end=f"%@{name}",
            )
        }

    def places(self, app: Flask, rule: Rule, mark: Mark) -> list[tuple[str, str]]:
        """This function will return each account that may open the rule's page, one of each role, and the page's address for it."""
        found = []
        for role in Role:
            if role in {Role.SYSTEM, Role.CLI} or not written(rule, role):
                continue
            name = _OF_PROVINCE if role is Role.PROVINCE else _HAS.get(mark.feature, _MOST)
            who = _PROVINCE if role is Role.PROVINCE else self._staff.get(role.value) or self._members[name, role.value]
            filled = self._filled[name]
            if role is Role.PROVINCE:  # nobody else sees what it has not yet handed in
                filled = Filled(filled.house, {**filled.ids, "application_id": filled.ids["draft_application"]})
            if "passkey_id" in rule.arguments:
                if who not in self._passkeys:
                    continue
                filled = Filled(filled.house, {**filled.ids, "passkey_id": str(UUID(self._passkeys[who]))})
            found.append((who, address(app, rule, filled, self._cast)))
        return found


def pages_by_account(demo: Demo, app: Flask, *, once: bool = False) -> Mapping[str, list[tuple[str, str]]]:
    """This function will return, by account, the pages that it may open, each with its endpoint and address; with `once` each for one account."""
    walk, found = Walk(demo), defaultdict(list)
    for rule, mark in rules(app, method="GET"):
        if rule.endpoint in NOT_PAGES | LACKING:
            continue
        places = walk.places(app, rule, mark)
        for who, path in places[:1] if once else places:
            found[who].append((rule.endpoint, path))
    return found

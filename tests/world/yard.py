"""A running portal on either database, an enterprise with boxes in it, and people and boxes whose requests arrive at one moment."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.access.roles import Role
from portal.boxes.models.bound import Box, BoxKey, BoxLicences, BoxRequest, BoxToken
from portal.boxes.models.limiting import Refusals
from portal.cli.simulation.box import Answer, BoxClient
from portal.core import database as databases
from portal.core import outbox
from portal.core.context import TenantRef
from portal.core.database import platform_session, system_session
from portal.core.ids import GroupId
from portal.core.models import Base
from portal.releases import publisher, site
from portal.tenants.commands.groups import create_group
from portal.tenants.installing.models import InstallationJob
from portal.tenants.models import BoxGroup
from tests.conftest import load_models
from tests.services import new_postgresql_database
from tests.world.airing import desk_of
from tests.world.building import add_provinces, build_tenant, in_tenant, root_of
from tests.world.cast import member_of, sign_in_as
from tests.world.faulty import FILE
from tests.world.fleet import PHONE, job_for
from tests.world.front import line_to
from tests.world.server import Server
from tests.world.threads import at_once

SECONDS = 60
LICENCES = 40
_BOUND, _PENDING = 201, 503


@dataclass
class Yard:
    """The running portal, its enterprise on air, and its administrator, signed in."""

    kind: str
    server: Server
    tenant: TenantRef
    root: GroupId
    shop: GroupId
    cookie: str
    form_token: str

    def box(self, serial: str) -> BoxClient:
        """This function will return a box that was never bound and has a nonce."""
        made = BoxClient(line_to(self.server), self.server.url, serial=serial)
        assert made.look_up(self.tenant.enterprise_id, PHONE).status == 200
        return made

    def bound(self, serial: str) -> BoxClient:
        """This function will bind a box, as soon as the channel of its group is there."""
        made, until = self.box(serial), time.monotonic() + SECONDS
        while (answer := made.bind(self.tenant.enterprise_id, PHONE)).status == _PENDING:
            assert time.monotonic() < until, answer.body
            time.sleep(0.1)
        assert answer.status == _BOUND, answer.body
        return made

    def rows_of_bound(self, serials: Sequence[str]) -> list[Box]:
        """This function will bind boxes of these serial numbers and return their rows."""
        for serial in serials:
            self.bound(serial)
        return [self.row(serial) for serial in serials]

    def again(self, box: BoxClient) -> BoxClient:
        """This function will return the same box once more, for calls that it makes beside its others."""
        made = copy(box)
        made.look_up(self.tenant.enterprise_id, PHONE)
        return made

    def binding(self, box: BoxClient) -> Callable[[], Answer]:
        """This function will return what sends a 上报 of the box."""
        return lambda: box.bind(self.tenant.enterprise_id, PHONE)

    def sending(self, path: str, **fields: str) -> Callable[[], Answer]:
        """This function will return what sends a form of the administrator."""
        body = urlencode({**fields, "csrf_token": self.form_token})
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}

        return lambda: line_to(self.server)(
            "POST", f"/e/{self.tenant.enterprise_id}/boxes{path}", headers, body.encode()
        )

    def row(self, serial: str) -> Box:
        """This function will return the newest box with a serial number."""
        with self.reading() as session:
            found = session.scalars(select(Box).where(Box.serial == serial).order_by(Box.id.desc()).limit(1)).first()
        assert found is not None
        return found

    def states(self, requests: Sequence[str]) -> list[str]:
        """This function will return the states of requests of boxes that wait, in the order of the alphabet."""
        with self.reading() as session:
            return sorted(session.scalars(select(BoxRequest.state).where(BoxRequest.id.in_(requests))))

    def channels(self) -> dict[str, str]:
        """This function will return the channel of each group."""
        with self.reading() as session:
            return {row.id: row.channel for row in session.scalars(select(BoxGroup))}

    def licences(self) -> int:
        """This function will return how many licences count as taken."""
        with platform_session() as session:
            return session.scalar(select(BoxLicences.bound)) or 0

    def leave_licences(self, left: int) -> None:
        """This function will leave so many licences, as if the others had gone to boxes elsewhere."""
        with databases.database().engine.begin() as connection:
            connection.execute(text("UPDATE subscriptions SET boxes = :boxes"), {"boxes": self.licences() + left})

    def wrong(self) -> list[str]:
        """This function will return what does not add up: licences, places, keys and tokens against the boxes that are bound."""
        with self.reading() as session:
            return [
                f"{what}: {counted} instead of {expected}"
                for what, counted, expected in _sums(session)
                if counted != expected
            ]

    @staticmethod
    def mend() -> None:
        """This function will put right what a fault has done to the sums."""
        with databases.database().engine.begin() as connection:
            for statement in _MENDING:
                connection.exec_driver_sql(statement)

    @contextmanager
    def planted(self, fault: str) -> Iterator[None]:
        """This function will take a guard of the running portal out (`faulty`) until the block ends."""
        file = self.server.folder / FILE
        file.write_text(fault)
        try:
            yield
        finally:
            file.unlink()

    @staticmethod
    def forget_refusals() -> None:
        """This function will let boxes be refused as often as they like."""
        with platform_session(writes=True) as session:
            session.query(Refusals).delete()
            session.commit()

    @staticmethod
    @contextmanager
    def reading() -> Iterator[Session]:
        """This function will open a session that reads everything."""
        with system_session(reason="a test looks at everything") as session:
            yield session


_MENDING = (
    "UPDATE box_licences SET bound = (SELECT count(*) FROM boxes WHERE state = 'bound')",
    "UPDATE installation_jobs SET places_taken = (SELECT count(*) FROM boxes WHERE state = 'bound' AND job_id = installation_jobs.id)",
    "DELETE FROM box_tokens WHERE box_id NOT IN (SELECT id FROM boxes WHERE state = 'bound')",
    "DELETE FROM box_keys WHERE box_id NOT IN (SELECT id FROM boxes WHERE state <> 'unbound')",
    "DELETE FROM box_serials WHERE box_id NOT IN (SELECT id FROM boxes WHERE state <> 'unbound')",
)


def _sums(session: Session) -> Iterator[tuple[str, int, int]]:
    def count(what: Any, *conditions: Any) -> int:
        return session.scalar(select(func.count()).select_from(what).where(*conditions)) or 0

    bound = Box.state == "bound"
    alive = select(BoxToken.box_id).where(BoxToken.ended_at.is_(None))
    yield "licences", session.scalar(select(BoxLicences.bound)) or 0, count(Box, bound)
    yield (
        "places",
        session.scalars(select(func.sum(InstallationJob.places_taken))).one(),
        count(Box, bound, Box.job_id.is_not(None)),
    )
    yield "keys", count(BoxKey), count(Box, Box.state.in_(["bound", "stolen"]))
    yield "tokens of boxes that are not bound", count(Box, ~bound, Box.id.in_(alive)), 0
    yield "second tokens", count(BoxToken, BoxToken.ended_at.is_(None)), count(Box, bound, Box.id.in_(alive))


def race(*acts: Callable[[], Answer]) -> list[Answer]:
    """This function will send all at one moment and return the answers in their order."""
    answers: dict[int, Answer] = {}

    def send(index: int, act: Callable[[], Answer]) -> None:
        answers[index] = act()

    ended = at_once(*(lambda index=index, act=act: send(index, act) for index, act in enumerate(acts)))
    assert ended == [None] * len(acts)
    return [answers[index] for index in range(len(acts))]


@contextmanager
def yard_on(application: Flask, kind: str, folder: Path) -> Iterator[Yard]:
    """This function will run the portal on an enterprise of its own, on `sqlite` or `postgresql`, until the block ends."""
    with _database(kind, folder) as (opened, source):
        databases.use(opened)
        site.configure(folder / "pub")
        tenant = _enterprise()
        admin = member_of(tenant, "racer", Role.TENANT_ADMIN)
        root = root_of(tenant)
        shop = GroupId(in_tenant(tenant, lambda ctx: create_group(ctx, root, "湖滨店")))
        while outbox.drain():
            publisher.rest()
        client = application.test_client()
        token = sign_in_as(client, admin)
        cookie = client.get_cookie("portal_session")
        assert cookie is not None
        if kind == "sqlite":
            opened.dispose()
        server = Server(folder, source, program="tests.world.faulty")
        used = databases.Database(server.database_url)
        databases.use(used)
        server.start()
        try:
            yield Yard(kind, server, tenant, root, shop, f"portal_session={cookie.value}", token)
        finally:
            server.stop()
            used.dispose()
            opened.dispose()


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[databases.Database, Path | str]]:
    load_models()
    if kind == "sqlite":
        source = folder / "source.db"
        made = databases.Database(f"sqlite:///{source}")
        Base.metadata.create_all(made.engine)
        yield made, source
        return
    with new_postgresql_database() as url:
        made = databases.Database(url)
        Base.metadata.create_all(made.engine)
        yield made, url


def _enterprise() -> TenantRef:
    add_provinces()
    tenant = build_tenant("步步鞋业(全国零售)", boxes=LICENCES)
    job_for(tenant, 200)
    desk = desk_of(tenant)
    desk.put_on_air(desk.save("欢迎光临"))
    publisher.rest()
    return tenant

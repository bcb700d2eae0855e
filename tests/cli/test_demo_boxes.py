"""The demo's boxes as `portal demo` installs them, and as the job worker of a demo lets them be heard."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.access.roles import Role
from portal.audit.models import AuditRecord
from portal.boxes.commands.managing import tell_boxes, unbind_box
from portal.boxes.models.bound import Box, BoxRequest
from portal.boxes.models.reported import BoxStatus, CommandResult, Screenshot
from portal.boxes.queries.fleet import health_of
from portal.boxes.states import CommandKind
from portal.cli.demo import applying, places, reading
from portal.cli.demo.boxes import Fleet
from portal.cli.demo.hearing import keep_heard
from portal.cli.demo.past import ago
from portal.cli.demo.people import People
from portal.core import clock
from portal.core.context import TenantRef
from portal.core.database import Database, system_session, tenant_session
from portal.tenants.installing.models import InstallationJob
from tests.world.building import add_provinces, in_tenant


class Installed:
    """The demo's chain of shops, without its content, with its boxes."""

    def __init__(self) -> None:
        add_provinces()
        self.people = People("localhost")
        self.source: Mapping[str, Any] = next(one for one in reading.tenants() if "步云" in one["tenant"]["name"])
        with ago(timedelta(days=30)):
            self.people.add_staff("周倩", "zhouqian", Role.CENTER_OPERATOR, None)
            self.tenant: TenantRef = places.create_enterprise(self.source)
            groups = places.create_groups(self.tenant, self.source)
            places.subscribe(self.tenant, self.source)
            self.people.add_member(self.tenant, "沈澜", "shenlan@buyun", Role.TENANT_ADMIN, None, frozenset())
        operator = self.people.first(Role.CENTER_OPERATOR)
        with ago(timedelta(days=19)):
            applying.hand_over(self.tenant, self.source, groups, operator)
        Fleet(self.tenant, self.source, groups, self.people).install()

    def rows(self, model: Any) -> list[Any]:
        """This function will return the rows of a model."""
        with tenant_session(self.tenant.id) as session:
            return list(session.scalars(select(model)))

    def health(self) -> Counter[str]:
        """This function will count the bound boxes by how they are now."""
        bound = {row.id for row in self.rows(Box) if row.state == "bound"}
        now = clock.now()
        return Counter(health_of(row, now).value for row in self.rows(BoxStatus) if row.id in bound)


@pytest.fixture
def installed(database: Database) -> Installed:
    return Installed()


def test_boxes_stand_as_their_file_says(installed: Installed) -> None:
    told = {one["serial"]: one for one in installed.source["box"]}
    bound, jobs = installed.rows(Box), installed.rows(InstallationJob)
    (still_open,) = [job for job in jobs if job.closed_at is None]

    assert {row.serial for row in bound} == {serial for serial, one in told.items() if not one.get("waits")}
    assert {row.serial for row in installed.rows(BoxRequest)} == {s for s, one in told.items() if one.get("waits")}
    assert [(row.name, row.model) for row in bound] == [
        (told[row.serial]["name"], told[row.serial]["model"]) for row in bound
    ]
    assert all(job.places == job.places_taken for job in jobs if job is not still_open)
    assert still_open.places - still_open.places_taken >= 200
    assert installed.health() == {"online": 13, "faulty": 1, "offline": 1, "never": 1}
    heard = [one for one in told.values() if not {"never", "waits"} & one.keys()]
    assert len(installed.rows(Screenshot)) == len([one for one in heard if reading.screen_of(installed.source, one)])


def test_boxes_that_are_on_stay_on_and_obey(installed: Installed) -> None:
    """Without it every box of a demo would be offline after three minutes; one that a person unbound is left alone."""
    admin = installed.people.first_of(installed.tenant, Role.TENANT_ADMIN)
    box, gone = [row for row in installed.rows(Box) if row.serial in {"BY25004101", "BY25004138"}]
    pictures = len(installed.rows(Screenshot))

    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=True):
        silent = installed.health()
        in_tenant(installed.tenant, lambda ctx: tell_boxes(ctx, [box.id], CommandKind.SCREENSHOT), admin)
        in_tenant(installed.tenant, lambda ctx: unbind_box(ctx, gone.id, gone.version, "停用"), admin)
        heard = keep_heard()
        after = installed.health()

    assert silent == {"offline": 15, "never": 1}
    assert (heard, after) == (13, {"online": 12, "faulty": 1, "offline": 1, "never": 1})
    assert len(installed.rows(Screenshot)) == pictures + 1
    assert all(row.ok for row in installed.rows(CommandResult))


def test_serial_of_somebody_elses_box_is_left_alone(installed: Installed) -> None:
    with tenant_session(installed.tenant.id, writes=True) as session:
        row = session.scalars(
            select(BoxStatus).join(Box, Box.id == BoxStatus.id).where(Box.serial == "BY25004101")
        ).one()
        row.boot = "0198c0de-0000-7000-8000-000000000000"
        session.commit()

    assert keep_heard() == 13


def test_records_are_made_when_it_happened(installed: Installed) -> None:
    """What was done weeks ago must not stand in the log as if it had been done today."""
    with system_session(reason="a test looks at the log") as session:
        rows = session.execute(
            select(AuditRecord.event, AuditRecord.at).where(AuditRecord.event.startswith("box."))
        ).all()
    ages = {event: clock.now() - at for event, at in rows}

    assert min(ages["box.bound"], ages["box.named"]) > timedelta(days=1)
    assert timedelta(hours=1) < ages["box.waiting"] < timedelta(hours=3)
    assert timedelta(minutes=1) < ages["box.commanded"] < timedelta(days=5)

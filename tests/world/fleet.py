"""Boxes in front of the application: clients whose line leads into it, and tenants that let them in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.boxes.commands.admitting import Admission, Claims, admit
from portal.boxes.commands.binding import bind
from portal.boxes.models.bound import Box, BoxRequest
from portal.boxes.models.reported import Screenshot
from portal.boxes.models.told import BoxCommand
from portal.boxes.pictures import draw_anew
from portal.boxes.schemas import Binding
from portal.cli.simulation.box import Answer, BoxClient, Send
from portal.core import clock, unit_of_work
from portal.core.context import BOX, Context, TenantRef
from portal.core.database import tenant_session
from portal.core.ids import BoxId, GroupId, JobId, new_id
from portal.releases import publisher
from portal.releases.signing.jws import new_private_jwk
from portal.tenants.installing.commands import open_job
from portal.tenants.installing.rules import Installer, JobTerms
from tests.world.building import in_tenant, picture, root_of

PHONE = "13800138000"
OTHER_PHONE = "13900139000"
NOBODYS_PHONE = "13200132000"
BASE = "http://localhost:8000"


def line_into(app: Flask, *, address: str = "10.0.0.7") -> Send:
    """This function will return a line that leads into the application in this process, from one address."""

    def send(method: str, path: str, headers: Mapping[str, str], data: bytes) -> Answer:
        client = app.test_client(use_cookies=False)
        answer = client.open(
            path, method=method, headers=dict(headers), data=data, environ_base={"REMOTE_ADDR": address}
        )
        return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers}, answer.data)

    return send


def new_box(app: Flask, *, address: str = "10.0.0.7", **more: Any) -> BoxClient:
    """This function will return a box that was never bound."""
    return BoxClient(line_into(app, address=address), BASE, **more)


def job_for(
    tenant: TenantRef, places: int = 10, *, phone: str = PHONE, group: GroupId | None = None, days: int = 30
) -> JobId:
    """This function will open an installation job of the tenant that names one phone."""
    terms = JobTerms(places, clock.today() + timedelta(days=days), (Installer(phone),))
    return in_tenant(tenant, lambda ctx: open_job(ctx, group or root_of(tenant), terms))


def put_box(tenant: TenantRef, group: GroupId, serial: str, *, model: str = "RG020ET") -> BoxId:
    """This function will bind a box without a line to the application, as a job would."""
    publisher.rest()  # a channel's files are there before a box is bound into it

    def act(ctx: Context) -> BoxId:
        ask(ctx, Permission.BOXES_REPORT)
        claims = Claims(new_private_jwk("ES256")["kid"], serial, model, "5.2.18")
        return BoxId(admit(ctx, claims, Admission(group, "job", phone=PHONE))[0].id)

    return in_tenant(tenant, act, BOX)


def let_wait(tenant: TenantRef, serial: str, *, model: str = "RG020ET") -> str:
    """This function will let a box wait and return the id of its request."""
    asked = Binding(
        enterprise_id=tenant.enterprise_id, installer_phone=NOBODYS_PHONE, serial=serial, model=model, firmware="5.2.18"
    )
    in_tenant(tenant, lambda ctx: bind(ctx, asked, new_private_jwk("ES256")["kid"]), BOX)
    with tenant_session(tenant.id) as session:
        return session.scalars(select(BoxRequest.id).where(BoxRequest.serial == serial)).one()


def tell_box(tenant: TenantRef, kind: str, *, box: str | None = None, ago: timedelta = timedelta()) -> str:
    """This function will tell a box (the tenant's first) something as people do, without the people; returns the command's id."""
    with tenant_session(tenant.id, writes=True) as session:
        told = box or session.scalars(select(Box.id).order_by(Box.id)).all()[0]
        command = BoxCommand(tenant_id=tenant.id, id=new_id(), box_id=told, kind=kind, told_at=clock.now() - ago)
        session.add(command)
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()
    return str(command.id)


def take_picture(tenant: TenantRef, box_id: BoxId) -> str:
    """This function will keep a picture of what a box shows, and return its id."""
    command = BoxCommand(tenant_id=tenant.id, id=new_id(), box_id=box_id, kind="screenshot", told_at=clock.now())
    drawn = draw_anew(picture())
    with tenant_session(tenant.id, writes=True) as session:
        session.add(command)
        session.add(
            Screenshot(
                id=command.id,
                box_id=box_id,
                taken_at=clock.now(),
                image=drawn.data,
                small=drawn.small,
                width=1280,
                height=720,
            )
        )
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()
    return str(command.id)


def bound_box(app: Flask, tenant: TenantRef, **more: Any) -> BoxClient:
    """This function will bind a new box in an open job of the tenant that names `PHONE`."""
    box = new_box(app, **more)
    answer = box.bind(tenant.enterprise_id, PHONE)
    assert answer.status == 201, answer.body
    return box

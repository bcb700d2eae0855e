"""Boxes in front of the application: clients whose line leads into it, and tenants that let them in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Flask

from portal.cli.simulation.box import Answer, BoxClient, Send
from portal.core import clock
from portal.core.context import TenantRef
from portal.core.ids import GroupId, JobId
from portal.tenants.installing.commands import open_job
from portal.tenants.installing.rules import Installer, JobTerms
from tests.world.building import in_tenant, root_of

PHONE = "13800138000"
OTHER_PHONE = "13900139000"
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


def bound_box(app: Flask, tenant: TenantRef, **more: Any) -> BoxClient:
    """This function will bind a new box in an open job of the tenant that names `PHONE`."""
    box = new_box(app, **more)
    answer = box.bind(tenant.enterprise_id, PHONE)
    assert answer.status == 201, answer.body
    return box

"""Building a world through the portal's own commands: tenants with groups and packages, people, contexts, pictures."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from PIL import Image

from portal.access.roles import LAYER_OF, Role
from portal.accounts.models import User
from portal.catalog.catalogue import catalogue
from portal.catalog.scopes import Scope
from portal.content.commands import Entered, Saved, create_draft
from portal.content.kinds import Kind
from portal.core import clock, unit_of_work
from portal.core.context import COMMAND_LINE, Actor, Context, RequestMeta, TenantRef
from portal.core.database import commit, database, platform_session, tenant_session
from portal.core.ids import GroupId, TenantId, UserId, new_id
from portal.media import workshop
from portal.media.apk.commands import take_app
from portal.media.commands import add_image
from portal.media.models import AppFile, Conversion, ConversionRun, UnfinishedUpload
from portal.media.states import Purpose, Stage
from portal.orders.commands.ordering import order
from portal.orders.requests import OrderRequest
from portal.releases.signing.commands import ensure_keys
from portal.tenants.commands.customers import CustomerDetails, create_customer
from portal.tenants.commands.enterprises import TenantDetails, create_tenant
from portal.tenants.commands.groups import create_group
from portal.tenants.queries import group_tree
from portal.tenants.reference_data import fill_provinces
from portal.tenants.rules import group_name
from tests.world import apks

HOTEL = "天翼高清行业综合信息包"
Result = TypeVar("Result")


def offering_code(sub_product: str) -> str:
    """This function will return the code of the offering whose sub-product has this Chinese name."""
    return next(code for code, entry in catalogue().offerings.items() if entry.sub_product.name.zh == sub_product)


def add_provinces() -> None:
    """This function will put the provinces into the database, as a start does."""
    fill_provinces(database().engine)


def build_tenant(
    name: str = "云栖酒店集团(全国酒店)", *, package: str = HOTEL, boxes: int = 10, province: str | None = None
) -> TenantRef:
    """This function will create a customer, its enterprise, the root group and a subscription to `package`.

    Release keys are there too, as after a first start.
    """
    scope = Scope.NATIONAL if province is None else Scope.PROVINCE
    parsed = group_name(name, scope)
    ensure_keys(COMMAND_LINE)
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        customer = create_customer(ctx, CustomerDetails(parsed.customer, "1401001"))
        tenant = create_tenant(ctx, TenantDetails(parsed, parsed.customer, customer.id, province))
        commit(session)
    in_tenant(tenant, lambda ctx: create_group(ctx, None, "总部"))
    request = OrderRequest(offering_code(package), boxes, customer_class="enterprise", industry_code="1401001")
    in_tenant(tenant, lambda ctx: order(ctx, request))
    return tenant


def build_user(username: str) -> UserId:
    """This function will create a person's bare row, for whoever acts only by `actor`."""
    user_id = UserId(new_id())
    with platform_session(writes=True) as session:
        session.add(User(id=user_id, username=username, display_name=username, created_at=clock.now()))
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()
    return user_id


def actor(role: Role, user_id: UserId, tenant: TenantRef | None = None, **more: Any) -> Actor:
    """This function will return an actor as the pipeline would make one for a signed-in person."""
    return Actor(
        user_id=user_id,
        username=str(user_id),
        display_name=role.value,
        role=role.value,
        layer=LAYER_OF[role].value,
        tenant_id=tenant.id if tenant else None,
        auth_level=2,
        auth_method="password+totp",
        **more,
    )


@contextmanager
def context(tenant: TenantRef, who: Actor = COMMAND_LINE) -> Iterator[Context]:
    """This function will open a writing context of `who` in the tenant; the caller commits."""
    with tenant_session(tenant.id, writes=True) as session:
        yield Context(session, who, tenant, RequestMeta())


def in_tenant(tenant: TenantRef, act: Callable[[Context], Result], who: Actor = COMMAND_LINE) -> Result:
    """This function will run `act` as one request of `who` in the tenant, commit, and return what it returned."""
    with context(tenant, who) as ctx:
        result = act(ctx)
        commit(ctx.session)
        return result


@cache
def picture(colour: tuple[int, int, int] = (20, 90, 100), size: tuple[int, int] = (1920, 1080)) -> bytes:
    """This function will return a plain picture as PNG bytes."""
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, "PNG")
    return target.getvalue()


def add_picture(tenant: TenantRef, purpose: Purpose, colour: tuple[int, int, int] = (20, 90, 100)) -> str:
    """This function will put a picture into the tenant's media and return the SHA-256 that content names."""
    return in_tenant(tenant, lambda ctx: add_image(ctx, picture(colour), "图.png", purpose).sha256)


def add_waiting_video(tenant: TenantRef, name: str = "大堂.mov") -> str:
    """This function will put the bare row of a video that waits to be converted beside the tenant's media, and return its id."""
    row = Conversion(
        id=new_id(),
        stage=Stage.WAITING.value,
        name=name,
        source_sha256="5" * 64,
        source_bytes=1000,
        created_at=clock.now(),
    )
    with tenant_session(tenant.id, writes=True) as session:
        session.add_all([row, ConversionRun(id=row.id)])
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        commit(session)
    return row.id


def add_app(
    tenant: TenantRef, app: apks.App | None = None, signer: apks.Key | None = None, who: Actor = COMMAND_LINE
) -> AppFile:
    """This function will put an Android app into the tenant's media."""
    with TemporaryDirectory() as folder, context(tenant, who) as ctx:
        path = Path(folder) / "app.apk"
        path.write_bytes(apks.apk(app, signer))
        return take_app(ctx, path)


def add_open_upload(person: Any, length: int = 10, arrived: bytes = b"") -> str:
    """This function will put an upload of a member, of which `arrived` is here, beside the tenant's media, and return its id."""
    row = UnfinishedUpload(
        id=new_id(),
        user_id=person.id,
        name="图.png",
        bytes=length,
        reserved=length,
        stamp="1",
        purpose="item",
        created_at=clock.now(),
    )
    with tenant_session(person.tenant.id, writes=True) as session:
        session.add(row)
        commit(session)
    if arrived:
        (workshop.place("uploads") / f"{row.id}.part").write_bytes(arrived)
    return row.id


def add_marquee(tenant: TenantRef, text: str, who: Actor = COMMAND_LINE, **more: Any) -> Saved:
    """This function will save a marquee's first draft."""
    return in_tenant(tenant, lambda ctx: create_draft(ctx, Kind.MARQUEE, Entered({"text": text}, **more)), who)


def root_of(tenant: TenantRef) -> GroupId:
    """This function will return the tenant's root group."""
    with tenant_session(TenantId(tenant.id)) as session:
        return group_tree(session).root.id

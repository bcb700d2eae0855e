"""Making a release: the first of publishing's two transactions.

Manifest, documents, sequences and pointer bytes are decided and stored here; files are written after the commit by
`publisher`. One publication of a tenant at a time: its row is locked, and the database knows one release in the state
`publishing` per tenant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.content.queries import FRESH
from portal.core import clock, unit_of_work
from portal.core.canonical import canonical_sha256
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.faults import declare, fault_point
from portal.core.files import DiskFull
from portal.core.ids import ObjectId, ReleaseId, RevisionId, new_id
from portal.core.messages import N_, Words
from portal.orders.queries import entitlement
from portal.orders.rules.entitlement import Holding
from portal.releases import publisher
from portal.releases.approved import check_manifest
from portal.releases.assets import AssetInfo
from portal.releases.channels import Compiled, compile_channels, contents_of
from portal.releases.document import Enterprise, Entitlement
from portal.releases.models import Pointer as PointerRow
from portal.releases.models import Release, ReleaseDocument
from portal.releases.pointer import SCHEMA, VALIDITY, Pointer, moment_text, pointer_bytes
from portal.releases.public_gzip import gzip_of
from portal.releases.public_names import document_path
from portal.releases.published_assets import describe
from portal.releases.queries import (
    current_release,
    envelopes_of,
    known_documents,
    manifest_of,
    pointers,
)
from portal.releases.signing.jws import sign
from portal.releases.signing.ring import active_signers
from portal.releases.site import site
from portal.releases.states import ReleaseKind, ReleaseState
from portal.releases.uploaded import check_renditions
from portal.tenants.models import Tenant
from portal.tenants.queries import group_tree
from portal.tenants.tree import GroupTree

_DECIDED = declare("release.1-decided")
_STORED = declare("release.2-stored")


@dataclass(frozen=True)
class Plan:
    """A release to be made: the manifest it will have, and what is said about it."""

    kind: ReleaseKind
    manifest: Mapping[ObjectId, RevisionId]
    title: Words
    reason: Words = ""
    changed: int = 0
    rolled_back_to: int | None = None


@dataclass(frozen=True)
class Base:
    """What a release is laid over: what is on air, what the tenant may show now, and its groups.

    The tenant's row is locked until the transaction ends.
    """

    tenant: Tenant
    release: Release | None
    manifest: Mapping[ObjectId, RevisionId]
    held: Holding
    tree: GroupTree


def lock_base(ctx: Context) -> Base:
    """This function will lock the tenant for a publication and return what is on air.

    Raises `Refused` (409) while another publication of the tenant is being written.
    """
    tenant = ctx.session.scalars(
        # Not FOR UPDATE: rows of editors, which refer to the tenant, need not wait; with locks of their own they would wait for each other.
        select(Tenant).where(Tenant.id == ctx.tenant_id).with_for_update(key_share=True),
        execution_options=FRESH,
    ).one()
    release = current_release(ctx.session)
    if release is not None and release.state == ReleaseState.PUBLISHING:  # only the newest one can be
        raise Refused("publication_running", N_("版本 %(n)d 正在发布，请等它完成。", n=release.number), status=409)
    held = entitlement(ctx.session, ctx.tenant_id, clock.now())
    return Base(tenant, release, manifest_of(release), held, group_tree(ctx.session))


def compile_manifest(ctx: Context, base: Base, manifest: Mapping[ObjectId, RevisionId]) -> Compiled:
    """This function will compile a manifest for every box group of the tenant, with today's features and groups.

    Raises `ContentAltered` where something in it is not what was approved, `DiskFull` where the disk has no room for the files that it
    would publish.
    """
    envelopes = envelopes_of(ctx.session, manifest)
    check_manifest(ctx.session, base.release, manifest, contents_of(envelopes))
    named = {sha256 for envelope in envelopes.values() for sha256 in envelope.assets}
    check_renditions(ctx.session, named)
    assets = describe(ctx.session, named)
    compiled = compile_channels(
        Enterprise(base.tenant.enterprise_id, base.tenant.short_name),
        Entitlement(base.held.features, base.held.app_packages),
        envelopes,
        {node.id: base.tree.path(node.id) for _, node in base.tree.walk()},
        assets,
    )
    _check_room(compiled, assets.values())
    return compiled


def make_release(ctx: Context, base: Base, plan: Plan) -> Release:
    """This function will store the planned release with its documents and pointers, in the state `publishing`.

    The caller locked the base, asked, and moved the revisions' states. After the commit the files are written; whoever
    waits for them gives up after two seconds and sees 发布中. Raises `DiskFull` where the disk has no room.
    """
    return store_release(ctx, base, plan, compile_manifest(ctx, base, plan.manifest))


def store_release(ctx: Context, base: Base, plan: Plan, compiled: Compiled) -> Release:
    """This function will do what `make_release` does with a manifest that is compiled already."""
    _pass(_DECIDED)
    at = clock.now()
    release = Release(
        id=new_id(),
        number=base.release.number + 1 if base.release else 1,
        kind=plan.kind.value,
        state=ReleaseState.PUBLISHING.value,
        base_id=base.release.id if base.release else None,
        rolled_back_to=plan.rolled_back_to,
        manifest=dict(plan.manifest),
        channels=dict(compiled.by_group),
        features=sorted(base.held.features),
        changed=plan.changed,
        title=plan.title,
        reason=plan.reason,
        created_by=ctx.actor.user_id,
        created_by_name=ctx.actor.display_name,
        created_at=at,
    )
    ctx.session.add(release)
    ctx.session.flush()
    _store_documents(ctx, compiled)
    _point(ctx, base, release, compiled)
    ctx.session.flush()
    _pass(_STORED)
    record(
        ctx,
        Event.RELEASE_STARTED,
        Target("release", release.id, f"#{release.number}"),
        decided_on=canonical_sha256(release.manifest),
        number=release.number,
        kind=release.kind,
        reason=plan.reason,
        items=plan.changed,
        contents=canonical_sha256(dict(compiled.contents)),
    )
    tenant_id, release_id = ctx.tenant_id, ReleaseId(release.id)
    unit_of_work.work_of(ctx.session).after_commit.append(lambda: publisher.finish_soon(tenant_id, release_id))
    return release


def _pass(point: str) -> None:
    """At these points it is the database whose disk is full, which the session's errors say in the same way."""
    try:
        fault_point(point)
    except OSError as full:
        raise DiskFull from full


def _check_room(compiled: Compiled, assets: Iterable[AssetInfo]) -> None:
    wanted = sum(2 * len(data) for data in compiled.documents.values())
    for asset in assets:
        files = [(asset.url, asset.bytes), *((variant.url, variant.bytes) for variant in asset.variants)]
        wanted += sum(size for url, size in files if not site().holds(url))
    if not site().has_room_for(wanted):
        raise DiskFull(N_("磁盘空间不足，没有发布；机顶盒仍显示原来的内容。请联系系统管理员清理磁盘后再试。"))


def _store_documents(ctx: Context, compiled: Compiled) -> None:
    known = known_documents(ctx.session, compiled.documents)
    for sha256, data in compiled.documents.items():
        if sha256 not in known:
            ctx.session.add(ReleaseDocument(sha256=sha256, size=len(data), body=gzip_of(data)))


def _point(ctx: Context, base: Base, release: Release, compiled: Compiled) -> None:
    """Every publication writes a new pointer for every channel, also where its document stays the same."""
    held = pointers(ctx.session)
    signers = active_signers(ctx.session)
    for gone in held.keys() - compiled.by_group.keys():
        ctx.session.delete(held[gone])
        publisher.forget_channel(ctx.session, held[gone].channel)
    for group, sha256 in compiled.by_group.items():
        row = held.get(group)
        if row is None:
            row = PointerRow(
                group_id=group, sequence=0, modified_at=0, document_sha256="", channel=base.tree[group].channel
            )
            ctx.session.add(row)
        elif row.channel != base.tree[group].channel:
            publisher.forget_channel(ctx.session, row.channel)
            row.channel = base.tree[group].channel
        previous = row.document_sha256 or None
        row.sequence += 1
        row.modified_at = max(row.modified_at + 1, int(release.created_at.timestamp()))
        row.release_id = release.id
        row.document_sha256 = sha256
        size = len(compiled.documents[sha256])
        body = _pointer(base, release, row, base.tree[group].name, previous, size)
        row.body, row.jws = body.decode(), sign(body, signers).decode()
        row.valid_until = release.created_at + VALIDITY


def _pointer(base: Base, release: Release, row: PointerRow, name: str, previous: str | None, size: int) -> bytes:
    at = release.created_at
    fields = {
        "schema": SCHEMA,
        "enterprise_id": base.tenant.enterprise_id,
        "channel": row.channel,
        "group": {"id": row.group_id, "name": name},
        "sequence": row.sequence,
        "release": row.document_sha256,
        "url": f"/pub/{document_path(row.document_sha256)}",
        "bytes": size,
        "release_number": release.number,
        "previous": previous,
        "compiled_at": moment_text(at),
        "published_at": moment_text(at),
        "valid_until": moment_text(at + VALIDITY),
    }
    return pointer_bytes(Pointer.model_validate(fields))

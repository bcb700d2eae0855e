"""What the sweeps walk through: two full tenants, and how the arguments of every address are filled from them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from portal.access.acl import Acl, Effect, Place, Subject
from portal.access.permissions import Permission
from portal.access.policy import POLICY, allows
from portal.access.roles import LAYER_OF, Role
from portal.accounts.models import Membership
from portal.administration.commands.entries import NewEntry, add_entry
from portal.administration.commands.groups import create_group
from portal.audit.checkpoints import take_checkpoint
from portal.audit.models import AuditRecord
from portal.catalog.features import Feature
from portal.content.apps.checking import facts
from portal.content.kinds import Kind
from portal.core import clock, unit_of_work
from portal.core.context import Actor, Context, TenantRef
from portal.core.database import commit, platform_session, tenant_session
from portal.core.ids import new_id
from portal.media.models import MediaAsset
from portal.releases.commands.publishing import publish_submission
from portal.releases.commands.taking_down import take_down
from portal.review.commands import Decision, Verdict, decide
from portal.review.submitting import Chosen, submit_for_review
from portal.tenants.applications.commands import draft_application, submit_application
from portal.tenants.applications.rules import Fields
from portal.tenants.installing.commands import hand_to_installer, hand_to_manager
from portal.tenants.installing.queries import get_job, hand_overs
from portal.tenants.installing.rules import Installer, JobTerms
from portal.tenants.models import TenantDeletion
from portal.web.access import Audience, Mark, mark_of
from portal.web.pipeline import TENANT_ARGUMENT
from tests.world import building, content, packages
from tests.world.authenticator import give_certificate, give_passkey
from tests.world.cast import Cast, House, Person
from tests.world.fleet import let_wait, put_box, take_picture

MATRIX = Path(__file__).parents[2] / "docs" / "permissions.csv"

# Which object an address is about, where the argument alone does not say it; by the endpoint's beginning.
_OBJECTS = {
    "logo.": "logo",
    "slots.": "slot",
    "splash.": "frame",
    "marquee.": "marquee",
    "power.": "power",
    "apps.": "app",
    "ads.edit_playlist": "playlist",
    "ads.edit_entry": "entry",
    "ads.edit_default": "default",
    "ads.": "entry",
    "zone.edit_column": "first",
    "zone.delete_column": "first",
    "zone.discard_column": "first",
    "zone.": "item",
    "content.": "marquee",
    "releases.take_down": "on_air",
    "releases.lift": "down",
}
FIXED = {
    "key_id": "00000000",
    "acl": "user",
    "module": "users",
    "role": "auditor",
    "kind": "image",
    "content": "marquee",
    "screen": "desktop",
    "listing": "tenants",
    "side": "after",
    "number": 1,
    "before": 1,
    "after": 1,
    "a": 1,
    "b": 1,
}

APPLIED = Fields(
    sub_product="353240250000000000024",
    contact_name="何佳",
    contact_phone="13800138000",
    applicant_phone="13900139000",
    server_address="10.0.0.1",
)


_HELD = frozenset({"yes", "any", "own", "province", "applied"})


@dataclass(frozen=True)
class Filled:
    """A tenant with something behind every address."""

    house: House
    ids: dict[str, str]


def fill(house: House) -> Filled:
    """This function will give a tenant content of every kind, a release, a submission that waits, a grant, and media."""
    tenant = house.tenant
    grant = packages.grant(tenant, Feature.POWER)
    ids = dict(content.fill(house).ids)
    ids["app"] = str(content.draft(tenant, Kind.APP, facts(building.add_app(tenant))).object_id)
    ids["power"] = str(content.draft(tenant, Kind.POWER, {}).object_id)
    ids["on_air"] = _publish(house, "正在播出")
    ids["down"] = _publish(house, "已经下架")
    building.in_tenant(house.tenant, lambda ctx: take_down(ctx, ids["down"], "违规"), _reviewer(house))
    submission = _submit(house, "等待审核")
    with tenant_session(tenant.id) as session:
        asset = session.scalars(select(MediaAsset).order_by(MediaAsset.id)).first()
        member = session.scalars(select(Membership).where(Membership.user_id == house.editor.id)).one()
    assert asset is not None
    ids |= {
        "column_id": ids["second"],
        "submission_id": submission,
        "sha256": asset.sha256,
        "media_id": asset.id,
        "group_id": house.shop,
        "upload_id": building.add_open_upload(house.editor),
        "conversion_id": building.add_waiting_video(tenant),
        "membership_id": member.id,
        "grant_id": grant,
        "member_certificate": give_certificate(house.editor),
        "passkey_id": give_passkey(house.province).passkey_id,
        "application_id": _application(house),
        **_installation(house),
        **_boxes(house),
        "entry_id": building.in_tenant(tenant, _deny_one_thing, _actor(house.admin, tenant)),
        "staff_group_id": _staff_group(house),
        "deletion_id": deletion(tenant, "withdrawn"),
        "user_group_id": building.in_tenant(tenant, lambda ctx: create_group(ctx, "夜班"), _actor(house.admin, tenant)),
    }
    return Filled(house, ids | _logged(tenant))


def _application(house: House) -> str:
    """An application of the tenant's province that waits for the center."""
    province = house.tenant.province_code
    who = replace(building.actor(Role.PROVINCE, house.province.id), province_code=province)
    name = f"{house.tenant.name[:4]}分店(全国酒店)"
    with platform_session(writes=True) as session:
        ctx = Context(session, who)
        made = draft_application(ctx, replace(APPLIED, name=name, scope="national"))
        submit_application(ctx, made.id, made.version)
        commit(session)
    return made.id


def _installation(house: House) -> dict[str, str]:
    """The ID handed to a manager and to an installer, with the job that this opened."""
    tenant, last_on = house.tenant, clock.today() + timedelta(days=30)
    building.in_tenant(tenant, lambda ctx: hand_to_manager(ctx, Installer("13700137000", "孙经理")))
    terms = JobTerms(200, last_on, (Installer("13900139000", "李师傅"),), "先装大堂")
    wang = Installer("13800138000", "王师傅")
    job_id = building.in_tenant(tenant, lambda ctx: hand_to_installer(ctx, wang, house.root, terms))
    with tenant_session(tenant.id) as session:
        return {
            "installation_id": job_id,
            "hand_over_id": hand_overs(session)[0].id,
            "installer_id": get_job(session, job_id).phones[0].id,
        }


def _boxes(house: House) -> dict[str, str]:
    """A box with a picture, and one that waits."""
    tenant, serial = house.tenant, f"BOX-{house.tenant.enterprise_id}"
    box = put_box(tenant, house.shop, serial)
    return {
        "box_id": box,
        "serial": serial,
        "request_id": let_wait(tenant, f"NEW-{tenant.enterprise_id}"),
        "screenshot_id": take_picture(tenant, box),
    }


def _logged(tenant: TenantRef) -> dict[str, str]:
    """A record of the tenant's own, and a checkpoint over it."""
    with tenant_session(tenant.id) as session:
        seq = session.scalars(select(AuditRecord.seq).order_by(AuditRecord.seq.desc()).limit(1)).one()
    taken = take_checkpoint()
    assert taken is not None
    return {"seq": str(seq), **dict.fromkeys(("size", "old", "new"), str(taken.size))}


def _deny_one_thing(ctx: Context) -> str:
    """An entry that stands in nobody's way here: it is about content of a class that there is none of."""
    role = Subject("role", Role.GROUP_EDITOR)
    return add_entry(ctx, Acl.INFORMATION, NewEntry(Place("class", "sensitive"), "content:edit", Effect.DENY, role))


def _staff_group(house: House) -> str:
    with platform_session(writes=True) as session:
        who = building.actor(Role.SECURITY_ADMIN, house.admin.id)
        made = create_group(Context(session, who), house.admin.username)
        commit(session)
    return made


def deletion(tenant: TenantRef, state: str) -> str:
    """This function will note that somebody asked for the tenant's deletion, and return its id."""
    at = clock.now()
    asked = TenantDeletion(
        id=new_id(), tenant_id=tenant.id, enterprise_id=tenant.enterprise_id, name=tenant.name, reason="合同到期",
        state=state, extent={}, user_ids=[], asked_at=at, ended_at=None if state == "asked" else at,
    )  # fmt: skip
    with platform_session(writes=True) as session:
        session.add(asked)
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()
    return asked.id


def _submit(house: House, text: str) -> str:
    saved = building.add_marquee(house.tenant, text, _actor(house.editor, house.tenant))
    chosen = [Chosen(saved.object_id, saved.sha256)]
    who = _actor(house.editor, house.tenant)
    return str(building.in_tenant(house.tenant, lambda ctx: submit_for_review(ctx, chosen, title=text), who))


def _publish(house: House, text: str) -> str:
    saved = building.add_marquee(house.tenant, text, _actor(house.editor, house.tenant))
    chosen = [Chosen(saved.object_id, saved.sha256)]
    editor = _actor(house.editor, house.tenant)
    submission = building.in_tenant(house.tenant, lambda ctx: submit_for_review(ctx, chosen, title=text), editor)
    decision = Decision(saved.revision_id, saved.sha256, Verdict.APPROVE)
    reviewer = _reviewer(house)
    building.in_tenant(house.tenant, lambda ctx: decide(ctx, submission, [decision]), reviewer)
    building.in_tenant(house.tenant, lambda ctx: publish_submission(ctx, submission), reviewer)
    return str(saved.object_id)


def _reviewer(house: House) -> Actor:
    return building.actor(Role.CENTER_REVIEWER, house.province.id)


def _actor(person: Person, tenant: TenantRef) -> Actor:
    return building.actor(person.role, person.id, tenant)


def rules(app: Flask, *, method: str | None = None, in_tenant: bool | None = None) -> list[tuple[Rule, Mark]]:
    """This function will return the rules that need an actor, with their marks, by address."""
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        mark = mark_of(app, rule.endpoint)
        if mark.audience is not Audience.ACTOR or (method is not None and method not in (rule.methods or ())):
            continue
        if in_tenant is None or in_tenant == (TENANT_ARGUMENT in rule.arguments):
            found.append((rule, mark))
    return found


def address(app: Flask, rule: Rule, filled: Filled, cast: Cast, *, own: House | None = None) -> str:
    """This function will return the rule's address for the things of `filled`, in the space of `own` or of their tenant.

    An argument that nobody knows how to fill fails with a sentence that says where to add it.
    """
    house = own or filled.house
    values: dict[str, Any] = {}
    for name in rule.arguments:
        values[name] = value_of(name, rule, filled, house, cast)
    return str(app.url_map.bind("localhost").build(rule.endpoint, values))


def value_of(name: str, rule: Rule, filled: Filled, house: House, cast: Cast) -> Any:
    """This function will return what stands for the argument `name` of a rule in the house's addresses."""
    if name == TENANT_ARGUMENT:
        return house.tenant.enterprise_id
    if name == "certificate_id":
        return filled.ids["staff_certificate" if rule.endpoint.endswith("_staff") else "member_certificate"]
    if name == "object_id":
        return filled.ids[next(kind for start, kind in _OBJECTS.items() if rule.endpoint.startswith(start))]
    if name == "user_id" and rule.endpoint.startswith("officers."):
        return cast.auditor.id
    if name == "user_group_id" and rule.endpoint.startswith("user_groups."):
        return filled.ids["staff_group_id"]
    known = {
        **FIXED,
        "appointment_id": new_id(),
        "job_id": new_id(),
        "support_id": new_id(),
        "user_id": cast.support.id,
        "session_id": new_id(),
        "customer_id": new_id(),
        **filled.ids,
    }
    if name in known:
        return known[name]
    raise AssertionError(f"{rule.endpoint} has the argument {name}: say in tests/sweeps/world.py how to fill it")


def people(cast: Cast, house: House) -> list[Person]:
    """This function will return everybody who may have to do with a tenant, and the staff."""
    return [
        house.admin, house.editor, house.group_editor, house.province, cast.operator, cast.reviewer, cast.support,
        cast.app_admin, cast.system_admin, cast.security_admin, cast.auditor,
    ]  # fmt: skip


def may(person: Person, permission: Permission, tenant: TenantRef | None, province: str | None) -> bool:
    """This function will tell what the policy's table says about a person of the cast."""
    who = Actor(
        user_id=person.id,
        username=person.username,
        display_name="",
        role=person.role.value,
        layer=LAYER_OF[person.role].value,
        province_code=province if person.role is Role.PROVINCE else None,
        tenant_id=person.tenant.id if person.tenant else None,
    )
    return allows(who, permission, tenant)


@cache
def written_matrix() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """This function will return the rows of the matrix that people read, by endpoint and methods."""
    with MATRIX.open(encoding="utf-8", newline="") as written:
        return {(row["endpoint"], row["methods"]): row for row in csv.DictReader(written)}


def written(rule: Rule, role: Role, matrix: Mapping[tuple[str, str], Mapping[str, str]] | None = None) -> bool:
    """This function will tell what the matrix says of a role at a rule, in a tenant it has to do with and with nothing special open."""
    methods = " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    return (matrix or written_matrix())[rule.endpoint, methods][role.value] in _HELD


def owner_of(cast: Cast, house: House, permission: Permission) -> Person:
    """This function will return somebody who has the permission in the tenant."""
    return next(
        person for person in people(cast, house) if may(person, permission, house.tenant, house.tenant.province_code)
    )


def known_permissions() -> frozenset[str]:
    """This function will return every permission of the policy's table."""
    return frozenset(permission.value for permission in POLICY)

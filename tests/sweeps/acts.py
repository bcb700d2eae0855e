"""What people type and what has to be before, for every act for which its form as it stands is not enough."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any

from sqlalchemy import select

from portal.access.acl import ROOT, Acl, Effect, Subject
from portal.access.roles import Role
from portal.accounts.commands.members import add_member
from portal.accounts.commands.officers import Act as LinkAct
from portal.accounts.commands.officers import propose_again, propose_officer
from portal.accounts.commands.users import disable_user
from portal.accounts.models import Membership
from portal.administration.commands.entries import NewEntry, add_entry
from portal.boxes.models.reported import BoxStatus, PlayDay
from portal.catalog.catalogue import catalogue
from portal.content.commands import Entered, create_draft
from portal.content.discarding import discard_draft
from portal.content.kinds import Kind
from portal.content.queries import get_object
from portal.core import clock, outbox, unit_of_work
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, platform_session, tenant_session
from portal.core.ids import JobId, new_id
from portal.media.commands import add_image, delete_media
from portal.media.conversion.commands import cancel_conversion
from portal.media.queries import find_media
from portal.media.states import Purpose
from portal.orders.commands import changing
from portal.orders.models import Subscription
from portal.releases.commands.publishing import publish_submission
from portal.review.commands import Decision, Verdict, decide
from portal.review.queries import get_submission
from portal.tenants.applications.commands import take_back_application
from portal.tenants.applications.models import Application
from portal.tenants.commands.customers import CustomerDetails, change_customer
from portal.tenants.installing.commands import close_job
from portal.tenants.models import Customer
from tests.sweeps.conftest import Swept
from tests.sweeps.world import APPLIED, deletion
from tests.world import apks, building, packages
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Person, open_session
from tests.world.fleet import bound_box

Typed = Mapping[str, Any]


def _nothing(swept: Swept) -> Any:
    return {}


@dataclass(frozen=True)
class Act:
    """How an act is brought about.

    `typed` are the fields that a person types into the form; `before` brings the world into the state in which the act is
    possible; `at` is the address of the page with the form, where it is not among the pages of its room; `who` does it,
    where it is not the first of the cast who may; a `direct` one has no form, and `typed` is all that is sent.
    """

    typed: Callable[[Swept], Typed] = field(default=_nothing)
    before: Callable[[Swept], object] = field(default=_nothing)
    at: Callable[[Swept], str] | None = None
    who: Callable[[Swept], Person] | None = None
    direct: bool = False


def typing(**fields: Any) -> Act:
    """This function will describe an act that needs these fields and nothing else."""
    return Act(lambda swept: fields)


def picture_for(purpose: Purpose, field_name: str, **more: Any) -> Act:
    """This function will describe an act that needs a picture of the library beside other fields."""
    return Act(lambda swept: {field_name: building.add_picture(swept.yunqi.house.tenant, purpose, (9, 9, 9)), **more})


def with_id(name: str, field_name: str, **more: Any) -> Act:
    """This function will describe an act that chooses one of the tenant's things beside other fields."""
    return Act(lambda swept: {field_name: swept.yunqi.ids[name], **more})


def after(before: Callable[[Swept], object], **fields: Any) -> Act:
    """This function will describe an act that is possible only after something else."""
    return Act(lambda swept: fields, before)


def _on(path: str, before: Callable[[Swept], object] = _nothing, **fields: Any) -> Act:
    return Act(lambda swept: fields, before, lambda swept: swept.yunqi.house.path + path)


def _at_the_desk(swept: Swept) -> str:
    tenant = swept.yunqi.house.tenant
    return f"/center/review/{tenant.enterprise_id}/{swept.yunqi.ids['submission_id']}"


def _version(swept: Swept, name: str) -> int:
    with tenant_session(swept.yunqi.house.tenant.id) as session:
        return get_object(session, swept.yunqi.ids[name]).object.version


def _without(*names: str) -> Callable[[Swept], object]:
    """Put drafts that stand in the way, dependents first, into the recycle bin."""

    def act(swept: Swept) -> None:
        for name in names:
            discard = partial(discard_draft, object_id=swept.yunqi.ids[name], version=_version(swept, name))
            building.in_tenant(swept.yunqi.house.tenant, discard)

    return act


def _approve(swept: Swept) -> None:
    tenant, submission = swept.yunqi.house.tenant, swept.yunqi.ids["submission_id"]
    with tenant_session(tenant.id) as session:
        items = get_submission(session, submission).items
        decisions = [Decision(item.revision.id, item.revision.sha256, Verdict.APPROVE) for item in items]
    building.in_tenant(tenant, lambda ctx: decide(ctx, submission, decisions), _reviewer(swept))


def _publish_another(swept: Swept) -> None:
    _approve(swept)
    submission = swept.yunqi.ids["submission_id"]
    building.in_tenant(swept.yunqi.house.tenant, lambda ctx: publish_submission(ctx, submission), _reviewer(swept))


def _reviewer(swept: Swept) -> Any:
    return building.actor(Role.CENTER_REVIEWER, swept.cast.second_reviewer.id)


def _unused_picture(swept: Swept) -> None:
    """The asset behind the addresses becomes one that no content shows."""
    tenant = swept.yunqi.house.tenant
    data = building.picture((1, 2, 3), (800, 800))
    swept.yunqi.ids["media_id"] = building.in_tenant(
        tenant, lambda ctx: add_image(ctx, data, "闲.png", Purpose.ICON).id
    )


def _ended_video(swept: Swept) -> None:
    """A conversion that came to its end, whose result can be put away."""
    tenant = swept.yunqi.house.tenant
    waiting = building.add_waiting_video(tenant, "旧.avi")
    building.in_tenant(tenant, lambda ctx: cancel_conversion(ctx, waiting))


def _editor(swept: Swept) -> Person:
    """The one whose upload it is: it exists for nobody else."""
    return swept.yunqi.house.editor


def _whole_upload(swept: Swept) -> None:
    """Everything of the upload has arrived."""
    data = building.picture((4, 5, 6))
    swept.yunqi.ids["upload_id"] = building.add_open_upload(swept.yunqi.house.editor, len(data), data)


def _used_picture(swept: Swept) -> None:
    """The asset behind the addresses becomes one that a slot shows."""
    tenant = swept.yunqi.house.tenant
    sha256 = building.add_picture(tenant, Purpose.SLOT_SMALL, (44, 55, 66))
    with tenant_session(tenant.id) as session:
        found = find_media(session, sha256)
    assert found is not None
    swept.yunqi.ids["media_id"] = found.id
    slot = {"position": 10, "title": "图", "image": sha256, "action": {"open": "url", "url": "https://example.com/"}}
    building.in_tenant(tenant, lambda ctx: create_draft(ctx, Kind.SLOT, Entered(slot)))


def _replacement(swept: Swept) -> Typed:
    return {"by": building.add_picture(swept.yunqi.house.tenant, Purpose.SLOT_SMALL, (77, 88, 99))}


def _deleted_picture(swept: Swept) -> None:
    _unused_picture(swept)
    building.in_tenant(
        swept.yunqi.house.tenant,
        lambda ctx: delete_media(ctx, swept.yunqi.ids["media_id"]),  # type: ignore[arg-type]
        building.actor(Role.TENANT_ADMIN, swept.yunqi.house.admin.id, swept.yunqi.house.tenant),
    )


def _invite(swept: Swept) -> None:
    """A member who has not yet used the one-time link."""
    tenant = swept.yunqi.house.tenant
    added = building.in_tenant(tenant, lambda ctx: add_member(ctx, "newcomer", "新人", Role.TENANT_EDITOR))
    assert added.issued is not None
    with tenant_session(tenant.id) as session:
        row = session.scalars(select(Membership).where(Membership.user_id == added.issued.user_id)).one()
    swept.yunqi.ids["membership_id"] = row.id


def _disable(swept: Swept) -> None:
    with platform_session(writes=True) as session:
        disable_user(Context(session, COMMAND_LINE), swept.cast.support.id)
        commit(session)


def _ask_for_an_auditor(swept: Swept) -> None:
    """The system administrator asks, so that the security administrator may answer."""
    with platform_session(writes=True) as session:
        asker = building.actor(Role.SYSTEM_ADMIN, swept.cast.system_admin.id)
        propose_officer(Context(session, asker), "newauditor", "新审计员", Role.AUDITOR, "轮岗")
        commit(session)


def _ask_about_somebody(swept: Swept) -> None:
    with platform_session(writes=True) as session:
        asker = building.actor(Role.SYSTEM_ADMIN, swept.cast.system_admin.id)
        propose_again(Context(session, asker), swept.cast.support.id, "手机丢了", LinkAct.FACTOR)
        commit(session)


def _deny_provinces(swept: Swept) -> None:
    with platform_session(writes=True) as session:
        ctx = Context(session, building.actor(Role.SECURITY_ADMIN, swept.cast.security_admin.id))
        province = Subject("role", Role.PROVINCE)
        add_entry(ctx, Acl.USER, NewEntry(ROOT, "members:view", Effect.DENY, province))
        commit(session)


def _failed_work(swept: Swept) -> None:
    with platform_session(writes=True) as session:
        outbox.post(session, "forget_channel", channel="0" * 32)
        session.flush()
        for row in session.scalars(select(outbox.OutboxRow).where(outbox.OutboxRow.kind == "forget_channel")):
            row.last_error = "OSError: no room"
        commit(session)


def _look_in(swept: Swept) -> None:
    """Somebody of the center has a support session in the tenant."""
    browser = Browser(swept.app, swept.cast.support)
    assert browser.post(f"{swept.yunqi.house.path}/support/new", {"reason": "排查"}).status_code == 303


def _own_customer(swept: Swept) -> str:
    with platform_session() as session:
        found = session.scalars(select(Customer.id).order_by(Customer.name)).first()
    return f"/center/customers/{found}"


def _give_contact_a_phone(swept: Swept) -> None:
    with platform_session(writes=True) as session:
        customer = session.scalars(select(Customer).order_by(Customer.name)).first()
        assert customer is not None
        details = CustomerDetails(customer.name, customer.industry_code, "何佳", "13800138000")
        change_customer(Context(session, COMMAND_LINE), customer.id, customer.version, details)
        commit(session)


def _take_back_application(swept: Swept) -> None:
    """The application becomes a draft again, which its province may change."""
    province = swept.cast.yunqi.province
    who = replace(building.actor(Role.PROVINCE, province.id), province_code=swept.cast.yunqi.tenant.province_code)
    with platform_session(writes=True) as session:
        row = session.get_one(Application, swept.yunqi.ids["application_id"])
        take_back_application(Context(session, who), row.id, row.version)
        commit(session)


def _close_job(swept: Swept) -> None:
    job_id = JobId(swept.yunqi.ids["installation_id"])
    building.in_tenant(swept.yunqi.house.tenant, lambda ctx: close_job(ctx, job_id, 1))


def _end(swept: Swept) -> None:
    """The enterprise's subscription is over."""
    with tenant_session(swept.yunqi.house.tenant.id, writes=True) as session:
        for row in session.scalars(select(Subscription)):
            row.ends_on = clock.business_date(row.starts_at)
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()


def _ask_for_deletion(swept: Swept) -> None:
    swept.yunqi.ids["deletion_id"] = deletion(swept.yunqi.house.tenant, "asked")


def _let_box_be_heard(swept: Swept) -> None:
    """A wall asks for pictures those alone that would hear it."""
    with tenant_session(swept.yunqi.house.tenant.id, writes=True) as session:
        session.get_one(BoxStatus, (swept.yunqi.house.tenant.id, swept.yunqi.ids["box_id"])).seen_at = clock.now()
        session.commit()


def _let_something_play(swept: Swept) -> None:
    tenant = swept.yunqi.house.tenant
    sums = {"day": clock.today(), "list": "marquee", "item": swept.yunqi.ids["marquee"]}
    with tenant_session(tenant.id, writes=True) as session:
        session.add(PlayDay(group_id=swept.yunqi.house.shop, plays=3, completed=2, seconds=30, **sums))
        session.commit()


def _of_box(swept: Swept) -> str:
    return f"{swept.yunqi.house.path}/boxes/{swept.yunqi.ids['box_id']}"


def _supporters_browsers(swept: Swept) -> None:
    for _browser in range(2):
        open_session(swept.cast.support)


def _of_supporter(swept: Swept) -> str:
    return f"/admin/users/{swept.cast.support.id}"


def _editors_browsers(swept: Swept) -> None:
    for _browser in range(2):
        open_session(swept.yunqi.house.editor)


def _of_member(swept: Swept) -> str:
    return f"{swept.yunqi.house.path}/members/{swept.yunqi.ids['membership_id']}"


def _of_case(swept: Swept) -> str:
    return f"/center/review/{swept.yunqi.house.tenant.enterprise_id}/{swept.yunqi.ids['submission_id']}"


def _in_days(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def _next_month() -> str:
    return (clock.today().replace(day=1) + timedelta(days=32)).replace(day=1).isoformat()


def _cancel(swept: Swept) -> None:
    """The subscription ends with this month, so that a new one may begin."""
    tenant = swept.yunqi.house.tenant
    subscription = packages.subscription_of(tenant)
    building.in_tenant(tenant, lambda ctx: changing.cancel(ctx, subscription))


def _offering(index: int) -> str:
    return list(catalogue().offerings)[index]


PLACES = {"offering_code": _offering(3), "boxes": "5", "confirmed": "1"}

# Only the page itself shows the secret that the new token is made of, and only a device makes a passkey: tests/accounts has both.
ELSEWHERE = frozenset({"account.token", "passkeys.create", "passkeys.options", "levels.raise_level"})

ACTS: Mapping[str, Act] = {
    "acl.add": typing(effect="deny", subject="role:province", permission="members:view", place="all:"),
    "acl.remove": Act(before=_deny_provinces),
    "acl.export": Act(before=_deny_provinces),
    "content.recycle_bin_export": _on("/content/recycle-bin", _without("marquee")),
    "desk_sheet.queue": Act(at=_at_the_desk),
    "notices.export": Act(who=lambda swept: swept.cast.reviewer),
    "order_sheets.grants": _on("/grants"),
    "order_sheets.managed_grants": _on("/grants/manage"),
    "order_sheets.orders": _on("/orders"),
    "order_sheets.package": _on("/package"),
    "release_sheets.plan": Act(at=lambda swept: "/center/releases"),
    "release_sheets.timeline": _on("/releases/"),
    "sessions.export_of_member": Act(before=_editors_browsers, at=_of_member),
    "sessions.export_of_staff": Act(before=_supporters_browsers, at=_of_supporter),
    "sessions.export_own": Act(at=lambda swept: "/account"),
    "support.export": Act(before=_look_in),
    "member_groups.new": typing(name="早班"),
    "support.end": Act(before=_look_in),
    "support.new": typing(reason="排查画面不更新"),
    "system.retry": Act(before=_failed_work),
    "tenant_acl.add": typing(
        effect="deny", subject="role:tenant_editor", permission="content:edit", place="class:internal"
    ),
    "user_groups.new": typing(name="早班"),
    "account.end_session": Act(before=lambda swept: open_session(swept.cast.yunqi.province)),
    "sessions.end_one_of_staff": Act(before=_supporters_browsers, at=_of_supporter),
    "sessions.end_all_of_staff": Act(before=_supporters_browsers, at=_of_supporter),
    "sessions.end_one_of_member": Act(before=_editors_browsers, at=_of_member),
    "sessions.end_all_of_member": Act(before=_editors_browsers, at=_of_member),
    "account.end_others": Act(before=lambda swept: open_session(swept.cast.yunqi.province)),
    "account.new_password": typing(current=PASSWORD, password="another good long password"),
    "account.password": typing(current=PASSWORD, password="another good long password"),
    "ads.delete": Act(before=_without("entry", "default")),
    "ads.discard": Act(before=_without("entry", "default")),
    "ads.new_default": Act(lambda swept: {"playlist": swept.yunqi.ids["playlist"]}, _without("default")),
    "ads.new_entry": with_id("playlist", "playlist"),
    "ads.new_playlist": typing(title="新的"),
    "applications.approve": typing(industry_code="1401001"),
    "applications.edit": Act(before=_take_back_application),
    "applications.give_up": Act(before=_take_back_application),
    "applications.new": typing(**{**asdict(APPLIED), "name": "新的客户(全国酒店)", "scope": "national"}),
    "applications.send_back": typing(reason="缺少营业执照上的全称"),
    "applications.submit": Act(before=_take_back_application),
    "boxes.command": Act(lambda swept: {"act": "resync"}, at=_of_box),
    "boxes.confirm": Act(at=lambda swept: f"{swept.yunqi.house.path}/boxes/waiting"),
    "boxes.move": Act(
        lambda swept: {"group": swept.yunqi.house.elsewhere},
        at=lambda swept: f"{swept.yunqi.house.path}/boxes/move?chosen={swept.yunqi.ids['box_id']}",
    ),
    "boxes.name": typing(name="1208"),
    "boxes.reject": Act(at=lambda swept: f"{swept.yunqi.house.path}/boxes/waiting"),
    "boxes.replace": with_id("request_id", "successor"),
    "boxes.selection": Act(
        lambda swept: {"act": "resync", "chosen": swept.yunqi.ids["box_id"]},
        at=lambda swept: f"{swept.yunqi.house.path}/boxes",
    ),
    "boxes.wall_pictures": _on("/boxes/wall", _let_box_be_heard),
    "boxes.waiting_phone": Act(at=lambda swept: f"{swept.yunqi.house.path}/boxes/waiting"),
    "fleet.wall_pictures": Act(before=_let_box_be_heard, at=lambda swept: "/center/boxes/wall"),
    "boxes.alerts": typing(after_minutes="15", roles=["tenant_admin"]),
    "boxes.export": _on("/boxes"),
    "fleet.export": Act(at=lambda swept: "/center/boxes"),
    "fleet.selection": Act(
        lambda swept: {"act": "resync", "chosen": swept.yunqi.ids["box_id"]}, at=lambda swept: "/center/boxes"
    ),
    "plays.export": _on("/plays", _let_something_play),
    "all_plays.export": Act(before=_let_something_play, at=lambda swept: "/center/reports/plays"),
    "boxes.theft": with_id("serial", "typed", reason="客人带走了"),
    "boxes.unbind": typing(reason="退房"),
    "content.restore": _on("/content/recycle-bin", _without("marquee")),
    "audit_export.index": typing(format="jsonl"),
    "audit_export.tenant": typing(format="xlsx"),
    "checkpoint_mail.send": Act(direct=True),  # its form is there once a recipient is set: tests/administration
    "customers.edit": Act(at=_own_customer),
    "customers.phone": Act(before=_give_contact_a_phone),
    "customers.new": typing(name="新客户有限公司", industry_code="1401001"),
    "deletion.index": Act(lambda swept: {"reason": "合同到期", "typed": swept.yunqi.house.tenant.name}, _end),
    "deletion.withdraw": Act(before=_ask_for_deletion),
    "deletions.confirm": Act(lambda swept: {"typed": swept.yunqi.house.tenant.enterprise_id}, _ask_for_deletion),
    "deletions.decline": Act(before=_ask_for_deletion),
    "desk.decision": typing(decision="approve"),
    "desk_bulk.approve": Act(
        lambda swept: {"decision": "approve", "chosen": swept.yunqi.ids["submission_id"]},
        at=lambda _: "/center/review/bulk",
    ),
    "desk_talk.comment": Act(lambda _: {"text": "日期是哪天？"}, at=_of_case),
    "desk_talk.presence": Act(lambda swept: {"page": new_id()}, direct=True),
    "review.comment": typing(text="下周一。"),
    "enterprises.new": typing(customer="云栖酒店", name="云栖酒店(全国酒店)", short_name="云栖全国", scope="national"),
    "grants.new": Act(
        lambda swept: {
            "feature": "live",
            "reason": "一事一议",
            "price": "5.00",
            "ends_on": _in_days(30),
            "confirmed": "1",
        }
    ),
    "groups.channel": typing(typed="湖滨店"),
    "groups.new": typing(name="新店"),
    "installation.hand_to_installer": Act(
        lambda swept: {"name": "赵师傅", "phone": "13600136000", "places": "5", "last_on": _in_days(9)}
    ),
    "installation.hand_to_manager": typing(name="孙经理", phone="13700137000"),
    "installation.reopen": Act(before=_close_job),
    "keys.retire_sealing": Act(direct=True),
    "logo.new": Act(picture_for(Purpose.LOGO, "image").typed, _without("logo")),
    "marquee.new": typing(text="新消息"),
    "content.crop": Act(
        lambda swept: {
            "sha256": building.add_picture(swept.yunqi.house.tenant, Purpose.FRAME, (7, 7, 7)),
            "purpose": "frame",
            "left": "0.1",
            "top": "0.1",
            "width": "0.5",
        },
        direct=True,
    ),
    "content.presence": Act(lambda swept: {"page": new_id()}, direct=True),
    "preview.look": Act(
        lambda swept: {"text": "新消息", "colour": "#ffffff", "priority": "0", "object_id": new_id()}, direct=True
    ),
    "content.hide": Act(
        lambda swept: {"chosen": f"{swept.yunqi.ids['item']}:{_version(swept, 'item')}", "act": "hide"}, direct=True
    ),
    "conversions.tidy": after(_ended_video),
    "media.delete": after(_unused_picture),
    "media.restore": after(_deleted_picture),
    "uploads.begin": Act(lambda swept: {"name": "a.png", "bytes": "10", "stamp": "1", "purpose": "item"}, direct=True),
    "uploads.drop": Act(who=_editor, direct=True),
    "uploads.finish": Act(before=_whole_upload, who=_editor, direct=True),
    "uploads.piece": Act(lambda swept: {"offset": "0", "piece": (BytesIO(b"abc"), "piece")}, who=_editor, direct=True),
    "media.chosen": Act(
        lambda swept: {"chosen": swept.yunqi.ids["media_id"], "act": "tag", "tag": "大堂"}, direct=True
    ),
    "media.tag_one": typing(add="大堂"),
    "replacing.replace": Act(_replacement, _used_picture),
    "media.upload": Act(lambda swept: {"files": (BytesIO(building.picture()), "新图.png"), "purpose": "item"}),
    "members.add": typing(username="newcomer", display_name="新人", role="tenant_editor"),
    "members.void_link": after(_invite),
    "gate.step_up": Act(direct=True),
    "modules.edit": typing(captcha="never", level="2", minutes="20"),
    "modules.edit_rest": typing(minutes="20"),
    "web.columns": Act(at=lambda swept: "/center/tenants", who=lambda swept: swept.cast.operator),
    "web.session_stay": Act(direct=True),
    "notices.read": Act(who=lambda swept: swept.cast.reviewer),
    "officers.confirm": Act(before=_ask_for_an_auditor, who=lambda swept: swept.cast.security_admin),
    "officers.propose": typing(username="newauditor", display_name="新审计员", role="auditor", reason="轮岗"),
    "officers.find": typing(username="reviewer"),
    "officers.propose_again": typing(reason="换了手机", lost="factor"),
    "officers.propose_certificate": typing(reason="新发的智能卡"),
    "members.propose_reset": typing(reason="换了手机", lost="factor"),
    "account.refuse": Act(before=_ask_about_somebody, who=lambda swept: swept.cast.support),
    "officers.refuse": Act(before=_ask_for_an_auditor),
    "orders.cancel": typing(confirmed="1"),
    "orders.change": typing(**PLACES),
    "orders.new": Act(
        lambda swept: {
            **PLACES,
            "customer_class": "enterprise",
            "industry_code": "1401001",
            "starts_on": _next_month(),
        },
        _cancel,
    ),
    "orders.resume": after(lambda swept: packages.suspend(swept.yunqi.house.tenant)),
    "orders.suspend": typing(confirmed="1"),
    "orders.withdraw": after(lambda swept: packages.change_next_month(swept.yunqi.house.tenant, packages.BASIC)),
    "passkeys.edit": typing(name="蓝色钥匙"),
    "passkeys.remove": typing(current=PASSWORD),
    "apps.new": Act(
        lambda swept: {"asset_upload": (BytesIO(apks.apk(apks.other(package="cn.com.example.menu"))), "menu.apk")}
    ),
    "power.new": Act(before=_without("power")),
    "releases.lift": typing(reason="已整改"),
    "releases.next_release": Act(before=_approve),
    "releases.publish_submission": Act(before=_approve),
    "releases.roll_back": after(_publish_another, reason="写错了"),
    "releases.take_down": typing(reason="违规"),
    "reports.export": Act(before=lambda swept: bound_box(swept.app, swept.yunqi.house.tenant, serial="BOX-9")),
    "ads.move": Act(
        lambda swept: {
            "version": _version(swept, "entry"),
            "at": "500",
            **dict.fromkeys(("day", "to_day"), _in_days(3)),
            "start_by": "60",
            "end_by": "60",
        },
        direct=True,
    ),
    "ads.drop": Act(
        lambda swept: {"playlist": swept.yunqi.ids["playlist"], "day": _in_days(3), "start": "60"}, direct=True
    ),
    "ads.rows": Act(
        lambda swept: {
            "asset": building.add_picture(swept.yunqi.house.tenant, Purpose.AD, (8, 8, 9)),
            "number": "4",
        },
        direct=True,
    ),
    "slots.arrive": Act(
        lambda swept: {"position": "2", "files": (BytesIO(building.picture((4, 5, 6), (960, 540))), "湖.png")}
    ),
    "slots.move": typing(to="2"),
    "slots.new": picture_for(
        Purpose.SLOT_MIDDLE, "image", position="2", title="新", action="url", url="https://example.com/"
    ),
    "splash.new": picture_for(Purpose.FRAME, "image", position="2"),
    "users.add": typing(username="newstaff", display_name="新员工", role="center_support"),
    "users.enable": after(_disable),
    "zone.delete_column": Act(before=_without("slot", "item", "second")),
    "zone.discard_column": Act(before=_without("slot", "item", "second")),
    "zone.nest": Act(
        lambda swept: {
            "column": swept.yunqi.ids["second"],
            "version": _version(swept, "second"),
            "parent": swept.yunqi.ids["first"],
        },
        direct=True,
    ),
    "zone.new_column": typing(title="新栏目"),
    "zone.new_item": with_id("second", "column", title="新条目", kind="text", html="<p>字</p>"),
}

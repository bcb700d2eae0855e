"""Writing, submitting and deciding applications for enterprise IDs."""

from dataclasses import fields

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.catalogue import catalogue
from portal.catalog.scopes import Scope
from portal.core import clock
from portal.core.context import Context, TenantRef
from portal.core.errors import Conflict, Forbidden, Invalid
from portal.core.ids import new_id
from portal.core.messages import N_, Message
from portal.core.pinyin import pinyin_of
from portal.notify.commands import tell
from portal.tenants.applications import rules
from portal.tenants.applications.models import Application, ApplicationStep
from portal.tenants.applications.queries import authors_of, digest, fields_of, get_application
from portal.tenants.applications.rules import Fields, Opening
from portal.tenants.applications.states import Act, ApplicationState, after
from portal.tenants.commands.customers import CustomerDetails, add_customer
from portal.tenants.commands.enterprises import TenantDetails, add_tenant
from portal.tenants.models import Customer, Tenant
from portal.tenants.naming import read_group_name
from portal.tenants.queries import find_customer
from portal.tenants.rules import fold

_DECIDERS = (Role.CENTER_REVIEWER, Role.CENTER_OPERATOR)
_NAME_TAKEN = N_("已经有同名的企业，或同名的申请正在审批。")


def draft_application(ctx: Context, entered: Fields) -> Application:
    """This function will keep a new application of the actor's province as a draft; raises `Invalid` for what is too long."""
    province_code = _own_province(ctx)
    entered = _checked_draft(entered)
    row = Application(
        id=new_id(), province_code=province_code, state=ApplicationState.DRAFT.value, created_at=clock.now()
    )
    _fill(row, entered)
    ctx.session.add(row)
    ctx.session.flush()
    _note(ctx, row, Act.DRAFT)
    record(ctx, Event.APPLICATION_DRAFTED, _target(row), decided_on=digest(row), name=row.group_name)
    return row


def change_application(ctx: Context, application_id: str, version: int, entered: Fields) -> Application:
    """This function will change a draft or a returned application; raises `Invalid`, `Conflict`, `NotFound`."""
    _own_province(ctx)
    row = _locked(ctx, application_id, version)
    after(ApplicationState(row.state), Act.CHANGE)
    before, entered = fields_of(row), _checked_draft(entered)
    changed = [one.name for one in fields(Fields) if getattr(before, one.name) != getattr(entered, one.name)]
    if not changed:
        return row
    _fill(row, entered)
    ctx.session.flush()
    _note(ctx, row, Act.CHANGE)
    record(ctx, Event.APPLICATION_CHANGED, _target(row), decided_on=digest(row), fields=changed)
    return row


def submit_application(ctx: Context, application_id: str, version: int) -> None:
    """This function will hand an application to the center, whose reviewers are told.

    Raises `Invalid` by field, also for a name that an enterprise or another waiting application has; `Conflict`, `NotFound`.
    """
    province_code = _own_province(ctx)
    row = _locked(ctx, application_id, version)
    state = after(ApplicationState(row.state), Act.SUBMIT)
    errors = rules.problems(fields_of(row), province_code)
    if "name" not in errors and ctx.session.scalar(select(Tenant.id).where(Tenant.name == row.group_name)):
        errors["name"] = _NAME_TAKEN
    if errors:
        raise Invalid(errors)
    _hand_in(ctx, row, state)
    step = _note(ctx, row, Act.SUBMIT)
    record(ctx, Event.APPLICATION_SUBMITTED, _target(row), decided_on=digest(row), name=row.group_name)
    province = catalogue().provinces[row.province_code].name.words
    _tell_center(ctx, step, row, N_("%(province)s 申请企业ID：%(name)s。", province=province, name=row.group_name))


def take_back_application(ctx: Context, application_id: str, version: int) -> None:
    """This function will make a waiting application a draft again; raises `Conflict` where the center was faster, `NotFound`."""
    _own_province(ctx)
    row = _locked(ctx, application_id, version)
    row.state = after(ApplicationState(row.state), Act.TAKE_BACK).value
    step = _note(ctx, row, Act.TAKE_BACK)
    record(ctx, Event.APPLICATION_TAKEN_BACK, _target(row), decided_on=digest(row), name=row.group_name)
    _tell_center(ctx, step, row, N_("企业ID申请「%(name)s」被撤回修改，先不用审。", name=row.group_name))


def give_up_application(ctx: Context, application_id: str, version: int) -> None:
    """This function will end a draft or a returned application for good; raises `Conflict`, `NotFound`."""
    _own_province(ctx)
    row = _locked(ctx, application_id, version)
    row.state = after(ApplicationState(row.state), Act.GIVE_UP).value
    _note(ctx, row, Act.GIVE_UP)
    record(ctx, Event.APPLICATION_GIVEN_UP, _target(row), decided_on=digest(row), name=row.group_name)


def return_application(ctx: Context, application_id: str, version: int, reason: str) -> None:
    """This function will send an application back with a reason, of which its applicant is told.

    Raises `Invalid` without a reason, `Conflict` where it is not the one that was read or somebody was faster, `NotFound`.
    """
    row, state = _to_decide(ctx, application_id, version, Act.RETURN)
    reason = reason.strip()
    if not reason:
        raise Invalid({"reason": N_("退回要写明原因，让省公司知道改什么。")})
    if len(reason) > rules.REASON_CHARACTERS:
        raise Invalid({"reason": N_("原因最多 %(n)d 个字。", n=rules.REASON_CHARACTERS)})
    row.state = state.value
    step = _note(ctx, row, Act.RETURN, reason)
    record(ctx, Event.APPLICATION_RETURNED, _target(row), decided_on=digest(row), name=row.group_name, reason=reason)
    _tell_applicant(ctx, step, row, N_("企业ID申请「%(name)s」被退回：%(reason)s", name=row.group_name, reason=reason))


def approve_application(ctx: Context, application_id: str, version: int, opening: Opening) -> TenantRef:
    """This function will approve an application: its enterprise and, if it is new, its customer come to be, with an enterprise ID.

    Of two who decide at once one wins. Raises `Forbidden` for whoever wrote or submitted it, `Invalid` by field, `Conflict`,
    `NotFound`. The root box group is made from the outbox, see `tenants.jobs.make_root_group_at_once`.
    """
    row, state = _to_decide(ctx, application_id, version, Act.APPROVE)
    held = fields_of(row)
    name = read_group_name(held.name, Scope(held.scope), row.province_code)
    customer = _customer(ctx, opening, name.customer, held)
    owner = None if name.scope is Scope.NATIONAL else row.province_code
    details_of = TenantDetails(
        name, opening.short_name, customer.id, owner, held.server_address, applied_by=row.province_code
    )
    tenant = add_tenant(ctx, details_of)
    row.state, row.opened_id = state.value, tenant.id
    step = _note(ctx, row, Act.APPROVE)
    record(
        ctx,
        Event.APPLICATION_APPROVED,
        _target(row),
        decided_on=digest(row),
        name=row.group_name,
        enterprise_id=tenant.enterprise_id,
    )
    message = N_("「%(name)s」的企业ID 是 %(number)s，可以交接了。", name=row.group_name, number=tenant.enterprise_id)
    _tell_applicant(ctx, step, row, message)
    return tenant


def reveal_contacts(ctx: Context, application_id: str) -> Application:
    """This function will return the application whose phones and address somebody wants to see in full, and record that."""
    ask(ctx, Permission.CONTACTS_REVEAL)
    row = get_application(ctx.session, application_id, ctx.actor)
    shown = ["contact_phone", "applicant_phone", "server_address"]
    record(ctx, Event.CONTACT_REVEALED, _target(row), fields=shown)
    return row


def _customer(ctx: Context, opening: Opening, named: str, held: Fields) -> Customer:
    """The customer that is there under this name, or a new one with the contact of the application."""
    name = fold(opening.customer) or named
    known = find_customer(ctx.session, name)
    if known is not None:
        return known
    details = CustomerDetails(name, opening.industry_code, held.contact_name, held.contact_phone)
    try:
        with ctx.session.begin_nested():
            return add_customer(ctx, details)
    except IntegrityError as taken:
        raise _made_meanwhile(name) from taken
    except Invalid as invalid:
        if find_customer(ctx.session, name) is not None:  # it came between the two looks
            raise _made_meanwhile(name) from invalid
        raise Invalid({"customer" if key == "name" else key: said for key, said in invalid.errors.items()}) from invalid


def _made_meanwhile(name: str) -> Conflict:
    return Conflict(N_("客户「%(name)s」刚被别人建立，请再通过一次。", name=name), code="customer_created")


def _own_province(ctx: Context) -> str:
    """Only somebody of a province applies, for that province."""
    ask(ctx, Permission.APPLICATIONS_EDIT)
    if ctx.actor.province_code is None:
        raise Forbidden(Permission.APPLICATIONS_EDIT)
    return ctx.actor.province_code


def _to_decide(ctx: Context, application_id: str, version: int, act: Act) -> tuple[Application, ApplicationState]:
    ask(ctx, Permission.APPLICATIONS_DECIDE)
    row = _locked(ctx, application_id, version)
    state = after(ApplicationState(row.state), act)
    own = ctx.actor.user_id is not None and ctx.actor.user_id in authors_of(ctx.session, row.id)
    because = N_("自己填写或提交的申请不能自己审批。")
    ask(ctx, Permission.APPLICATIONS_DECIDE, provided=not own, because=because)
    return row, state


def _locked(ctx: Context, application_id: str, version: int) -> Application:
    """The row as it stands once nobody else can change it; the one that the actor read, or `Conflict`."""
    get_application(ctx.session, application_id, ctx.actor)
    locked = select(Application).where(Application.id == application_id).with_for_update()
    row = ctx.session.scalars(locked.execution_options(populate_existing=True)).one()
    if row.version != version:
        raise Conflict(N_("这份申请刚被别人处理或改过，请看过最新内容再决定。"), code="newer_version")
    return row


def _checked_draft(entered: Fields) -> Fields:
    entered = rules.folded(entered)
    if found := rules.too_long(entered):
        raise Invalid(found)
    return entered


def _fill(row: Application, entered: Fields) -> None:
    """What stays is not sealed anew, so that nothing looks changed that is not."""
    row.group_name, row.sub_product_code, row.scope = entered.name, entered.sub_product, entered.scope
    row.pinyin = pinyin_of(entered.name)
    for name in ("contact_name", "contact_phone", "applicant_phone", "server_address"):
        typed = getattr(entered, name) or None
        if getattr(row, name) != typed:
            setattr(row, name, typed)


def _hand_in(ctx: Context, row: Application, state: ApplicationState) -> None:
    """The database lets one application wait under a name; whoever comes second is told at the field."""
    try:
        with ctx.session.begin_nested():
            row.state, row.submitted_by, row.submitted_at = state.value, ctx.actor.user_id, clock.now()
            ctx.session.flush()
    except IntegrityError as taken:
        raise Invalid({"name": _NAME_TAKEN}) from taken


def _note(ctx: Context, row: Application, act: Act, reason: str = "") -> ApplicationStep:
    step = ApplicationStep(
        id=new_id(),
        application_id=row.id,
        act=act.value,
        by_user_id=ctx.actor.user_id,
        by_name=ctx.actor.display_name,
        by_role=ctx.actor.role,
        at=clock.now(),
        reason=reason,
    )
    ctx.session.add(step)
    return step


def _tell_center(ctx: Context, step: ApplicationStep, row: Application, message: Message) -> None:
    for role in _DECIDERS:
        tell(ctx, message, key=f"application:{step.id}:{role}", role=role, link=_link(row))


def _tell_applicant(ctx: Context, step: ApplicationStep, row: Application, message: Message) -> None:
    if row.submitted_by is not None:
        tell(ctx, message, key=f"application:{step.id}", user_id=row.submitted_by, link=_link(row))


def _link(row: Application) -> str:
    return f"/center/applications/{row.id}"


def _target(row: Application) -> Target:
    return Target("enterprise_application", row.id, row.group_name)

"""Reads of applications. A province sees its own; the center sees all."""

from collections.abc import Mapping

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from portal.access.policy import own_province
from portal.core.canonical import canonical_sha256
from portal.core.context import Actor
from portal.core.errors import NotFound
from portal.core.ids import TenantId
from portal.tenants.applications.models import Application, ApplicationStep
from portal.tenants.applications.rules import Fields, find_offering
from portal.tenants.applications.states import WRITING, ApplicationState
from portal.tenants.models import Tenant
from portal.tenants.rules import fold, is_mobile

APPLICATION_SORTS = {"created": Application.id, "submitted": Application.submitted_at, "name": Application.pinyin}


def visible_to(actor: Actor) -> Select[Application]:
    """This function will return the statement of the applications that exist for the actor; a draft is the province's alone."""
    statement, province = select(Application), own_province(actor)
    if province is not None:
        return statement.where(Application.province_code == province)
    return statement.where(Application.submitted_at.is_not(None))


def narrowed(
    statement: Select[Application], text: str = "", state: ApplicationState | None = None, province_code: str = ""
) -> Select[Application]:
    """This function will keep what `text` finds by name or pinyin, or by a whole mobile number, of one state and province."""
    if state is not None:
        statement = statement.where(Application.state == state.value)
    if province_code:
        statement = statement.where(Application.province_code == province_code)
    words = fold(text)
    if not words:
        return statement
    if is_mobile(words):
        lookup = Application.contact_phone.fingerprint(words)
        phones = or_(Application.contact_phone_lookup == lookup, Application.applicant_phone_lookup == lookup)
        return statement.where(phones)
    named = Application.group_name.icontains(words, autoescape=True)
    spelt = Application.pinyin.contains(words.lower().replace(" ", ""), autoescape=True)
    return statement.where(or_(named, spelt))


def get_application(session: Session, application_id: str, actor: Actor) -> Application:
    """This function will return the application's row; raises `NotFound`, also for one that the actor may not know of."""
    found = session.scalar(visible_to(actor).where(Application.id == application_id))
    if found is None:
        raise NotFound
    return found


def steps_of(session: Session, application_id: str) -> list[ApplicationStep]:
    """This function will return what happened to the application, newest first."""
    wanted = select(ApplicationStep).where(ApplicationStep.application_id == application_id)
    return list(session.scalars(wanted.order_by(ApplicationStep.id.desc())))


def authors_of(session: Session, application_id: str) -> frozenset[str]:
    """This function will return who wrote, changed or submitted the application: none of them may approve it."""
    wanted = select(ApplicationStep.by_user_id).where(
        ApplicationStep.application_id == application_id,
        ApplicationStep.act.in_([act.value for act in WRITING]),
        ApplicationStep.by_user_id.is_not(None),
    )
    return frozenset(user_id for user_id in session.scalars(wanted) if user_id)


def how_many_wait() -> Select[int]:
    """This function will return the statement for the number of applications that wait for the center."""
    return select(func.count(Application.id)).where(Application.state == ApplicationState.SUBMITTED.value)


def count_waiting(session: Session) -> int:
    """This function will return how many applications wait for the center."""
    return session.scalar(how_many_wait()) or 0


def count_returned(session: Session, province_code: str) -> int:
    """This function will return how many applications came back to the province."""
    returned = select(Application).where(Application.state == ApplicationState.RETURNED.value)
    return _count(session, returned.where(Application.province_code == province_code))


def enterprises_of(session: Session, applications: list[Application]) -> Mapping[str, Tenant]:
    """This function will return the enterprises that came of applications, by their ids; one query."""
    ids = [one.opened_id for one in applications if one.opened_id is not None]
    return {row.id: row for row in session.scalars(select(Tenant).where(Tenant.id.in_(ids)))} if ids else {}


def applied_offering(session: Session, tenant_id: TenantId) -> str:
    """This function will return the code of the offering that the enterprise's ID was applied for with, or an empty text."""
    code = session.scalar(select(Application.sub_product_code).where(Application.opened_id == tenant_id))
    offering = find_offering(code) if code else None
    return offering.code if offering else ""


def fields_of(row: Application) -> Fields:
    """This function will open the seals of the application and return its seven fields."""
    return Fields(
        row.group_name,
        row.sub_product_code,
        row.scope,
        row.contact_name or "",
        row.contact_phone or "",
        row.applicant_phone or "",
        row.server_address or "",
    )


def digest(row: Application) -> str:
    """This function will return the SHA-256 of the seven fields, by which a decision names what was decided on.

    What is sealed counts by its keyed hash, so that the log gives nobody something to try phone numbers against.
    """
    keyed = Application.contact_phone.fingerprint
    held = fields_of(row)
    shown = {"name": held.name, "sub_product": held.sub_product, "scope": held.scope}
    sealed = {
        "contact_name": keyed(held.contact_name),
        "contact_phone": keyed(held.contact_phone),
        "applicant_phone": keyed(held.applicant_phone),
        "server_address": keyed(held.server_address),
    }
    return canonical_sha256(shown | sealed)


def _count(session: Session, statement: Select[Application]) -> int:
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0

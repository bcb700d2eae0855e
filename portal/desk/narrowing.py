"""What of the queue somebody may look at: enterprises' access lists hold some of it back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.access.acl import Effect
from portal.access.checks import may
from portal.access.models import InformationEntry
from portal.access.permissions import Permission
from portal.access.policy import allows
from portal.content.models import ContentObject, Revision
from portal.content.protecting import may_about
from portal.content.states import RevisionState
from portal.content.stored import envelope_of
from portal.core.context import Actor, Context, TenantRef
from portal.core.database import tenant_session
from portal.core.ids import TenantId
from portal.tenants.models import Tenant
from portal.tenants.queries import reference


@dataclass(frozen=True)
class Narrowing:
    """What is held back from one person, by tenant: the objects of which something waits, or with `all_of` everything."""

    objects: Mapping[TenantId, frozenset[str]]
    all_of: frozenset[TenantId]

    @property
    def tenants(self) -> frozenset[TenantId]:
        """The tenants of which something is held back."""
        return frozenset(self.objects) | self.all_of

    def admits(self, tenant_id: str, object_id: str) -> bool:
        """This function will tell whether the person may look at what waits of an object."""
        tenant = TenantId(tenant_id)
        return tenant not in self.all_of and object_id not in self.objects.get(tenant, frozenset())


def narrowing(system: Session, actor: Actor) -> Narrowing:
    """This function will return what the actor may not look at of all that waits for a decision.

    One query where no list of an enterprise with something in the queue concerns the actor, as is usual; three more for each that does.
    """
    objects: dict[TenantId, frozenset[str]] = {}
    all_of = set()
    for tenant in _concerning(system, actor):
        with tenant_session(tenant.id) as session:
            ctx = Context(session, actor, tenant)
            if not may(ctx, Permission.REVIEW_COMPARE):
                all_of.add(tenant.id)
            elif held := _held_back(ctx):
                objects[tenant.id] = held
    return Narrowing(objects, frozenset(all_of))


def _concerning(system: Session, actor: Actor) -> Collection[TenantRef]:
    """The tenants with something in the queue whose list names the actor, or names others alone."""
    named = (InformationEntry.subject_id == str(actor.user_id)) | (InformationEntry.subject_id == actor.role)
    concerns = or_(named, InformationEntry.subject_type == "group", InformationEntry.effect == Effect.ALLOW.value)
    waits = select(Revision.tenant_id).where(Revision.state == RevisionState.SUBMITTED.value)
    listed = select(InformationEntry.tenant_id).where(concerns, InformationEntry.tenant_id.in_(waits))
    return [reference(row) for row in system.scalars(select(Tenant).where(Tenant.id.in_(listed)))]


def _held_back(ctx: Context) -> frozenset[str]:
    """The objects whose waiting revision the actor may not see, or, being a reviewer, not decide."""
    decides = allows(ctx.actor, Permission.REVIEW_DECIDE, ctx.tenant)
    asked = Permission.REVIEW_DECIDE if decides else Permission.REVIEW_COMPARE
    rows = ctx.session.execute(
        select(ContentObject, Revision)
        .join(Revision, (Revision.tenant_id == ContentObject.tenant_id) & (Revision.object_id == ContentObject.id))
        .where(Revision.state == RevisionState.SUBMITTED.value)
    ).all()
    return frozenset(row.id for row, revision in rows if not may_about(ctx, asked, row, envelope_of(revision)))

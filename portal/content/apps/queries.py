"""Every app that a tenant's objects hold or ever handed in, for the rules that go across objects."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.apps.rules import App
from portal.content.kinds import Kind
from portal.content.models import ContentObject, Revision
from portal.content.states import RevisionState
from portal.content.stored import stored_envelope


@dataclass(frozen=True)
class Known:
    """One revision of an app: of which object, and whether it was ever handed in."""

    object_id: str
    app: App
    handed_in: bool


def known_apps(session: Session, package: str) -> list[Known]:
    """This function will return every revision with this package that stands as a draft or was ever handed in; one query.

    A draft that was thrown away counts for nothing: a wrong file, never handed in, ties nobody.
    """
    columns = (Revision.object_id, Revision.state, Revision.submitted_at, Revision.sha256, Revision.envelope)
    same = (ContentObject.tenant_id == Revision.tenant_id) & (ContentObject.id == Revision.object_id)
    wanted = select(*columns).join(ContentObject, same).where(ContentObject.kind == Kind.APP.value)
    found = []
    for object_id, state, submitted_at, sha256, stored in session.execute(wanted):
        handed_in = submitted_at is not None
        if stored["payload"]["package"] == package and (handed_in or state == RevisionState.DRAFT):
            app = stored_envelope(sha256, stored).payload
            assert isinstance(app, App)  # noqa: S101 - the kind says so
            found.append(Known(object_id, app, handed_in))
    return found

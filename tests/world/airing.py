"""The way from a draft to the screens through the portal's own commands, and what the public folder shows."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.access.roles import Role
from portal.content.commands import Entered, Saved, save_draft
from portal.content.kinds import Kind
from portal.content.queries import ObjectView, get_object, revisions_of
from portal.core.context import Actor, TenantRef
from portal.core.database import tenant_session
from portal.core.ids import SubmissionId
from portal.releases.commands.publishing import publish_submission
from portal.releases.models import Pointer, Release
from portal.releases.queries import current_release, pointers
from portal.releases.site import site
from portal.review.commands import Decision, Verdict, decide
from portal.review.submitting import Chosen, submit_for_review
from tests.world.building import actor, add_marquee, add_provinces, build_tenant, build_user, in_tenant


@dataclass(frozen=True)
class Desk:
    """Who brings a tenant's content on air: an editor of it, and two reviewers of the center."""

    tenant: TenantRef
    editor: Actor
    reviewer: Actor
    second: Actor

    def save(self, text: str, saved: Saved | None = None, **more: Any) -> Saved:
        """This function will save a marquee's draft, the first one or one of an object that is there."""
        if saved is None:
            return add_marquee(self.tenant, text, self.editor, **more)
        entered = Entered({"text": text}, **more)
        version = self.view(saved).object.version
        return in_tenant(
            self.tenant,
            lambda ctx: save_draft(ctx, Kind.MARQUEE, saved.object_id, version, entered, void_approval=True),
            self.editor,
        )

    def submit(self, *drafts: Saved, **more: Any) -> SubmissionId:
        """This function will hand in drafts together."""
        chosen = [Chosen(saved.object_id, saved.sha256) for saved in drafts]
        more.setdefault("title", "送审")
        return in_tenant(self.tenant, lambda ctx: submit_for_review(ctx, chosen, **more), self.editor)

    def approve(self, submission: SubmissionId, *drafts: Saved) -> None:
        """This function will approve revisions of a submission."""
        decisions = [Decision(saved.revision_id, saved.sha256, Verdict.APPROVE) for saved in drafts]
        in_tenant(self.tenant, lambda ctx: decide(ctx, submission, decisions), self.reviewer)

    def send_back(self, submission: SubmissionId, saved: Saved) -> None:
        """This function will return a revision."""
        decision = Decision(saved.revision_id, saved.sha256, Verdict.RETURN, "请改正")
        in_tenant(self.tenant, lambda ctx: decide(ctx, submission, [decision]), self.reviewer)

    def publish(self, submission: SubmissionId) -> Release:
        """This function will publish what is approved of a submission."""
        return in_tenant(self.tenant, lambda ctx: publish_submission(ctx, submission), self.reviewer)

    def approved(self, *drafts: Saved, **more: Any) -> SubmissionId:
        """This function will hand in drafts and approve them."""
        submission = self.submit(*drafts, **more)
        self.approve(submission, *drafts)
        return submission

    def put_on_air(self, *drafts: Saved, **more: Any) -> Release:
        """This function will hand in drafts, approve and publish them."""
        return self.publish(self.approved(*drafts, **more))

    def view(self, saved: Saved) -> ObjectView:
        """This function will return how the object stands."""
        with tenant_session(self.tenant.id) as session:
            return get_object(session, saved.object_id)

    def states(self, saved: Saved) -> list[str]:
        """This function will return the states of all revisions of the object, oldest first."""
        with tenant_session(self.tenant.id) as session:
            return [revision.state for revision in reversed(revisions_of(session, saved.object_id))]

    def release(self) -> Release:
        """This function will return the newest release."""
        with tenant_session(self.tenant.id) as session:
            found = current_release(session)
        assert found is not None
        return found

    def pointers(self) -> list[Pointer]:
        """This function will return the rows of all channels, the one of the root group first."""
        with tenant_session(self.tenant.id) as session:
            return sorted(pointers(session).values(), key=lambda row: row.group_id)

    def texts(self, channel: str | None = None) -> list[str]:
        """This function will return the words of the marquees that boxes of a channel (the root's) see."""
        document = shown(channel or self.pointers()[0].channel)
        return sorted(message["text"] for message in document["marquee"])


def first_desk() -> Desk:
    """This function will fill an empty database with the provinces and one tenant, and give that its desk."""
    add_provinces()
    return desk_of(build_tenant())


def desk_of(tenant: TenantRef) -> Desk:
    """This function will give a tenant an editor and two reviewers."""
    return Desk(
        tenant,
        actor(Role.TENANT_EDITOR, build_user(f"editor-{tenant.enterprise_id}"), tenant),
        actor(Role.CENTER_REVIEWER, build_user(f"reviewer-{tenant.enterprise_id}")),
        actor(Role.CENTER_REVIEWER, build_user(f"second-{tenant.enterprise_id}")),
    )


def pointer_file(channel: str) -> Path:
    """This function will return the path of a channel's pointer."""
    return site().root / "channels" / channel / "current.json"


def shown(channel: str) -> dict[str, Any]:
    """This function will return the zone document that boxes of a channel see, read from the public folder as they do."""
    pointer = json.loads(pointer_file(channel).read_bytes())
    document: dict[str, Any] = json.loads((site().root / pointer["url"].removeprefix("/pub/")).read_bytes())
    return document

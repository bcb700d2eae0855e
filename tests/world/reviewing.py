"""Handing in, deciding and publishing by the commands, as the people of the cast."""

from dataclasses import dataclass
from typing import Any

from portal.content.commands import Saved
from portal.core.context import Actor
from portal.releases.commands.publishing import publish_submission
from portal.releases.models import Release
from portal.review.commands import Decision, Verdict, decide
from portal.review.submitting import Chosen, submit_for_review
from tests.world import building
from tests.world.cast import Cast, House, Person


@dataclass(frozen=True)
class HandedIn:
    """A submission and the drafts it holds."""

    house: House
    id: str
    saved: tuple[Saved, ...]

    @property
    def seen(self) -> list[str]:
        """What the desk's form sends back: every revision with the hash it showed."""
        return [f"{one.revision_id}:{one.sha256}" for one in self.saved]

    @property
    def desk(self) -> str:
        """Where the center decides on it."""
        return f"/center/review/{self.house.tenant.enterprise_id}/{self.id}"

    @property
    def page(self) -> str:
        """Where the tenant sees it."""
        return f"{self.house.path}/submissions/{self.id}"


def acting(person: Person) -> Actor:
    """This function will return the actor that a signed-in person of the cast is."""
    return building.actor(person.role, person.id, person.tenant)


def write(house: House, *texts: str, **more: Any) -> tuple[Saved, ...]:
    """This function will save a marquee's draft for each text, by the tenant's editor."""
    return tuple(building.add_marquee(house.tenant, text, acting(house.editor), **more) for text in texts)


def hand_in(house: House, *texts: str, title: str = "", urgent: bool = False, **more: Any) -> HandedIn:
    """This function will save a marquee for each text and hand all of them in, by the tenant's editor."""
    saved = write(house, *texts, **more)
    chosen = [Chosen(one.object_id, one.sha256) for one in saved]
    submission_id = building.in_tenant(
        house.tenant,
        lambda ctx: submit_for_review(ctx, chosen, title=title, urgent=urgent),
        acting(house.editor),
    )
    return HandedIn(house, submission_id, saved)


def approve(cast: Cast, handed_in: HandedIn) -> None:
    """This function will approve everything of a submission, by the reviewer."""
    decisions = [Decision(one.revision_id, one.sha256, Verdict.APPROVE) for one in handed_in.saved]
    building.in_tenant(handed_in.house.tenant, lambda ctx: decide(ctx, handed_in.id, decisions), acting(cast.reviewer))


def publish(cast: Cast, handed_in: HandedIn) -> Release:
    """This function will publish what is approved of a submission, by the operator."""
    return building.in_tenant(
        handed_in.house.tenant, lambda ctx: publish_submission(ctx, handed_in.id), acting(cast.operator)
    )


def put_on_air(cast: Cast, house: House, *texts: str, title: str = "", **more: Any) -> Release:
    """This function will take a marquee for each text all the way onto the air."""
    handed_in = hand_in(house, *texts, title=title, **more)
    approve(cast, handed_in)
    return publish(cast, handed_in)

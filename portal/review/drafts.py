"""What can be handed in: the tenant's drafts, with what each would change on the screen."""

from collections.abc import Collection
from dataclasses import dataclass

from portal.content.checks import inside_subtree
from portal.content.envelope import Envelope
from portal.content.queries import ObjectView, objects
from portal.content.stored import envelope_of
from portal.core.context import Context
from portal.review.compare import FieldChange, compare


@dataclass(frozen=True)
class Draft:
    """One draft: the object, what is on air of it, and the fields that differ; `blocked` where the package lacks its feature."""

    view: ObjectView
    on_air: Envelope | None
    changes: tuple[FieldChange, ...]
    blocked: bool

    @property
    def value(self) -> str:
        """What the form sends: the object and the hash of the draft that was seen."""
        draft = self.view.draft
        return f"{self.view.id}:{draft.sha256 if draft else ''}"


def drafts_of(ctx: Context, features: Collection[str]) -> list[Draft]:
    """This function will return every draft that the actor may hand in, by kind and then oldest first; two queries."""
    found = [
        view for view in objects(ctx.session).values() if view.draft is not None and inside_subtree(ctx, view.envelope)
    ]
    return [_draft(view, features) for view in sorted(found, key=lambda view: (_order(view), view.id))]


def _draft(view: ObjectView, features: Collection[str]) -> Draft:
    on_air = envelope_of(view.on_air) if view.on_air else None
    changes = tuple(compare(on_air, view.envelope))
    return Draft(view, on_air, changes, view.envelope.spec.feature not in features)


def _order(view: ObjectView) -> int:
    return list(type(view.envelope.kind)).index(view.envelope.kind)

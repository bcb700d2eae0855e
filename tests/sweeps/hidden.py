"""Content of the filled world that one role may not see, with a mark in everything it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal.access.acl import Acl, Effect, Place, Subject
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry
from portal.content.commands import Saved
from portal.content.kinds import Kind
from portal.content.models import ContentObject
from portal.core import unit_of_work
from portal.core.database import tenant_session
from portal.media.states import Purpose
from portal.releases.commands.publishing import publish_submission
from portal.review.commands import Decision, Verdict, decide
from portal.review.submitting import Chosen, submit_for_review
from tests.sweeps.world import Filled
from tests.world import building, content
from tests.world.cast import House

MARK = "绝密标题"


@dataclass(frozen=True)
class Planted:
    """What is hidden: the ids of the objects, and every word or hash by which one would be known."""

    ids: Mapping[str, str]
    signs: Sequence[str]


def plant(filled: Filled, *roles: Role) -> Planted:
    """This function will put hidden content of every kind beside what is there, in drafts, in review and on air, and deny it to `roles`.

    Each stands where something visible leads to it or lies beside it: in its column, on the next position, in the same submission.
    """
    house, tenant = filled.house, filled.house.tenant
    picture = content.small_picture(tenant, Purpose.SLOT_SMALL, (1, 2, 3))
    here = {"open": "column", "column": filled.ids["second"]}
    slot = {"position": 4, "title": MARK, "image": picture, "action": here}
    column = content.a_column(tenant, MARK)
    playlist = content.a_playlist(tenant, MARK)
    made = {
        "slot": content.draft(tenant, Kind.SLOT, slot),
        "first": column,
        "second": content.a_column(tenant, f"{MARK}二", column),
        "item": content.an_item(tenant, filled.ids["second"], MARK),
        "playlist": playlist,
        "marquee": content.draft(tenant, Kind.MARQUEE, {"text": MARK}),
    }
    content.an_entry(tenant, playlist, {"start": "20:00", "end": "22:00", "tz": "Asia/Shanghai"})
    seen, waiting, on_air = (building.add_marquee(tenant, text, _editor(house)) for text in ("看得见", MARK, MARK))
    filled.ids["submission_id"] = _submit(house, [seen, waiting])
    _publish(house, on_air)
    made |= {"waiting": waiting, "on_air": on_air}
    ids = {name: str(saved.object_id) for name, saved in made.items()}
    _deny(house, ids, roles)
    return Planted(ids, (MARK, picture))


def _deny(house: House, ids: Mapping[str, str], roles: Sequence[Role]) -> None:
    with tenant_session(house.tenant.id, writes=True) as session:
        for row in session.scalars(select(ContentObject).where(ContentObject.id.in_(ids.values()))):
            row.classification = "sensitive"
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()
    who = building.actor(Role.TENANT_ADMIN, house.admin.id, house.tenant)
    for role in roles:
        entry = NewEntry(Place("class", "sensitive"), "content:view", Effect.DENY, Subject("role", role))
        building.in_tenant(house.tenant, lambda ctx, entry=entry: add_entry(ctx, Acl.INFORMATION, entry), who)


def _submit(house: House, saved: Sequence[Saved]) -> str:
    chosen = [Chosen(one.object_id, one.sha256) for one in saved]
    return str(
        building.in_tenant(house.tenant, lambda ctx: submit_for_review(ctx, chosen, title="本周改动"), _editor(house))
    )


def _publish(house: House, saved: Saved) -> None:
    submission = _submit(house, [saved])
    reviewer = building.actor(Role.CENTER_REVIEWER, house.province.id)
    decision = Decision(saved.revision_id, saved.sha256, Verdict.APPROVE)
    building.in_tenant(house.tenant, lambda ctx: decide(ctx, submission, [decision]), reviewer)
    building.in_tenant(house.tenant, lambda ctx: publish_submission(ctx, submission), reviewer)


def _editor(house: House) -> object:
    return building.actor(Role.TENANT_EDITOR, house.editor.id, house.tenant)

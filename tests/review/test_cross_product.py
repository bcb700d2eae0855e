"""Every state of a revision x every act x everybody: what the commands do is compared with a table written by hand.

The table is not made from the policy or from the transitions of the code; it says what the domain rules say.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from portal.access.roles import Role
from portal.content.commands import Entered, Saved, restore_revision, save_draft
from portal.content.discarding import delete_object, discard_draft
from portal.content.kinds import Kind
from portal.content.queries import get_object, get_revision
from portal.content.states import RevisionState
from portal.core.context import COMMAND_LINE, SYSTEM, Actor, Context, TenantRef
from portal.core.errors import Conflict, Forbidden, NotFound, PortalError, Refused
from portal.core.ids import ObjectId, SubmissionId, new_id
from portal.releases.commands.publishing import publish_revisions
from portal.releases.commands.rolling_back import roll_back
from portal.releases.commands.taking_down import take_down
from portal.review.commands import Decision, Verdict, decide, withdraw_submission
from portal.review.submitting import Chosen, submit_for_review
from portal.tenants.commands.groups import create_group
from tests.world.airing import Desk, desk_of
from tests.world.building import actor, add_provinces, build_tenant, build_user, context, in_tenant, root_of
from tests.world.copies import own_installation

PEOPLE = (*(role.value for role in Role), "author as reviewer", "group editor elsewhere", "stranger")

EDITORS = {"tenant_admin", "tenant_editor", "group_editor", "cli"}
PUBLISHERS = {"center_operator", "center_reviewer", "author as reviewer"}
WHO_MAY = {
    **dict.fromkeys(("save", "discard", "delete", "submit", "restore"), EDITORS),
    "withdraw": EDITORS,
    "approve": {"center_reviewer"},
    "return": {"center_reviewer"},
    "publish": PUBLISHERS | {"system", "cli"},
    "roll back over": PUBLISHERS,
    "take down": PUBLISHERS,
}

# What an object has, written as: the state of the revision in question, then what else lives of its object.
# d = a draft, s = submitted, a = approved, p = on air; the revision in question counts too.
BEFORE = {
    "draft": "d",
    "submitted": "s",
    "approved": "a",
    "returned": "d",
    "published": "p",
    "superseded": "p",
    "withdrawn": "d",
    "voided": "d",
    "rolled_back": "p",
}

# act -> state before -> "state after: what lives then", or the error.
AFTER: dict[str, dict[str, str | type[Exception]]] = {
    "save": {
        "draft": "draft: d",
        "submitted": "submitted: ds",
        "approved": "voided: d",
        "returned": "returned: d",
        "published": "published: dp",
        "superseded": "superseded: dp",
        "withdrawn": "withdrawn: d",
        "voided": "voided: d",
        "rolled_back": "rolled_back: dp",
    },
    "discard": {
        "draft": "withdrawn: ",
        "submitted": Refused,
        "approved": Refused,
        "returned": "returned: ",
        "published": Refused,
        "superseded": Refused,
        "withdrawn": "withdrawn: ",
        "voided": "voided: ",
        "rolled_back": Refused,
    },
    "delete": {
        "draft": "withdrawn: ",
        "submitted": "submitted: ds",
        "approved": "voided: d",
        "returned": "returned: ",
        "published": "published: dp",
        "superseded": "superseded: dp",
        "withdrawn": "withdrawn: ",
        "voided": "voided: ",
        "rolled_back": "rolled_back: dp",
    },
    "submit": {
        "draft": "submitted: s",
        "submitted": Conflict,
        "approved": Conflict,
        "returned": "returned: s",
        "published": Conflict,
        "superseded": Conflict,
        "withdrawn": "withdrawn: s",
        "voided": "voided: s",
        "rolled_back": Conflict,
    },
    "withdraw": {
        "draft": NotFound,
        "submitted": "withdrawn: d",
        "approved": "withdrawn: d",
        "returned": Refused,
        "published": Refused,
        "superseded": Refused,
        "withdrawn": Refused,
        "voided": Refused,
        "rolled_back": Refused,
    },
    "approve": {
        "draft": NotFound,
        "submitted": "approved: a",
        "approved": Conflict,
        "returned": Conflict,
        "published": Conflict,
        "superseded": Conflict,
        "withdrawn": Conflict,
        "voided": Conflict,
        "rolled_back": Conflict,
    },
    "return": {
        "draft": NotFound,
        "submitted": "returned: d",
        "approved": Conflict,
        "returned": Conflict,
        "published": Conflict,
        "superseded": Conflict,
        "withdrawn": Conflict,
        "voided": Conflict,
        "rolled_back": Conflict,
    },
    "publish": {
        "draft": Conflict,
        "submitted": Conflict,
        "approved": "published: p",
        "returned": Conflict,
        "published": Conflict,
        "superseded": Conflict,
        "withdrawn": Conflict,
        "voided": Conflict,
        "rolled_back": Conflict,
    },
    "roll back over": {
        "draft": "draft: d",
        "submitted": "submitted: s",
        "approved": "approved: a",
        "returned": "returned: d",
        "published": "rolled_back: d",
        "superseded": "superseded: d",
        "withdrawn": "withdrawn: d",
        "voided": "voided: d",
        "rolled_back": "rolled_back: d",
    },
    "take down": {
        "draft": Refused,
        "submitted": Refused,
        "approved": Refused,
        "returned": Refused,
        "published": "withdrawn: d",
        "superseded": "superseded: d",
        "withdrawn": Refused,
        "voided": Refused,
        "rolled_back": "rolled_back: d",
    },
    "restore": {
        "draft": "draft: d",
        "submitted": "submitted: ds",
        "approved": "voided: d",
        "returned": "returned: d",
        "published": "published: dp",
        "superseded": "superseded: dp",
        "withdrawn": "withdrawn: d",
        "voided": "voided: d",
        "rolled_back": "rolled_back: dp",
    },
}


def expected(state: str, act: str, who: str) -> str | type[Exception]:
    if who == "stranger":
        return NotFound
    if who == "group editor elsewhere" and act in {"save", "discard", "delete", "submit", "restore"}:
        outcome = AFTER[act][state]
        nothing_to_drop = act == "discard" and "d" not in BEFORE[state]
        return outcome if nothing_to_drop and isinstance(outcome, type) else Forbidden
    if who == "group editor elsewhere" and act == "withdraw":
        return AFTER[act][state] if isinstance(AFTER[act][state], type) else Forbidden
    if who == "author as reviewer" and act in {"approve", "return"}:
        return NotFound if state == "draft" else Forbidden
    return AFTER[act][state] if who in WHO_MAY[act] else Forbidden


@dataclass(frozen=True)
class Case:
    """A revision in one state: its object's saved draft, and the submission by which it was handed in."""

    saved: Saved
    submission: SubmissionId


@dataclass(frozen=True)
class World:
    """One tenant with a revision in every state, everybody, and another tenant."""

    desk: Desk
    other: TenantRef
    cases: dict[str, Case]
    people: dict[str, Actor]


@pytest.fixture(
    scope="module",
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.needs_service("postgresql")),
    ],
)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("cross")
    with own_installation(request.param, request, folder, "cross"):
        add_provinces()
        yield build_world()


def build_world() -> World:
    tenant = build_tenant("云栖酒店(浙江酒店)", province="33")
    desk = desk_of(tenant)
    root = root_of(tenant)
    region = in_tenant(tenant, lambda ctx: create_group(ctx, root, "城东区"))
    elsewhere = in_tenant(tenant, lambda ctx: create_group(ctx, root, "城西区"))
    desk.put_on_air(desk.save("一直在播", targets=(region,)))

    def new(text: str) -> Saved:
        return desk.save(text, targets=(region,))

    cases: dict[str, Case] = {}
    older = new("回滚前")
    kept = desk.put_on_air(older).number
    newer = desk.save("被回滚", older, targets=(region,))
    cases["rolled_back"] = Case(newer, desk.approved(newer))
    desk.publish(cases["rolled_back"].submission)
    in_tenant(tenant, lambda ctx: roll_back(ctx, kept, "写错了"), desk.reviewer)

    cases["draft"] = Case(new("草稿"), SubmissionId(new_id()))
    for state in ("submitted", "approved", "returned", "published", "superseded", "withdrawn", "voided"):
        saved = new(state)
        cases[state] = Case(saved, desk.submit(saved))
    for state in ("approved", "published", "superseded", "voided"):
        desk.approve(cases[state].submission, cases[state].saved)
    for state in ("published", "superseded"):
        desk.publish(cases[state].submission)
    desk.send_back(cases["returned"].submission, cases["returned"].saved)
    in_tenant(tenant, lambda ctx: withdraw_submission(ctx, cases["withdrawn"].submission), desk.editor)
    desk.save("作废后", cases["voided"].saved, targets=(region,))
    desk.put_on_air(desk.save("替代它的", cases["superseded"].saved, targets=(region,)))

    people = {role.value: actor(role, build_user(role.value)) for role in Role if role not in {Role.SYSTEM, Role.CLI}}
    for role in (Role.TENANT_ADMIN, Role.TENANT_EDITOR):
        people[role.value] = replace(people[role.value], tenant_id=tenant.id)
    group_editor = replace(people["group_editor"], tenant_id=tenant.id, group_id=region, groups=frozenset({region}))
    people |= {
        "system": SYSTEM,
        "cli": COMMAND_LINE,
        "province": replace(people["province"], province_code="33"),
        "group_editor": group_editor,
        "group editor elsewhere": replace(group_editor, group_id=elsewhere, groups=frozenset({elsewhere})),
        "author as reviewer": actor(Role.CENTER_REVIEWER, desk.editor.user_id),  # type: ignore[arg-type]
    }
    return World(desk, build_tenant("江州医院(全国医院)"), cases, people)


def stranger(world: World, act: str) -> Actor:
    """Somebody who may do the act in the other tenant, and names an id of this one there."""
    if act in {"save", "discard", "delete", "submit", "withdraw", "restore"}:
        return replace(world.people["tenant_admin"], tenant_id=world.other.id)
    return world.people["center_reviewer"]


@dataclass(frozen=True)
class Attempt:
    """What somebody read before the act: the object's version and the hash of what would be handed in."""

    case: Case
    version: int
    seen: str

    @property
    def object_id(self) -> ObjectId:
        return self.case.saved.object_id

    def decision(self, verdict: Verdict, reason: str = "") -> list[Decision]:
        return [Decision(self.case.saved.revision_id, self.case.saved.sha256, verdict, reason)]


def save(ctx: Context, it: Attempt) -> None:
    targets = get_object(ctx.session, it.object_id).newest.envelope["targets"]
    entered = Entered({"text": "改过"}, targets=tuple(targets))
    save_draft(ctx, Kind.MARQUEE, it.object_id, it.version, entered, void_approval=True)


PERFORM: dict[str, Callable[[Context, Attempt], object]] = {
    "save": save,
    "discard": lambda ctx, it: discard_draft(ctx, it.object_id, it.version),
    "delete": lambda ctx, it: delete_object(ctx, it.object_id, it.version, void_approval=True),
    "submit": lambda ctx, it: submit_for_review(ctx, [Chosen(it.object_id, it.seen)], title=""),
    "withdraw": lambda ctx, it: withdraw_submission(ctx, it.case.submission),
    "approve": lambda ctx, it: decide(ctx, it.case.submission, it.decision(Verdict.APPROVE)),
    "return": lambda ctx, it: decide(ctx, it.case.submission, it.decision(Verdict.RETURN, "请改")),
    "publish": lambda ctx, it: publish_revisions(ctx, [it.case.saved.revision_id]),
    "roll back over": lambda ctx, it: roll_back(ctx, 1, "回到最初"),
    "take down": lambda ctx, it: take_down(ctx, it.object_id, "违规"),
    "restore": lambda ctx, it: restore_revision(
        ctx, it.object_id, it.case.saved.revision_id, it.version, void_approval=True
    ),
}


def living(ctx: Context, case: Case) -> str:
    view = get_object(ctx.session, case.saved.object_id)
    pending = {"submitted": "s", "approved": "a"}[view.pending.state] if view.pending else ""
    return ("d" if view.draft else "") + pending + ("p" if view.on_air else "")


def outcome(world: World, act: str, who: str, attempt: Attempt) -> str | type[Exception]:
    """What the command does for one person, in a transaction that is rolled back: the error, or what is left."""
    person = stranger(world, act) if who == "stranger" else world.people[who]
    with context(world.other if who == "stranger" else world.desk.tenant, person) as ctx:
        try:
            PERFORM[act](ctx, attempt)
        except PortalError as refusal:
            return type(refusal)
        ctx.session.flush()
        state = get_revision(ctx.session, attempt.case.saved.revision_id).state
        return f"{state}: {living(ctx, attempt.case)}"


@pytest.mark.parametrize("act", PERFORM)
@pytest.mark.parametrize("state", [state.value for state in RevisionState])
def test_outcome_is_what_the_table_says(world: World, state: str, act: str) -> None:
    case = world.cases[state]
    view = world.desk.view(case.saved)
    attempt = Attempt(case, view.object.version, view.draft.sha256 if view.draft else case.saved.sha256)

    found = {who: outcome(world, act, who, attempt) for who in PEOPLE}

    assert found == {who: expected(state, act, who) for who in PEOPLE}


@pytest.mark.parametrize("state", [state.value for state in RevisionState])
def test_world_holds_a_revision_in_every_state(world: World, state: str) -> None:
    with context(world.desk.tenant) as ctx:
        revision = get_revision(ctx.session, world.cases[state].saved.revision_id)

        assert (revision.state, living(ctx, world.cases[state])) == (state, BEFORE[state])

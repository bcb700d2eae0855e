"""Who can do this, and why: the very decision that commands make, taken for everybody whom a list may concern."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from portal.access import queries
from portal.access.acl import Acl, Decision, Entry, Path, Subject, Why, decide
from portal.access.models import MemberGroupMember, StaffGroupMember
from portal.access.permissions import Permission
from portal.access.policy import reach_of_role
from portal.access.roles import LABELS, LAYER_OF, MEMBERS, STAFF, Role
from portal.access.words import PERMISSIONS
from portal.accounts.models import Membership, User
from portal.administration.choices import Choices, holders_of
from portal.core.context import Context
from portal.core.messages import N_, Message

MOST_PEOPLE = 500


@dataclass(frozen=True)
class Candidate:
    """Somebody a list may concern: a person, or, for people of the center seen from a tenant, a role as a whole."""

    name: str | Message
    username: str
    role: Role
    user_id: str | None


@dataclass(frozen=True)
class Verdict:
    """What was decided for somebody, and the sentence that says why."""

    candidate: Candidate
    decision: Decision
    because: Message


def verdicts(ctx: Context, choices: Choices, permission: Permission, paths: Sequence[Path]) -> list[Verdict]:
    """This function will decide, for everybody whom the list may concern, about one permission on a thing with these paths.

    Those who may come first.
    """
    index, groups = queries.index_of(ctx, choices.acl), _groups_by_user(ctx, choices.acl)
    found = []
    for candidate in _candidates(ctx, choices.acl):
        subjects = _subjects(candidate, groups)
        decision = decide(index, subjects, permission, paths, reach_of_role(candidate.role, permission))
        found.append(Verdict(candidate, decision, because(choices, candidate.role, permission, decision)))
    return sorted(found, key=lambda verdict: not verdict.decision.allowed)


def because(choices: Choices, role: Role, permission: Permission, decision: Decision) -> Message:
    """This function will say what a decision rests on: the entry, or the line of the policy."""
    words = {"role": LABELS[role], "permission": PERMISSIONS[permission]}
    if decision.why is Why.DENIED and decision.entry:
        return N_("禁止条目：%(place)s · %(subject)s", **_named(choices, decision.entry))
    if decision.why is Why.LISTED and decision.entry:
        return N_("允许条目：%(place)s · %(subject)s", **_named(choices, decision.entry))
    if decision.why is Why.NOT_LISTED and decision.place:
        return N_("「%(place)s」有允许名单，名单上没有他。", place=choices.place_label(decision.place))
    if decision.why is Why.NEEDS_ENTRY:
        return N_("权限表：%(role)s要有允许条目才能「%(permission)s」。", **words)
    if decision.why is Why.POLICY_ALLOWS:
        return N_("权限表：%(role)s可以「%(permission)s」。", **words)
    return N_("权限表：%(role)s不能「%(permission)s」，条目给不了。", **words)


def _named(choices: Choices, entry: Entry) -> Mapping[str, str | Message]:
    return {"place": choices.place_label(entry.place), "subject": choices.subject_label(entry.subject)}


def _candidates(ctx: Context, acl: Acl) -> Iterator[Candidate]:
    """Those of whom the list can name each one; then, as a role, those whom it can name by their role alone."""
    holders, by_name = holders_of(acl), MEMBERS if acl is Acl.INFORMATION else STAFF
    for one, name, username, role in ctx.session.execute(_named_people(acl, holders)):
        yield Candidate(name, username, Role(str(role)), one)
    for role in LAYER_OF:
        if role in holders - by_name:
            yield Candidate(N_("每一位%(role)s", role=LABELS[role]), "", role, None)


def _named_people(acl: Acl, holders: frozenset[Role]) -> Select[str, str, str, str | None]:
    if acl is Acl.INFORMATION:
        wanted = select(User.id, User.display_name, User.username, Membership.role)
        wanted = wanted.join(Membership, Membership.user_id == User.id)
    else:
        wanted = select(User.id, User.display_name, User.username, User.staff_role)
        wanted = wanted.where(User.staff_role.in_(holders & STAFF))
    return wanted.where(User.disabled_at.is_(None)).order_by(User.pinyin, User.username).limit(MOST_PEOPLE)


def _groups_by_user(ctx: Context, acl: Acl) -> Mapping[str, tuple[Subject, ...]]:
    table = MemberGroupMember if acl is Acl.INFORMATION else StaffGroupMember
    found: dict[str, tuple[Subject, ...]] = defaultdict(tuple)
    for user_id, group_id in ctx.session.execute(select(table.user_id, table.group_id)):
        found[user_id] = (*found[user_id], Subject("group", group_id))
    return found


def _subjects(candidate: Candidate, groups: Mapping[str, tuple[Subject, ...]]) -> tuple[Subject, ...]:
    role = Subject("role", candidate.role)
    if candidate.user_id is None:
        return (role,)
    return (Subject("user", candidate.user_id), *groups.get(candidate.user_id, ()), role)

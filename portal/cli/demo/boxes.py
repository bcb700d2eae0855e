"""The demo's boxes: installed group by group by earlier jobs that were closed then, heard since; some wait."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from portal.access.roles import Role
from portal.boxes.commands.binding import Bound, bind
from portal.boxes.commands.managing import name_box, tell_boxes
from portal.boxes.queries.proven import Token
from portal.boxes.schemas import Binding
from portal.boxes.states import CommandKind
from portal.cli.demo import reading
from portal.cli.demo.hearing import answer_commands, beat
from portal.cli.demo.past import ago
from portal.cli.demo.people import People
from portal.cli.demo.playing import fill_plays
from portal.core import clock
from portal.core.context import BOX, Actor, Context, TenantRef
from portal.core.database import PortalSession, commit, tenant_session
from portal.core.ids import GroupId, JobId
from portal.releases.signing.jws import new_private_jwk
from portal.tenants.installing.commands import close_job, open_job
from portal.tenants.installing.models import InstallationJob
from portal.tenants.installing.rules import Installer, JobTerms

Json = Mapping[str, Any]

# The customer had the enterprise ID a day before the first of these.
FIRST_INSTALLED: Final = timedelta(days=18)
NEXT_GROUP, _NEXT_BOX = timedelta(days=2), timedelta(minutes=17)
_JOB_LASTS: Final = timedelta(days=14)
_ASKED: Final = timedelta(hours=2)
_PICTURED: Final = tuple(timedelta(minutes=minutes) for minutes in (4, 13, 40, 110))


@dataclass(frozen=True)
class _Installed:
    """A box of the tenant's file that is bound."""

    told: Json
    token: Token


class Fleet:
    """One tenant's boxes, installed, heard and pictured as its file tells."""

    def __init__(self, tenant: TenantRef, source: Json, groups: Mapping[str, GroupId], people: People) -> None:
        self._tenant = tenant
        self._source = source
        self._groups = groups
        self._admin = people.first_of(tenant, Role.TENANT_ADMIN)
        self._operator = people.first(Role.CENTER_OPERATOR)

    def install(self) -> None:
        """This function will install every box of the file; those that wait asked a while ago."""
        boxes = self._source.get("box", ())
        bound = [one for one in boxes if not one.get("waits")]
        installed: list[_Installed] = []
        past = FIRST_INSTALLED
        for key in dict.fromkeys(one["group"] for one in bound):
            installed += self._install_group(key, [one for one in bound if one["group"] == key], past)
            past -= NEXT_GROUP
        heard = [one for one in installed if not one.told.get("never")]
        self._let_be_heard(heard)
        self._let_play(heard)
        with self._transaction(_ASKED) as session, ago(_ASKED):
            for told in (one for one in boxes if one.get("waits")):
                self._ask(session, told, self._source["installation"]["manager_phone"])

    def _install_group(self, key: str, boxes: Sequence[Json], past: timedelta) -> list[_Installed]:
        """Under a job of their own that is closed at the end, but for the group whose job is still open; the installers take turns."""
        told = self._source["installation"]
        phones, installed = told["installer_phones"], []
        done = past - (len(boxes) + 1) * _NEXT_BOX
        with self._transaction(done) as session:
            job_id = None if key == told["group"] else self._open_job(session, key, len(boxes), past)
            for number, box in enumerate(boxes, 1):
                with ago(past - number * _NEXT_BOX):
                    installed.append(self._bind(session, box, phones[number % len(phones)]))
            if job_id is not None:
                with ago(done):
                    job = session.get_one(InstallationJob, (self._tenant.id, job_id), populate_existing=True)
                    close_job(self._as(session, self._operator), job_id, job.version)
        return installed

    def _open_job(self, session: PortalSession, key: str, places: int, past: timedelta) -> JobId:
        """It ends before the one that is still open, so that boxes are bound under this one."""
        told = self._source["installation"]
        named = zip(told["installer_phones"], told["installer_names"], strict=True)
        with ago(past):
            terms = JobTerms(places, clock.today() + _JOB_LASTS, tuple(Installer(*one) for one in named))
            return open_job(self._as(session, self._operator), self._groups[key], terms)

    def _bind(self, session: PortalSession, told: Json, phone: str) -> _Installed:
        outcome, thumbprint = self._ask(session, told, phone)
        assert isinstance(outcome, Bound), told  # noqa: S101 - the job was opened for it
        if told.get("name"):
            name_box(self._as(session, self._admin), outcome.box_id, 1, told["name"])
        return _Installed(told, Token(self._tenant, outcome.box_id, thumbprint, ended=False))

    def _ask(self, session: PortalSession, told: Json, phone: str) -> tuple[object, str]:
        """With a key that nobody keeps: nothing can speak for these boxes later."""
        thumbprint = new_private_jwk("ES256")["kid"]
        asked = Binding(
            enterprise_id=self._tenant.enterprise_id,
            installer_phone=phone,
            serial=told["serial"],
            model=told["model"],
            firmware=told["firmware"],
        )
        return bind(self._as(session, BOX), asked, thumbprint), thumbprint

    def _let_be_heard(self, boxes: Sequence[_Installed]) -> None:
        by_age: dict[timedelta, list[_Installed]] = {}
        for number, box in enumerate(boxes):
            age = timedelta(days=box.told.get("offline_days", 0)) + _PICTURED[number % len(_PICTURED)]
            by_age.setdefault(age, []).append(box)
        for age, some in by_age.items():
            with self._transaction(age) as session, ago(age):
                self._take_pictures(session, some)
        with self._transaction() as session:
            for box in boxes:
                with ago(timedelta(days=box.told.get("offline_days", 0))):
                    beat(session, box.token, box.told)

    def _let_play(self, boxes: Sequence[_Installed]) -> None:
        offline = {one.token.box_id: one.told.get("offline_days", 0) for one in boxes}
        with self._transaction() as session:
            fill_plays(session, self._tenant.id, offline)

    def _take_pictures(self, session: PortalSession, boxes: Sequence[_Installed]) -> None:
        screens = {box.token.box_id: reading.screen_of(self._source, box.told) for box in boxes}
        shown = [box for box in boxes if screens[box.token.box_id] is not None]
        if shown:
            tell_boxes(self._as(session, self._admin), [box.token.box_id for box in shown], CommandKind.SCREENSHOT)
        for box in shown:
            answer_commands(session, box.token, screens[box.token.box_id])

    def _as(self, session: PortalSession, who: Actor) -> Context:
        return Context(session, who, self._tenant)

    @contextmanager
    def _transaction(self, past: timedelta = timedelta()) -> Iterator[PortalSession]:
        """One that is committed in the past: that is when its records are made."""
        with tenant_session(self._tenant.id, writes=True) as session:
            yield session
            with ago(past):
                commit(session)

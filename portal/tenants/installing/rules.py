"""How a job stands, and what its terms may be. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from portal.core.messages import N_, Message
from portal.tenants.installing.states import JobState
from portal.tenants.rules import fold, is_mobile

MOST_PLACES = 100_000
MOST_PHONES = 50
LONGEST_DAYS = 366
NOTE_CHARACTERS = 200
NAME_CHARACTERS = 40


@dataclass(frozen=True)
class Installer:
    """Somebody who binds boxes on site, or takes the enterprise ID on the way there: a mobile number, a name where it is known."""

    phone: str
    name: str = ""


@dataclass(frozen=True)
class JobTerms:
    """What a job allows: so many places, for these installers, until the end of `last_on`."""

    places: int | None
    last_on: date | None
    installers: tuple[Installer, ...]
    note: str = ""


def job_state(closed_at: datetime | None, last_on: date, places: int, places_taken: int, today: date) -> JobState:
    """This function will tell how a job stands on the business day `today`; closed counts before expired before full."""
    if closed_at is not None:
        return JobState.CLOSED
    if last_on < today:
        return JobState.EXPIRED
    return JobState.FULL if places_taken >= places else JobState.OPEN


def folded(terms: JobTerms) -> JobTerms:
    """This function will fold what was typed, full-width digits for instance, and drop installers named twice."""
    named = {fold(one.phone): Installer(fold(one.phone), one.name.strip()) for one in terms.installers}
    return replace(terms, installers=tuple(named.values()), note=terms.note.strip())


def problems(terms: JobTerms, *, today: date, taken: int = 0) -> dict[str, Message]:
    """This function will return what is wrong with folded terms, by field; `taken` are the places that boxes have already."""
    found: dict[str, Message] = {}
    if terms.places is None or not 1 <= terms.places <= MOST_PLACES:
        found["places"] = N_("台数要在 1 到 %(n)d 之间。", n=MOST_PLACES)
    elif terms.places < taken:
        found["places"] = N_("已经绑定 %(n)d 台，台数不能比它少。", n=taken)
    latest = today + timedelta(days=LONGEST_DAYS)
    if terms.last_on is None or not today <= terms.last_on <= latest:
        found["last_on"] = N_("截止日要在今天到 %(latest)s 之间。", latest=latest)
    if problem := _installers_problem(terms.installers):
        found["installers"] = problem
    if len(terms.note) > NOTE_CHARACTERS:
        found["note"] = N_("备注最多 %(n)d 个字。", n=NOTE_CHARACTERS)
    return found


def receiver_problems(receiver: Installer, note: str) -> dict[str, Message]:
    """This function will return what is wrong with whom the ID is handed to, by field."""
    found: dict[str, Message] = {}
    if not 1 <= len(receiver.name) <= NAME_CHARACTERS:
        found["name"] = N_("姓名要有 1 到 %(n)d 个字。", n=NAME_CHARACTERS)
    if not is_mobile(receiver.phone):
        found["phone"] = N_("要 11 位手机号。")
    if len(note) > NOTE_CHARACTERS:
        found["note"] = N_("备注最多 %(n)d 个字。", n=NOTE_CHARACTERS)
    return found


def _installers_problem(installers: Collection[Installer]) -> Message | None:
    if not installers:
        return N_("至少要有一个装维人员的手机号。")
    if len(installers) > MOST_PHONES:
        return N_("一张工单最多 %(n)d 个装维人员。", n=MOST_PHONES)
    if any(not is_mobile(one.phone) for one in installers):
        return N_("要 11 位手机号。")
    if any(len(one.name) > NAME_CHARACTERS for one in installers):
        return N_("姓名最多 %(n)d 个字。", n=NAME_CHARACTERS)
    return None

"""How a job stands, and which terms are refused at which field."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.tenants.installing.rules import LONGEST_DAYS, MOST_PLACES, Installer, JobTerms, folded, job_state, problems
from portal.tenants.installing.states import JobState

TODAY = date(2026, 5, 11)
CLOSED_AT = datetime(2026, 5, 10, tzinfo=UTC)
GOOD = JobTerms(200, date(2026, 6, 30), (Installer("13800138000", "王师傅"),), "先装大堂")


@pytest.mark.parametrize(
    ("closed_at", "last_on", "taken", "expected"),
    [
        (None, TODAY, 4, JobState.OPEN),
        (None, TODAY, 5, JobState.FULL),
        (None, TODAY - timedelta(days=1), 4, JobState.EXPIRED),
        (None, TODAY - timedelta(days=1), 5, JobState.EXPIRED),
        (CLOSED_AT, TODAY - timedelta(days=1), 5, JobState.CLOSED),
    ],
)
def test_job_stands_by_the_first_that_holds(
    closed_at: datetime | None, last_on: date, taken: int, expected: JobState
) -> None:
    assert job_state(closed_at, last_on, 5, taken, TODAY) is expected


def test_good_terms_have_no_problem() -> None:
    assert problems(GOOD, today=TODAY) == {}


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (JobTerms(None, GOOD.last_on, GOOD.installers), "places"),
        (JobTerms(0, GOOD.last_on, GOOD.installers), "places"),
        (JobTerms(MOST_PLACES + 1, GOOD.last_on, GOOD.installers), "places"),
        (JobTerms(11, GOOD.last_on, GOOD.installers), "places"),
        (JobTerms(200, None, GOOD.installers), "last_on"),
        (JobTerms(200, TODAY - timedelta(days=1), GOOD.installers), "last_on"),
        (JobTerms(200, TODAY + timedelta(days=LONGEST_DAYS + 1), GOOD.installers), "last_on"),
        (JobTerms(200, GOOD.last_on, ()), "installers"),
        (JobTerms(200, GOOD.last_on, (Installer("1380013800"),)), "installers"),
        (JobTerms(200, GOOD.last_on, (Installer("13800138000", "字" * 41),)), "installers"),
        (JobTerms(200, GOOD.last_on, tuple(Installer(f"138001380{n:02}") for n in range(51))), "installers"),
        (JobTerms(200, GOOD.last_on, GOOD.installers, "字" * 201), "note"),
    ],
)
def test_each_problem_stands_at_its_field(terms: JobTerms, field: str) -> None:
    assert list(problems(terms, today=TODAY, taken=12)) == [field]


def test_full_width_digits_are_folded_and_a_phone_counts_once() -> None:
    typed = JobTerms(
        5, TODAY, (Installer("１３８００１３８０００", "王"), Installer(" 13800138000 ", " 王师傅 ")), " 备注 "
    )

    assert folded(typed) == JobTerms(5, TODAY, (Installer("13800138000", "王师傅"),), "备注")

"""Why what somebody edits does not show at a moment, and when it does again: what the preview tells its page."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.tv import sample
from tests.tv.sample import ENTRY, LIST, NEWS, NIGHT_ITEM, PICTURE_ITEM, QUIET, SECOND, SHANGHAI

NOON = "2026-11-22T04:05:00Z"  # Sunday, 12:05 in China
NIGHT = [{**SHANGHAI, "start": "22:00", "end": "06:00"}]
PAST = [{**SHANGHAI, "until": "2026-11-21"}]
DECEMBER = [{**SHANGHAI, "from": "2026-12-20", "start": "09:00", "end": "18:00"}]
TONIGHT = "2026-11-22T14:00:00.000Z"
BY_DAY = {**sample.ads(), "schedule": [{"id": ENTRY, "playlist": LIST, "priority": 5, "windows": NIGHT}]}


def ask(tab: Page, about: dict[str, str], **changes: Any) -> Any:
    """This function will ask the module about a sample document with some of its parts replaced."""
    return tab.evaluate(
        """async ([document, moment, about]) => {
          const { whyNot } = await import("/static/tv/hours.js");
          const found = whyNot(document, new Date(moment), about);
          return found && [found.why, found.next?.toISOString() ?? null];
        }""",
        [sample.document(**changes), NOON, about],
    )


def marquee(*windows: Any) -> Any:
    """This function will return messages of the sample, each with its windows; the first is the one that is edited."""
    return [sample.message(NEWS if n == 0 else f"{NEWS[:-1]}{n}", "通知", windows=one) for n, one in enumerate(windows)]


@pytest.mark.parametrize(
    ("windows", "says"),
    [
        ([], None),
        (NIGHT, ["off", TONIGHT]),
        (PAST, ["over", None]),
        (DECEMBER, ["off", "2026-12-20T01:00:00.000Z"]),
        ([*PAST, *NIGHT], ["off", TONIGHT]),
    ],
)
def test_message_outside_its_hours_says_when_it_runs_next(windows: Any, says: Any, tab: Page) -> None:
    assert ask(tab, {"what": "marquee", "id": NEWS}, marquee=marquee(windows)) == says


def test_what_the_boxes_of_a_group_do_not_have_is_absent(tab: Page) -> None:
    assert ask(tab, {"what": "marquee", "id": NEWS}, marquee=[]) == ["absent", None]


def test_list_of_messages_speaks_of_the_first_that_runs_again(tab: Page) -> None:
    about = {"what": "marquees"}

    assert ask(tab, about, marquee=marquee(DECEMBER, NIGHT, PAST)) == ["off", TONIGHT]
    assert ask(tab, about, marquee=marquee(NIGHT, [])) is None
    assert ask(tab, about, marquee=[]) is None


def test_item_and_column_have_hours_too(tab: Page) -> None:
    assert ask(tab, {"what": "item", "id": NIGHT_ITEM}) == ["off", TONIGHT]
    assert ask(tab, {"what": "item", "id": PICTURE_ITEM}) is None
    assert ask(tab, {"what": "column", "id": SECOND}) is None
    assert ask(tab, {"what": "column", "id": QUIET}) is None


def test_ad_loop_with_nothing_on_names_the_next_entry(tab: Page) -> None:
    assert ask(tab, {"what": "ads"}, ads=BY_DAY) == ["off", TONIGHT]
    assert ask(tab, {"what": "ads"}, ads={**BY_DAY, "default": LIST}) is None
    assert ask(tab, {"what": "ads"}) == ["absent", None]
    assert ask(tab, {"what": "entry", "id": ENTRY}, ads={**BY_DAY, "default": LIST}) == ["off", TONIGHT]


def test_hours_of_timed_power_come_before_everything_else(tab: Page) -> None:
    assert ask(tab, {}, power=NIGHT) == ["dark", TONIGHT]
    assert ask(tab, {"what": "marquee", "id": NEWS}, power=PAST) == ["dark", None]


def test_splash_without_a_frame_is_said(tab: Page) -> None:
    assert ask(tab, {"what": "splash"}) is None
    assert ask(tab, {"what": "splash"}, splash={"frames": []}) == ["absent", None]

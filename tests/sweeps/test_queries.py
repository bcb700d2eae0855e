"""Every page's number of queries: bounded, and the same however many rows there are."""

from portal.access.roles import Role
from portal.accounts.commands.members import add_member
from portal.catalog.features import Feature
from portal.media.states import Purpose
from portal.tenants.commands.groups import create_group
from portal.web.pipeline import TENANT_ARGUMENT
from tests.sweeps.conftest import Swept
from tests.sweeps.test_pages import _somebody
from tests.sweeps.test_tenancy import Browsers
from tests.sweeps.world import address, rules
from tests.world import building, packages
from tests.world.airing import Desk
from tests.world.counting import counted_queries
from tests.world.fleet import let_wait, put_box, take_picture

MOST = 12

# What truly asks more often. The desk's page is two pages in one, the queue over all tenants and one case with everything
# that a decision names. The two order pages play the order itself through and take it back, to say what it would cost.
# The two of a roll-back ask its command for the plan, which trusts nothing that somebody read before it.
MORE = {
    "boxes.box": 13,
    "desk.submission": 29,
    "keys.index": 40,  # each sealed column is asked which keys it needs
    "members.edit": 13,  # the person, the groups, the factors, where one is signed in
    "orders.cancel": 18,
    "orders.suspend": 19,
    "players.document": 15,  # a submission laid over what is on air, compiled
    "release_screens.roll_back": 14,
    "release_players.roll_back_document": 14,
    "releases.roll_back": 16,
    "releases.take_down": 13,
    "review.submission": 13,  # both sides, the names in them, decisions, comments, stamps
    "tenant_acl.who": 15,
}


def queries_by_page(swept: Swept, browsers: Browsers) -> dict[str, int]:
    """The statements of the page itself: what proves who asks, and where, is the same everywhere and counted apart."""
    counted = {}
    for rule, mark in rules(swept.app, method="GET"):
        if mark.permission is None or "customer_id" in rule.arguments:
            continue
        browser = browsers.of(_somebody(swept, mark.permission, in_tenant=TENANT_ARGUMENT in rule.arguments))
        path = address(swept.app, rule, swept.yunqi, swept.cast)
        browser.get(path).close()
        with counted_queries() as statements:
            answer = browser.get(path)
        answer.close()
        counted[f"{rule.endpoint} {rule.rule}"] = len(statements)
    return counted


def grow(swept: Swept) -> None:
    """Two more of everything that a page may list."""
    house = swept.cast.yunqi
    tenant = house.tenant
    editor = building.actor(Role.TENANT_EDITOR, house.editor.id, tenant)
    desk = Desk(tenant, editor, building.actor(Role.CENTER_REVIEWER, swept.cast.reviewer.id), editor)
    for number in range(2):
        desk.put_on_air(desk.save(f"又一条{number}"))
        desk.submit(desk.save(f"待审{number}"))
        desk.save(f"草稿{number}")
        building.add_picture(tenant, Purpose.FRAME, (number, number, number))
        take_picture(tenant, put_box(tenant, house.root, f"MORE-{number}"))
        let_wait(tenant, f"WAITS-{number}")
        building.in_tenant(tenant, lambda ctx: create_group(ctx, house.root, f"新店{number}"))  # noqa: B023
        building.in_tenant(tenant, lambda ctx: add_member(ctx, f"new{number}", "新人", Role.TENANT_EDITOR))  # noqa: B023
        packages.grant(tenant, Feature.LIVE)
        building.build_tenant(f"第{number}家(浙江酒店)", province="33")


def test_pages_ask_as_often_for_three_rows_as_for_one(swept: Swept) -> None:
    browsers = Browsers(swept.app)
    before = queries_by_page(swept, browsers)

    grow(swept)
    after = queries_by_page(swept, browsers)

    assert {page: (before[page], after[page]) for page in before if after[page] > before[page]} == {}


def test_no_page_asks_often(swept: Swept) -> None:
    counted = queries_by_page(swept, Browsers(swept.app))

    late = {page: count for page, count in counted.items() if count > MORE.get(page.split()[0], MOST)}
    assert late == {}, "fetch more at once, or say in MORE why this page may ask so often"

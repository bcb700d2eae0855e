"""Every page there is, looked at by machine: its frame, its forms, its methods, who may open it."""

import csv
import re
from collections import Counter
from collections.abc import Mapping

from werkzeug.routing import Rule

from portal.access.permissions import Permission
from portal.core.settings import PROJECT_ROOT
from portal.web.access import Mark
from portal.web.pipeline import TENANT_ARGUMENT
from portal.web.static_files import SHEETS, bought
from tests.sweeps.conftest import Swept
from tests.sweeps.test_tenancy import Browsers
from tests.sweeps.world import MATRIX, address, may, owner_of, people, rules, written, written_matrix
from tests.world.cast import Person
from tools.permissions import matrix

STATIC = PROJECT_ROOT / "static"
FRAGMENTS = {
    "preview.player",
    "preview.document",
    "players.player",
    "players.document",
    "release_players.player",
    "release_players.document",
    "release_players.roll_back",
    "release_players.roll_back_document",
    "release_screens.compared",
    "release_screens.roll_back",
    "conversions.index",
    "boxes.wall_tiles",
    "boxes.look",
    "fleet.wall_tiles",
}
DOWNLOADS = {
    "audit_proofs.checkpoint",
    "audit_proofs.consistency",
    "audit_proofs.record_evidence",
    "audit_proofs.tenant_record_evidence",
}
NOT_PAGES = {
    "web.session_status",
    "media.file",
    "media.original",
    "uploads.index",
    "conversions.follow",
    "boxes.picture",
    "boxes.small_picture",
    "content.files",
    "applications.explain",
    "enterprises.explain",
    *FRAGMENTS,
    *DOWNLOADS,
}
# Classes of the bought sheet of which nothing stands in what pages load.
_BOUGHT, _SENT = (
    set(re.findall(r"\.([A-Za-z_][\w-]*)", sheet))
    for sheet in ((STATIC / SHEETS[0]).read_text(encoding="utf-8"), bought(str(STATIC)))
)
_UNSENT = _BOUGHT - _SENT


def test_every_page_is_whole(swept: Swept) -> None:
    browsers, wrong = Browsers(swept.app), {}
    for rule, mark in rules(swept.app, method="GET"):
        if rule.endpoint in NOT_PAGES or mark.permission is None or "customer_id" in rule.arguments:
            continue
        person = _somebody(swept, mark.permission, in_tenant=TENANT_ARGUMENT in rule.arguments)
        path = address(swept.app, rule, swept.yunqi, swept.cast)
        answer = browsers.of(person).get(path, follow_redirects=True)
        head = browsers.of(person).client.head(path, follow_redirects=True)
        faults = [
            *(_faults(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else [answer.mimetype]),
            *(one.status for one in (answer, head) if one.status_code != 200),
        ]
        if faults:
            wrong[rule.endpoint] = faults
    assert wrong == {}


def test_every_rule_refuses_other_methods(swept: Swept) -> None:
    browsers, wrong = Browsers(swept.app), {}
    for rule, mark in rules(swept.app):
        assert mark.permission is not None, rule.endpoint
        person = _somebody(swept, mark.permission, in_tenant=TENANT_ARGUMENT in rule.arguments)
        path = address(swept.app, rule, swept.yunqi, swept.cast)
        answer = browsers.of(person).client.delete(path, headers={"X-CSRFToken": browsers.of(person).form_token})
        if answer.status_code != 405:
            wrong[rule.endpoint] = answer.status_code
    assert wrong == {}


def test_every_act_needs_the_form_token(swept: Swept) -> None:
    browsers, wrong = Browsers(swept.app), {}
    for rule, mark in rules(swept.app, method="POST"):
        assert mark.permission is not None, rule.endpoint
        person = _somebody(swept, mark.permission, in_tenant=TENANT_ARGUMENT in rule.arguments)
        answer = browsers.of(person).client.post(address(swept.app, rule, swept.yunqi, swept.cast))
        if answer.status_code != 400:
            wrong[rule.endpoint] = answer.status_code
    assert wrong == {}


def test_pages_open_for_exactly_the_roles_of_the_matrix(swept: Swept) -> None:
    assert _opened_wrongly(swept, rules(swept.app, method="GET"), written_matrix()) == {}


def test_matrix_with_one_wrong_cell_is_caught(swept: Swept) -> None:
    """Two cells with a fault planted: one that lets somebody in, one that keeps somebody out."""
    one = [(rule, mark) for rule, mark in rules(swept.app, method="GET") if rule.endpoint == "users.index"]
    key = ("users.index", "GET")
    planted = {key: {**written_matrix()[key], "app_admin": "yes", "security_admin": "-"}}

    wrong = _opened_wrongly(swept, one, planted)

    assert wrong == {"users.index app_admin": False, "users.index security_admin": True}


def _opened_wrongly(
    swept: Swept, pages: list[tuple[Rule, Mark]], matrix: Mapping[tuple[str, str], Mapping[str, str]]
) -> dict[str, bool]:
    browsers, wrong = Browsers(swept.app), {}
    for rule, mark in pages:
        if mark.permission is None or "customer_id" in rule.arguments or mark.permission is Permission.SELF_MANAGE:
            continue
        path = address(swept.app, rule, swept.yunqi, swept.cast)
        for person in people(swept.cast, swept.cast.yunqi):
            opened = browsers.of(person).get(path, buffered=True).status_code in {200, 302, 303}
            if opened != written(rule, person.role, matrix):
                wrong[f"{rule.endpoint} {person.role.value}"] = opened
    return wrong


def test_matrix_is_the_one_that_people_read(swept: Swept) -> None:
    with MATRIX.open(encoding="utf-8", newline="") as written:
        assert list(csv.reader(written)) == matrix(swept.app)


def _classes(page: str) -> set[str]:
    return {name for names in re.findall(r'\sclass="([^"]*)"', page) for name in names.split()}


def _somebody(swept: Swept, permission: Permission, *, in_tenant: bool) -> Person:
    if in_tenant:
        return owner_of(swept.cast, swept.cast.yunqi, permission)
    everybody = people(swept.cast, swept.cast.yunqi)
    staff = [person for person in everybody if person.tenant is None]
    return next(person for person in staff if may(person, permission, None, swept.cast.yunqi.tenant.province_code))


def _faults(page: str) -> list[str]:
    faults = []
    if len(re.findall(r"<h1[ >]", page)) != 1:
        faults.append("h1")
    if not re.search(r"<title>\s*\S+", page):
        faults.append("title")
    if re.search(r'<nav class="crumbs"[^>]*><ol>\s*</ol>', page):
        faults.append("crumbs")
    if not re.search(r'<html lang="[a-z]{2}', page):
        faults.append("lang")
    faults.extend(f"style of .{name} is not sent" for name in sorted(_classes(page) & _UNSENT))
    # What stands in a template element is no part of the page yet.
    shown = re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)
    twice = [name for name, count in Counter(re.findall(r'\sid="([^"]+)"', shown)).items() if count > 1]
    faults.extend(f"id {name}" for name in twice)
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", shown, flags=re.DOTALL | re.IGNORECASE)
    faults.extend("form without token" for form in forms if 'name="csrf_token"' not in form)
    if re.search(r"<[^>]+\sstyle=|<script(?![^>]*\ssrc=)|<[^>]+\son[a-z]+=\"", shown):
        faults.append("inline style or script")
    return faults

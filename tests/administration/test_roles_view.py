"""The page about roles, made from the policy."""

import re

from flask import Flask

from portal.access.policy import BY_LIST, POLICY
from portal.access.roles import LAYER_OF
from tests.world.browser import Browser
from tests.world.cast import Cast


def test_page_says_exactly_what_the_policy_says(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.auditor).get("/roles").text

    held = {permission for permission, holders in POLICY.items() if holders.keys() & LAYER_OF.keys()}
    assert set(re.findall(r'<small class="mono">([a-z:-]+)</small>', page)) == held - {"self:manage"}
    for permission in held - {"self:manage"}:
        row = page.split(f">{permission}</small>")[1].split("</tr>")[0]
        assert row.count("<td") - row.count('class="meta"') == len(POLICY[permission].keys() & LAYER_OF.keys())


def test_page_says_what_only_an_access_list_gives(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.auditor).get("/roles").text

    rows = set(re.findall(r'mono">([a-z:-]+)</small>(?:(?!</tr>).)*?要由访问控制列表允许', page, re.DOTALL))
    assert rows == {permission.value for permission in BY_LIST}


def test_member_reads_it_too_with_the_own_menu(cast: Cast, app: Flask) -> None:
    answer = Browser(app, cast.yunqi.editor).get("/roles")

    assert answer.status_code == 200
    assert f"{cast.yunqi.path}/media" in answer.text


def test_member_is_told_where_one_is_though_the_menu_has_no_such_line(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.yunqi.editor).get("/roles").text

    assert '<span class="cut" aria-current="page">角色与权限</span>' in page

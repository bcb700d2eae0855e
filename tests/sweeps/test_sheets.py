"""Lists that are handed out whole: each sheet says what its page says, to whom the page says it, and nothing in it is computed."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditRecord
from portal.core import unit_of_work
from portal.core.database import system_session, tenant_session
from portal.tenants.models import BoxGroup
from tests.sweeps.conftest import Swept
from tests.sweeps.test_tenancy import Browsers
from tests.world.cast import Person
from tests.world.workbooks import has_formula, sheets, text_of

# The address, whose it is of the cast or of the house, the sheets, and what the first of them holds.
LISTS = {
    "/releases/": ("admin", ["版本记录", "已下架"], "下架：已经下架"),
    "/orders": ("province", ["订购记录", "入单费用"], "天翼高清综合信息月包"),
    "/package": ("admin", ["订购记录", "入单费用", "授权"], "生效中"),
    "/grants": ("province", ["授权"], "一事一议"),
    "/groups": ("admin", ["分组"], "城东区 / 湖滨店"),
    "/access": ("admin", ["信息"], "角色：分组编辑"),
    "/user-groups": ("admin", ["用户组"], "夜班"),
    "/boxes/waiting": ("admin", ["待确认的机顶盒"], "132****2000"),
    "/boxes/adoption": ("admin", ["内容到达", "为什么落后"], "没有取过，或说不清"),
    "/center/releases": ("operator", ["刚发布的"], "江州医院"),
    "/center/review": ("reviewer", ["待审的送审"], "跑马灯 1 处"),
    "/center/boxes/waiting": ("operator", ["各企业待确认的机顶盒"], "132****2000"),
    "/center/boxes/adoption": ("operator", ["内容到达", "为什么落后"], "浙江"),
    "/admin/officers": ("security_admin", ["现任"], "安全管理员"),
    "/admin/keys": ("system_admin", ["封存数据的密钥", "日志的签名密钥", "发布的签名密钥"], "安装时"),
    "/admin/system/settings": ("system_admin", ["设置"], "PORTAL_SECRET_FILE"),
    "/admin/system/jobs": ("system_admin", ["还没有完成的工作", "按时做的"], "为新企业准备专区"),
    "/admin/deletions": ("system_admin", ["企业删除"], "合同到期"),
    "/admin/audit/checkpoints": ("auditor", ["检查点"], "记录数"),
    "/notices": ("reviewer", ["消息"], "云栖酒店 送审「等待审核」。"),
    "/roles": ("support", ["系统配置管理", "应用模块管理", "业务操作"], "users:view"),
    "/account/sessions": ("operator", ["登录"], "密码和动态口令"),
}


FORMULA = '=HYPERLINK("https://elsewhere.example","1")'


@pytest.mark.parametrize("path", LISTS)
def test_file_says_what_its_page_lists(swept: Swept, path: str) -> None:
    who, names, holds = LISTS[path]
    person, address = _whose(swept, path, who)

    found = sheets(Browsers(swept.app).of(person).post(address))

    assert list(found) == names
    assert holds in {str(cell) for row in found[names[0]] for cell in row}
    with system_session(reason="test") as session:
        wanted = select(AuditRecord).where(AuditRecord.event == "report.list_exported")
        assert [one.details["count"] for one in session.scalars(wanted)] == [sum(map(len, found.values())) - len(found)]


def test_what_somebody_typed_is_no_formula_in_any_of_them(swept: Swept) -> None:
    with tenant_session(swept.yunqi.house.tenant.id, writes=True) as session:
        for group in session.scalars(select(BoxGroup).where(BoxGroup.id == swept.yunqi.house.region)):
            group.name = FORMULA
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()

    answer = Browsers(swept.app).of(swept.yunqi.house.admin).post(f"{swept.yunqi.house.path}/groups")

    assert FORMULA in {row[0] for row in sheets(answer)["分组"]}
    assert not has_formula(answer)


def test_channel_is_whole_for_whoever_manages_groups_alone(swept: Swept) -> None:
    browsers, path = Browsers(swept.app), f"{swept.yunqi.house.path}/groups"

    whole = [row[1] for row in sheets(browsers.of(swept.yunqi.house.admin).post(path))["分组"][1:]]
    short = [row[1] for row in sheets(browsers.of(swept.yunqi.house.editor).post(path))["分组"][1:]]

    assert [len(one.split("/")[3]) for one in whole] == [32] * len(whole)
    assert [len(one.split("/")[3]) for one in short] == [9] * len(short)


def test_phones_of_whoever_waits_are_masked(swept: Swept) -> None:
    answer = Browsers(swept.app).of(swept.yunqi.house.admin).post(f"{swept.yunqi.house.path}/boxes/waiting")

    assert "132****2000" in text_of(answer)
    assert "13212342000" not in text_of(answer)


def test_no_list_of_another_tenant_is_handed_out(swept: Swept) -> None:
    browser, path = Browsers(swept.app).of(swept.cast.jiangzhou.admin), swept.yunqi.house.path

    statuses = {address: browser.post(path + address).status_code for address in LISTS if not _is_elsewhere(address)}

    assert set(statuses.values()) == {404}


def _whose(swept: Swept, path: str, who: str) -> tuple[Person, str]:
    if _is_elsewhere(path):
        return getattr(swept.cast, who), path
    return getattr(swept.yunqi.house, who), swept.yunqi.house.path + path


def _is_elsewhere(path: str) -> bool:
    return path.startswith(("/center", "/admin", "/notices", "/roles", "/account"))

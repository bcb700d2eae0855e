"""One record's page, its evidence, the checkpoints; and the slips on the forms of other rooms."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from portal.audit import checkpoints
from portal.audit.keys import destroy_key
from portal.audit.models import AuditRecord
from portal.core import database as databases
from portal.core.database import system_session, tenant_session
from portal.core.settings import PROJECT_ROOT
from tests.world.browser import Browser
from tests.world.cast import Cast


@pytest.fixture(autouse=True)
def _folder(app: Flask, tmp_path: Path) -> None:
    checkpoints.configure(tmp_path / "checkpoints")


def number_of(event: str, tenant_id: str | None = None) -> int:
    wanted = select(AuditRecord.seq).where(AuditRecord.event == event).order_by(AuditRecord.seq.desc())
    with system_session(reason="test") as session:
        found = session.scalar(wanted if tenant_id is None else wanted.where(AuditRecord.tenant_id == tenant_id))
    assert found is not None
    return found


def forge(statement: str) -> None:
    with databases.database().engine.begin() as connection:
        connection.execute(text(statement))


def verdict(page: str) -> list[str]:
    found = re.search(r'class="verdict[^>]*>.*?<small>(.*?)</small>', page, re.DOTALL)
    assert found is not None
    return found[1].split(" · ")


def test_record_before_a_checkpoint_waits_for_one(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.auditor).get(f"/admin/audit/records/{number_of('tenant.created')}").text

    assert verdict(page) == ["签名有效", "记录未改", "等待下一个检查点"]
    assert '<svg class="merkle"' not in page


def test_record_is_proven_to_be_in_the_newest_checkpoint(cast: Cast, app: Flask) -> None:
    checkpoints.take_checkpoint()

    page = Browser(app, cast.auditor).get(f"/admin/audit/records/{number_of('tenant.created')}").text

    assert verdict(page) == ["签名有效", "记录未改", "在检查点之内"]
    assert '<svg class="merkle"' in page
    assert "is-broken" not in page


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("outcome", "'failed'", ["签名不对", "记录被改过", "与检查点不符"]),
        ("nodes", "zeroblob(32)", ["签名有效", "记录被改过", "在检查点之内"]),
    ],
)
def test_forged_record_is_told_on_its_page(cast: Cast, app: Flask, column: str, value: str, said: list[str]) -> None:
    number = number_of("tenant.created") // 2 * 2 + 1  # an odd one, whose hashes are those of its leaf alone
    checkpoints.take_checkpoint()
    forge(f"UPDATE audit_records SET {column} = {value} WHERE seq = {number}")  # noqa: S608 - our own words

    page = Browser(app, cast.auditor).get(f"/admin/audit/records/{number}").text

    assert verdict(page) == said
    assert "is-broken" in page


def test_evidence_holds_by_the_script_of_the_documents(cast: Cast, app: Flask, tmp_path: Path) -> None:
    """The script that docs/audit.md gives, run as it stands; it knows nothing of the portal."""
    checkpoints.take_checkpoint()
    number = number_of("tenant.created", cast.yunqi.tenant.id)
    answer = Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/audit/records/{number}.json")
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(answer.data)
    bad.write_text(json.dumps({**answer.json, "leaf": answer.json["leaf"][:-8] + "AAAAAAA="}))

    runs = [run_the_documents_script(path, tmp_path) for path in (good, bad)]

    assert answer.headers["Content-Disposition"] == f'attachment; filename="record-{number:012d}.json"'
    assert (runs[0].returncode, runs[0].stdout.split()[:3]) == (0, ["record", str(number), "tenant.created"])
    assert runs[1].returncode == 1


def run_the_documents_script(path: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    script = re.search(r"```python\n(.*?)```", (PROJECT_ROOT / "docs" / "audit.md").read_text(), re.DOTALL)
    assert script is not None
    (folder / "check.py").write_text(script[1])
    return subprocess.run([sys.executable, "check.py", path], cwd=folder, capture_output=True, text=True, check=False)


def test_page_of_a_deleted_enterprises_record_says_so(cast: Cast, app: Flask) -> None:
    tenant = cast.yunqi.tenant
    with tenant_session(tenant.id, writes=True) as session:
        destroy_key(session, tenant.id)
        session.connection().commit()

    page = Browser(app, cast.auditor).get(f"/admin/audit/records/{number_of('tenant.created', tenant.id)}").text

    assert "企业已删除，个人信息随它的密钥销毁" in page
    assert verdict(page)[:2] == ["签名有效", "记录未改"]


def test_tenant_sees_the_proof_of_its_own_records_alone(cast: Cast, app: Flask) -> None:
    checkpoints.take_checkpoint()
    browser, path = Browser(app, cast.yunqi.admin), f"{cast.yunqi.path}/audit/records"
    own, other = (number_of("tenant.created", house.tenant.id) for house in (cast.yunqi, cast.jiangzhou))

    assert browser.get(f"{path}/{own}").status_code == 200
    for strange in (other, 0, 10**12, 10**30):
        assert browser.get(f"{path}/{strange}").status_code == 404, strange
        assert browser.get(f"{path}/{strange}.json").status_code == 404, strange


def test_checkpoints_are_listed_and_handed_out(cast: Cast, app: Flask) -> None:
    first = checkpoints.take_checkpoint()
    browser = Browser(app, cast.auditor)
    forge("UPDATE audit_checkpoints SET created_at = created_at")
    second = checkpoints.take_checkpoint()
    assert first is not None
    assert second is not None

    page = browser.get("/admin/audit/checkpoints").text
    note = browser.get(f"/admin/audit/checkpoints/{first.size}.txt")
    proof = browser.get(f"/admin/audit/checkpoints/{first.size}-{second.size}.json").json

    assert f"{first.size:,}" in page
    assert "zone-portal/audit/" in page
    assert (note.text, note.content_type) == (first.note, "text/plain; charset=utf-8")
    assert (proof["old"], proof["new"]) == (first.note, second.note)
    assert browser.get("/admin/audit/checkpoints/999999.txt").status_code == 404
    assert browser.get(f"/admin/audit/checkpoints/{first.size}-999999.json").status_code == 404


def test_list_of_checkpoints_without_any_says_when_there_will_be(cast: Cast, app: Flask) -> None:
    assert "还没有检查点" in Browser(app, cast.auditor).get("/admin/audit/checkpoints").text


def test_pages_refuse_everybody_else(cast: Cast, app: Flask, client: FlaskClient) -> None:
    taken = checkpoints.take_checkpoint()
    assert taken is not None
    paths = [
        "records/1",
        "records/1.json",
        "checkpoints",
        f"checkpoints/{taken.size}.txt",
        f"checkpoints/1-{taken.size}.json",
    ]
    own = number_of("tenant.created", cast.yunqi.tenant.id)

    for path in (f"/admin/audit/{path}" for path in paths):
        for person in (cast.system_admin, cast.security_admin, cast.operator, cast.yunqi.admin):
            assert Browser(app, person).get(path).status_code == 403, (person.username, path)
        assert client.get(path).status_code == 302
        auditor = Browser(app, cast.auditor)
        assert auditor.client.put(path, data={"csrf_token": auditor.form_token}).status_code == 405
    for path in (f"{cast.yunqi.path}/audit/records/{own}", f"{cast.yunqi.path}/audit/records/{own}.json"):
        assert Browser(app, cast.yunqi.editor).get(path).status_code == 403
        assert Browser(app, cast.jiangzhou.admin).get(path).status_code == 404
        assert Browser(app, cast.yunqi.admin).post(path).status_code == 405


def slips(page: str) -> list[tuple[str, str]]:
    """Title and handler of every slip on a page, newest first."""
    return re.findall(r'<article class="slip">.*?<h3>(.*?)</h3>.*?<dt>经办人</dt><dd><b>(.*?)</b>', page, re.DOTALL)


def test_enterprise_carries_the_stamp_of_its_opening(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.operator).get(f"{cast.yunqi.path}/profile").text

    assert slips(page) == [("开通企业", "命令行")]
    assert re.search(r"<dt>签名</dt><dd><span class=\"mono\" title=\"[A-Za-z0-9+/]{86}==\">", page)


def test_machine_signs_in_the_language_of_the_reader(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.operator)
    browser.post("/preferences", {"lang": "en"})

    page = browser.get(f"{cast.yunqi.path}/profile").text

    assert "<dt>Handled by</dt><dd><b>Command line</b></dd>" in page


def test_member_carries_the_stamp_of_who_let_them_in(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.yunqi.admin)
    listed = browser.get(f"{cast.yunqi.path}/members").text
    href = re.findall(rf'href="({cast.yunqi.path}/members/[0-9a-f-]{{36}})"', listed)[0]

    assert ("加入企业", "命令行") in slips(browser.get(href).text)


def test_order_carries_the_stamp_of_the_order(cast: Cast, app: Flask) -> None:
    for path in ("orders", "package"):
        assert slips(Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/{path}").text) == [
            ("订购套餐", "命令行")
        ], path


def test_slip_leads_to_its_record_for_those_who_may_read_the_log(cast: Cast, app: Flask) -> None:
    admin, editor = Browser(app, cast.yunqi.admin), Browser(app, cast.yunqi.editor)
    link = re.compile(rf'class="slip-head">.*?href="({cast.yunqi.path}/audit/records/\d+)"')

    shown = link.findall(admin.get(f"{cast.yunqi.path}/package").text)

    assert len(shown) == 1
    assert admin.get(shown[0]).status_code == 200
    assert link.findall(editor.get(f"{cast.yunqi.path}/package").text) == []


def test_customer_carries_the_slips_of_what_was_done_with_it(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.operator)
    href = re.findall(r'href="(/center/customers/[0-9a-f-]{36})"', browser.get("/center/customers").text)[0]

    assert ("新建客户", "命令行") in slips(browser.get(href).text)


@pytest.mark.parametrize("path", ["groups", "orders", "package", "members/{membership}"])
def test_every_slip_of_a_tenant_leads_its_administrator_to_the_record(cast: Cast, app: Flask, path: str) -> None:
    browser = Browser(app, cast.yunqi.admin)
    membership = re.findall(r"/members/([0-9a-f-]{36})", browser.get(f"{cast.yunqi.path}/members").text)[0]

    page = browser.get(f"{cast.yunqi.path}/{path.format(membership=membership)}").text

    links = re.findall(rf'class="slip-head">.*?href="({cast.yunqi.path}/audit/records/\d+)"', page)
    assert len(links) == len(slips(page)) > 0
    assert browser.get(links[0]).status_code == 200


def test_slip_leads_nobody_to_a_page_that_is_shut(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/groups").text

    assert slips(page) != []
    assert "/audit/records/" not in page

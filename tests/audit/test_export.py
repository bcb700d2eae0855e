"""The log carried out: a stranger checks the file with nothing but the script of the documentation; a changed byte is found."""

import io
import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from pymerkle import InclusionProof, InmemoryTree, InvalidProof, verify_inclusion
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from portal.audit import checkpoints, queries
from portal.audit.events import Event
from portal.audit.export import scope as scopes
from portal.audit.export.lines import written_lines
from portal.audit.export.scope import Format, Scope
from portal.audit.keys import destroy_key
from portal.audit.models import AuditRecord
from portal.audit.notes import read_note
from portal.audit.pending import Target
from portal.audit.queries import Filter
from portal.audit.tree import leaf_hash
from portal.core.context import TenantRef
from portal.core.database import Database, system_session, tenant_session
from portal.core.settings import PROJECT_ROOT
from portal.releases import site
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.log import pending, start_anew, write

Line = dict[str, Any]


@pytest.fixture
def hotel(database: Database, tmp_path: Path) -> TenantRef:
    site.configure(tmp_path / "pub")
    building.add_provinces()
    hotel = building.build_tenant("云栖酒店(浙江酒店)", province="33")
    checkpoints.configure(tmp_path / "checkpoints")
    start_anew(database, checkpoints=True)
    breakfast = pending(Event.DRAFT_SAVED, tenant=hotel, target=Target("content_object", "t2", "湖畔早餐"))
    write(pending(Event.SIGNED_OUT), breakfast, pending(Event.SIGNED_IN), breakfast, pending(Event.SIGNED_OUT))
    return hotel


def exported(tenant: TenantRef | None = None, *, personal: bool = True, wanted: Filter | None = None) -> list[bytes]:
    checkpoint = checkpoints.take_checkpoint()
    assert checkpoint is not None
    scope = Scope(wanted or Filter(), Format.LINES, checkpoint, personal, tenant)
    return b"".join(written_lines(scope)).splitlines(keepends=True)


def verified(lines: list[bytes], folder: Path, *options: str) -> tuple[int, str]:
    path = folder / "audit.jsonl"
    path.write_bytes(b"".join(lines))
    script = PROJECT_ROOT / "docs" / "verify_export.py"
    ended = subprocess.run(
        [sys.executable, "-I", str(script), str(path), *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert ended.stderr == ""
    return ended.returncode, ended.stdout.splitlines()[0]


def numbers(lines: list[bytes]) -> list[int]:
    return [json.loads(line)["seq"] for line in lines[1:-1]]


def test_stranger_verifies_the_file_with_the_script(hotel: TenantRef, tmp_path: Path) -> None:
    lines = exported()
    key = json.loads(lines[0])["verifier_keys"][0]

    assert numbers(lines) == [5, 4, 3, 2, 1]
    whole = "5 records hold, in a log of 5; title and details of 5 are bound by their fingerprint"
    assert verified(lines, tmp_path, "--key", key) == (0, whole)


@pytest.mark.parametrize("options", [("--keys", "{key}"), ("{key}",), ("--key",), ("--key", "{key}", "{key}")])
def test_key_that_the_script_does_not_take_in_is_no_key_checked(
    hotel: TenantRef, tmp_path: Path, options: tuple[str, ...]
) -> None:
    lines = exported()
    key = json.loads(lines[0])["verifier_keys"][0]

    code, said = verified(lines, tmp_path, *(option.format(key=key) for option in options))

    assert (code, said[:7]) == (2, "Checks ")


def test_every_line_is_proven_to_a_foreign_verifier(hotel: TenantRef) -> None:
    lines = [json.loads(line) for line in exported()]
    size, root = _checkpoint(lines[0])

    for line in lines[1:-1]:
        _verify_with_pymerkle(line, size, root)
    with pytest.raises(InvalidProof):
        _verify_with_pymerkle({**lines[1], "leaf": lines[2]["leaf"]}, size, root)


def _checkpoint(head: Line) -> tuple[int, bytes]:
    checkpoint = read_note(head["checkpoint"]).checkpoint
    return checkpoint.size, checkpoint.root


def _verify_with_pymerkle(line: Line, size: int, root: bytes) -> None:
    foreign = InmemoryTree(algorithm="sha256")  # of the same size, for the way that a proof takes through it
    for number in range(size):
        foreign.append_entry(b"%d" % number)
    rule = foreign.prove_inclusion(line["seq"], size).rule
    leaf = leaf_hash(b64decode(line["leaf"]))
    path = [leaf, *(b64decode(each) for each in line["path"])]
    verify_inclusion(leaf, root, InclusionProof("sha256", True, size, line["seq"], rule, path))


def _changed(lines: list[bytes], at: int, **values: Any) -> list[bytes]:
    line = {**json.loads(lines[at]), **values}
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    return [*lines[:at], text, *lines[at + 1 :]]


def _hashed_anew(lines: list[bytes]) -> list[bytes]:
    """As a forger does who knows the format and has no key."""
    return [*lines[:-1], _end(lines, sha256(b"".join(lines[:-1])).hexdigest())]


def _end(lines: list[bytes], digest: str) -> bytes:
    end = {**json.loads(lines[-1]), "sha256": digest, "records": len(lines) - 2}
    return json.dumps(end, separators=(",", ":")).encode() + b"\n"


def _leaf(lines: list[bytes], **values: Any) -> list[bytes]:
    leaf = b64decode(json.loads(lines[2])["leaf"])
    record = {**json.loads(leaf[1:]), **values}
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    return _changed(lines, 2, leaf=b64encode(leaf[:1] + text).decode())


FORGERIES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "one byte": lambda lines: [lines[0], lines[1].replace(b"a", b"b", 1), *lines[2:]],
    "a record taken out": lambda lines: [*lines[:2], *lines[3:]],
    "cut off": lambda lines: lines[:-1],
    "a record taken out, hashed anew": lambda lines: _hashed_anew([*lines[:2], *lines[3:]]),
    "another level, hashed anew": lambda lines: _hashed_anew(_leaf(lines, auth_level=3)),
    "another number, hashed anew": lambda lines: _hashed_anew(_changed(lines, 2, seq=3)),
    "another name, hashed anew": lambda lines: _hashed_anew(
        _changed(lines, 2, opened={**json.loads(lines[2])["opened"], "actor_name": "不是他"})
    ),
    "another checkpoint": lambda lines: _hashed_anew(
        _changed(lines, 0, checkpoint=json.loads(lines[0])["checkpoint"].replace("\n5\n", "\n6\n"))
    ),
}


def test_every_forgery_is_found(hotel: TenantRef, tmp_path: Path) -> None:
    lines = exported()

    found = {name: verified(forge(list(lines)), tmp_path) for name, forge in FORGERIES.items()}

    assert {name: (code, said.partition(":")[0]) for name, (code, said) in found.items()} == dict.fromkeys(
        FORGERIES, (1, "WRONG")
    )


def test_script_that_believes_the_signature_would_be_seen(
    hotel: TenantRef, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: the script counts hashes and asks for no signature, which whoever knows the format can make anew."""
    script = (PROJECT_ROOT / "docs" / "verify_export.py").read_text(encoding="utf-8")
    believing = script.replace(
        "    except InvalidSignature:\n        return False", "    except InvalidSignature:\n        return True"
    )
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "verify_export.py").write_text(believing, encoding="utf-8")
    monkeypatch.setattr("tests.audit.test_export.PROJECT_ROOT", tmp_path)
    lines = exported()

    code, _said = verified(FORGERIES["another name, hashed anew"](list(lines)), tmp_path)

    assert (believing != script, code) == (True, 0)


def test_key_of_somebody_else_is_not_believed(hotel: TenantRef, tmp_path: Path) -> None:
    lines = exported()
    name, key_hash, key = json.loads(lines[0])["verifier_keys"][0].split("+", 2)
    raw = bytearray(b64decode(key))
    raw[-1] ^= 1

    assert verified(lines, tmp_path, "--key", f"{name}+{key_hash}+{b64encode(raw).decode()}")[0] == 1


def test_tenant_exports_its_own_records_alone(hotel: TenantRef, tmp_path: Path) -> None:
    lines = exported(hotel)

    assert numbers(lines) == [4, 2]
    assert verified(lines, tmp_path)[0] == 0


def test_names_stay_here_unless_asked_for(hotel: TenantRef, tmp_path: Path) -> None:
    lines = exported(personal=False)

    assert "林晓" not in b"".join(lines).decode()
    assert "湖畔早餐" not in b"".join(lines).decode()
    whole = "5 records hold, in a log of 5; title and details of 0 are bound by their fingerprint"
    assert verified(lines, tmp_path) == (0, whole)


def test_records_of_a_destroyed_key_are_proven_without_words(hotel: TenantRef, tmp_path: Path) -> None:
    with tenant_session(hotel.id, writes=True) as session:
        destroy_key(session, hotel.id)
        session.connection().commit()

    lines = exported(hotel)

    assert [json.loads(line)["opened"] for line in lines[1:-1]] == [None, None]
    assert verified(lines, tmp_path)[0] == 0


def test_filter_is_that_of_the_list(hotel: TenantRef) -> None:
    assert numbers(exported(wanted=Filter(text="湖畔", group="content"))) == [4, 2]
    assert numbers(exported(wanted=Filter(until=date(2000, 1, 1)))) == []


@pytest.mark.parametrize("batch", [1, 2, 3, 500])
def test_export_is_bounded_and_says_so(
    hotel: TenantRef, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(queries, "BATCH", batch)
    monkeypatch.setattr(scopes, "MOST_RECORDS", {Format.LINES: 3})

    lines = exported()

    end = json.loads(lines[-1])
    assert numbers(lines) == [5, 4, 3]
    assert (end["records"], end["complete"], end["stopped_at"]) == (3, False, 3)
    assert verified(lines, tmp_path)[0] == 0


def test_export_ends_when_its_time_is_over(hotel: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "LONGEST_SECONDS", -1)

    assert json.loads(exported()[-1])["complete"] is False


def test_auditor_downloads_lines_that_hold(cast: Cast, app: Flask, tmp_path: Path) -> None:
    checkpoints.configure(tmp_path / "checkpoints")
    browser = Browser(app, cast.auditor)

    answer = browser.post("/admin/audit/export?group=tenant", {"format": "jsonl", "personal": "y"})

    assert answer.status_code == 200
    assert 'filename="audit-2' in answer.headers["Content-Disposition"]
    assert verified(answer.data.splitlines(keepends=True), tmp_path)[0] == 0
    told = browser.get("/admin/audit?group=audit").text
    assert "导出操作日志" in told
    assert "group=tenant" in told


def test_folder_that_says_something_else_keeps_nobody_from_exporting(cast: Cast, app: Flask, tmp_path: Path) -> None:
    """As after a restore: what was handed out before no longer fits, and the auditor needs the log all the more."""
    checkpoints.configure(tmp_path / "checkpoints")
    browser = Browser(app, cast.auditor)
    with system_session(reason="test") as session:
        size = session.scalar(select(func.max(AuditRecord.seq))) or 0
    (tmp_path / "checkpoints").mkdir()
    for number in range(size, size + 4):
        (tmp_path / "checkpoints" / f"checkpoint-{number:012d}.txt").write_text("another log")

    answer = browser.post("/admin/audit/export", {"format": "jsonl", "personal": "y"})

    assert answer.status_code == 200
    assert verified(answer.data.splitlines(keepends=True), tmp_path)[0] == 0


def test_workbook_shows_text_and_no_formulas(cast: Cast, app: Flask, tmp_path: Path) -> None:
    checkpoints.configure(tmp_path / "checkpoints")
    bait = '=HYPERLINK("http://evil.example","x")'
    write(pending(Event.DRAFT_SAVED, tenant=cast.yunqi.tenant, target=Target("content_object", "t9", bait)))

    answer = Browser(app, cast.yunqi.admin).post(
        f"{cast.yunqi.path}/audit/export?target=t9", {"format": "xlsx", "personal": "y"}
    )

    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[0][:6] == ["编号", "时间", "企业", "动作", "结果", "经办人"]
    assert [row[12] for row in rows[1:]] == [bait]
    assert [row[5] for row in rows[1:]] == ["林晓"]
    assert b"<f>" not in _sheet(answer.data)


def _sheet(data: bytes) -> bytes:
    with ZipFile(io.BytesIO(data)) as book:
        return book.read("xl/worksheets/sheet1.xml")


def test_door_of_the_export_asks_for_a_page_code(cast: Cast, app: Flask) -> None:
    answer = Browser(app, cast.auditor, vouched=False).post("/admin/audit/export", {"format": "jsonl"})

    assert answer.status_code == 403
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("who", ["editor", "province"])
def test_export_refuses_others_in_the_tenant(cast: Cast, app: Flask, who: str) -> None:
    person = getattr(cast.yunqi, who)

    assert Browser(app, person).post(f"{cast.yunqi.path}/audit/export", {"format": "jsonl"}).status_code == 403

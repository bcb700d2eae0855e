"""Simulated boxes: they find nothing wrong with the portal, and everything that is wrong with their line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from portal.boxes.models.bound import Box
from portal.boxes.models.reported import CommandResult, PlayBatch, Screenshot
from portal.cli.main import cli
from portal.cli.simulation.box import Answer, Send
from portal.cli.simulation.fleet import Fleet, simulate
from portal.cli.simulation.injecting import FAULTS
from portal.cli.simulation.life import Life
from portal.cli.simulation.watch import Broken, Later, Watch
from portal.core.context import COMMAND_LINE, TenantRef
from portal.core.database import tenant_session
from portal.releases import publisher
from portal.releases.fetch import PublicFiles
from portal.releases.renewal import renew_all
from portal.releases.signing.commands import make_root, replace_root, rotate_release_keys
from portal.releases.signing.jws import Jwk, public_jwk
from portal.releases.site import site
from tests.world.airing import desk_of
from tests.world.building import add_provinces, build_tenant
from tests.world.fleet import BASE, PHONE, job_for, line_into, new_box, tell_box


@pytest.fixture
def roots() -> list[Jwk]:
    """The root keys that were made, with their private parts."""
    return []


@pytest.fixture
def tenant(app: Flask, roots: list[Jwk], monkeypatch: pytest.MonkeyPatch) -> TenantRef:
    """A tenant on air, with a root key; the application serves `/pub/` too, as the server does."""
    add_provinces()
    made = build_tenant("步步鞋业(全国零售)", boxes=100)
    job_for(made, 100)
    make_root(COMMAND_LINE, roots.append)
    desk = desk_of(made)
    desk.put_on_air(desk.save("欢迎光临"))
    publisher.rest()
    monkeypatch.setattr(app, "wsgi_app", PublicFiles(site().root, app.wsgi_app))
    return made


def live(app: Flask, tenant: TenantRef, inject: str | None = None, boxes: int = 3) -> Watch:
    watch = Watch()
    around = FAULTS[inject] if inject else lambda send: send
    fleet = Fleet(boxes, 0, BASE, tenant.enterprise_id, PHONE, "E900-S")
    simulate(fleet, lambda: around(line_into(app)), watch)
    return watch


def test_boxes_that_keep_the_contract_find_nothing_wrong(app: Flask, tenant: TenantRef) -> None:
    watch = live(app, tenant)

    assert watch.violations == {}
    assert {line.partition(":")[0] for line in watch.lines()} == {
        "lookup", "binding", "pointer", "keys", "document", "heartbeat", "plays",
    }  # fmt: skip
    with tenant_session(tenant.id) as session:
        assert len(session.scalars(select(Box)).all()) == 3


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_in_the_line_is_found(app: Flask, tenant: TenantRef, fault: str) -> None:
    assert live(app, tenant, fault, boxes=1).violations != {}


def test_a_portal_that_lets_nobody_in_is_a_violation(app: Flask, tenant: TenantRef) -> None:
    watch = Watch()

    simulate(Fleet(1, 0, BASE, tenant.enterprise_id, "13900139000", "E900-S"), lambda: line_into(app), watch)

    assert watch.violations == {"404 unknown_enterprise": 1}
    assert "VIOLATION 1x 404 unknown_enterprise" in list(watch.lines())


def test_a_simulated_box_obeys_commands_once(app: Flask, tenant: TenantRef) -> None:
    life = Life(new_box(app), Watch())
    life.begin(tenant.enterprise_id, PHONE)
    told = {tell_box(tenant, kind) for kind in ("restart", "screenshot")}

    life.beat()
    life.beat()

    def ids(model: Any) -> set[str]:
        with tenant_session(tenant.id) as session:
            return {row.id for row in session.scalars(select(model))}

    assert ids(CommandResult) == told
    assert ids(Screenshot) < told


def test_who_is_asked_to_come_back_does_so_and_finds_nothing_wrong(app: Flask, tenant: TenantRef) -> None:
    """The first heartbeats are sent away, as by a portal to which a whole fleet has come back."""
    left = [2]

    def line() -> Send:
        send = line_into(app)

        def busy(method: str, path: str, headers: Mapping[str, str], data: bytes) -> Answer:
            if "/heartbeats" in path and left[0]:
                left[0] -= 1
                return Answer(
                    503, {"retry-after": "0", "content-type": "application/problem+json"}, b'{"code":"unavailable"}'
                )
            return send(method, path, headers, data)

        return busy

    watch = Watch()
    simulate(Fleet(2, 6.0, BASE, tenant.enterprise_id, PHONE, "E900-S", herd=True), line, watch)

    lines = list(watch.lines())
    assert watch.violations == {}
    assert any(line.startswith("herd: 2 calls, p50 ") for line in lines), lines
    assert "sent away with Retry-After: 2 times" in lines


def test_plays_that_were_sent_away_are_sent_again_and_counted_then(app: Flask, tenant: TenantRef) -> None:
    """Nothing was stored, so they are no duplicates when they come back."""
    life, left = Life(new_box(app), Watch()), [1]
    life.begin(tenant.enterprise_id, PHONE)
    life.poll()
    through = life.box.send

    def busy(method: str, path: str, headers: Mapping[str, str], data: bytes) -> Answer:
        if "/plays" in path and left[0]:
            left[0] -= 1
            return Answer(503, {"retry-after": "0", "content-type": "application/problem+json"}, b'{"code":"busy"}')
        return through(method, path, headers, data)

    life.box.send = busy
    with pytest.raises(Later):
        life.play()
    life.play()
    life.play()

    with tenant_session(tenant.id) as session:
        assert session.scalar(select(func.count()).select_from(PlayBatch)) == 2


def test_a_refusal_that_does_not_say_when_to_come_back_breaks_the_contract(app: Flask, tenant: TenantRef) -> None:
    watch = Watch()
    simulate(Fleet(1, 0.0, BASE, tenant.enterprise_id, PHONE, "E900-S"), lambda: FAULTS["busy"](line_into(app)), watch)

    assert [what[:4] for what in watch.violations] == ["503 "]


def test_a_simulated_box_follows_another_root_key(app: Flask, tenant: TenantRef, roots: list[Jwk]) -> None:
    life = Life(new_box(app), Watch())
    life.begin(tenant.enterprise_id, PHONE)
    life.poll()
    replace_root(COMMAND_LINE, roots[0], roots.append)
    rotate_release_keys(COMMAND_LINE, roots[1])
    renew_all()

    life.poll()

    assert life.sequence == 1
    assert any(line.startswith("roots: ") for line in life.watch.lines())


def test_a_simulated_box_follows_the_root_key_that_an_answer_names(
    app: Flask, tenant: TenantRef, roots: list[Jwk]
) -> None:
    life = Life(new_box(app), Watch())
    life.begin(tenant.enterprise_id, PHONE)
    replace_root(COMMAND_LINE, roots[0], roots.append)

    life.beat()

    assert life.root == public_jwk(roots[1])


def test_a_root_key_to_which_the_pinned_one_does_not_lead_breaks_the_contract(
    app: Flask, tenant: TenantRef, roots: list[Jwk]
) -> None:
    life = Life(new_box(app), Watch())
    life.begin(tenant.enterprise_id, PHONE)
    replace_root(COMMAND_LINE, roots[0], roots.append)
    (site().root / "roots.json").write_bytes(b'{"roots":[]}')

    with pytest.raises(Broken, match="does not lead"):
        life.beat()


def test_without_demo_data_the_command_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_INSTANCE_DIR", str(tmp_path))

    result = CliRunner().invoke(cli, ["simulate", "--boxes", "1", "--seconds", "1", "--url", BASE])

    assert result.exit_code == 1
    assert "give --enterprise-id and --installer-phone" in result.output


def test_a_portal_that_is_not_there_is_a_violation() -> None:
    arguments = [
        "--boxes",
        "1",
        "--seconds",
        "0",
        "--url",
        "http://127.0.0.1:9",
        "--enterprise-id",
        "1",
        "--installer-phone",
        "1",
    ]

    result = CliRunner().invoke(cli, ["simulate", *arguments])

    assert result.exit_code == 1
    assert "VIOLATION 1x no answer" in result.output

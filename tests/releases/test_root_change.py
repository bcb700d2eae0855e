"""Another root key: boxes take it only from the one before, however much they slept through, and from nobody else."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal.audit.models import AuditRecord
from portal.core import clock
from portal.core.context import COMMAND_LINE
from portal.core.database import platform_session, system_session
from portal.releases.pointer import moment_text
from portal.releases.signing import commands
from portal.releases.signing.handover import follow, hand_over, steps_bytes
from portal.releases.signing.jws import BadSignature, Jwk, new_private_jwk, public_jwk, sign, signer
from portal.releases.signing.ring import current_root
from portal.releases.signing.shipped import root_vectors
from portal.releases.site import site
from tests.world.boxes import full as shipped
from tests.world.delivery import Delivery


@pytest.fixture
def delivery(installation: Path) -> Delivery:
    return Delivery(installation)


def change(old: Jwk) -> Jwk:
    kept: list[Jwk] = []
    commands.replace_root(COMMAND_LINE, old, kept.append)
    return kept[0]


def pinned(delivery: Delivery) -> str:
    found: str = delivery.box.memory["root"]["kid"]
    return found


def test_a_box_follows_from_root_to_root(delivery: Delivery) -> None:
    delivery.box.poll()
    new = change(delivery.root)
    meanwhile = delivery.box.rejection()  # this list bears both signatures
    commands.rotate_release_keys(COMMAND_LINE, new)

    after = delivery.box.rejection()

    assert (meanwhile, after, pinned(delivery)) == (None, None, new["kid"])
    with platform_session() as session:
        known = current_root(session)
    assert known is not None
    assert known.public_jwk == dict(public_jwk(new))


def test_a_box_that_slept_through_two_changes_follows_both(delivery: Delivery) -> None:
    delivery.box.poll()
    second = change(delivery.root)
    third = change(second)
    commands.rotate_release_keys(COMMAND_LINE, third)

    assert delivery.box.rejection() is None
    assert pinned(delivery) == third["kid"]


def test_a_box_takes_no_root_that_the_old_one_did_not_sign(delivery: Delivery) -> None:
    """Whoever holds the web server puts steps of their own there, and keys that their root has signed."""
    delivery.box.poll()
    thief = new_private_jwk("Ed25519")
    body = (site().root / "keys.json").read_bytes()
    words_of_root = signer(delivery.root)
    forged = {
        "signed by the new one itself": steps_bytes([hand_over(signer(thief), public_jwk(thief))]),
        "signed by nobody": b'{"roots":[{"payload":"e30","signatures":[]}]}',
        "no steps": b'{"roots":[]}',
        "a list of keys in the place of a step": steps_bytes([sign(body, [words_of_root])]),
    }
    found = {}
    for name, steps in forged.items():
        answers = {"/pub/keys.jws": sign(body, [signer(thief)]), "/pub/roots.json": steps}
        delivery.box.between = lambda path, data, answers=answers: answers.get(path, data)  # type: ignore[misc]
        delivery.box.missing = steps
        found[name] = (delivery.box.rejection(), pinned(delivery))

    assert set(found.values()) == {("bad_signature", delivery.root["kid"])}


@pytest.mark.parametrize(("named", "leads"), [("new", True), ("thief", False)])
def test_a_root_that_an_answer_names_is_pinned_only_where_the_old_one_leads_to_it(
    delivery: Delivery, named: str, leads: bool
) -> None:
    """The list of keys is signed by both meanwhile, so nothing else makes the box look."""
    new = change(delivery.root)
    told = {"new": new, "thief": new_private_jwk("Ed25519")}[named]
    if not leads:
        delivery.box.missing = b'{"roots":[]}'
        delivery.box.between = lambda path, data: b'{"roots":[]}' if path == "/pub/roots.json" else data
    answer = {"root": dict(public_jwk(told)), "channel": delivery.channel, "now": moment_text(clock.now())}
    delivery.box.call = lambda *_, **__: answer

    delivery.box.beat()

    assert pinned(delivery) == (new if leads else delivery.root)["kid"]


def test_the_old_root_has_no_word_any_more(delivery: Delivery) -> None:
    delivery.box.poll()
    new = change(delivery.root)
    commands.rotate_release_keys(COMMAND_LINE, new)
    delivery.box.poll()
    body = (site().root / "keys.json").read_bytes()

    with pytest.raises(commands.KeysRefused, match="boxes rely on"):
        commands.rotate_release_keys(COMMAND_LINE, delivery.root)
    delivery.box.between = lambda path, data: sign(body, [signer(delivery.root)]) if path == "/pub/keys.jws" else data

    assert delivery.box.rejection() == "bad_signature"
    assert pinned(delivery) == new["kid"]


def test_a_stranger_cannot_replace_the_root(delivery: Delivery) -> None:
    with pytest.raises(commands.KeysRefused, match="boxes rely on"):
        commands.replace_root(COMMAND_LINE, new_private_jwk("Ed25519"), lambda _: pytest.fail("a key was handed out"))

    assert not (site().root / "roots.json").exists()


def test_the_change_is_recorded_and_its_file_written_again_at_a_start(delivery: Delivery) -> None:
    new = change(delivery.root)
    path = site().root / "roots.json"
    steps = path.read_bytes()
    path.unlink()

    commands.write_key_set()

    assert path.read_bytes() == steps
    assert follow(steps, public_jwk(delivery.root)) == dict(public_jwk(new))
    with system_session(reason="what was recorded") as session:
        events = select(AuditRecord).where(AuditRecord.event == "system.root_key_replaced")
        assert len(session.scalars(events).all()) == 1


VECTORS = root_vectors()
KEYS: dict[str, Jwk] = {key["kid"]: key for key in VECTORS["keys"]}


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_vector_leads_the_portal_and_the_shipped_box_to_the_same_root(case: dict[str, Any], tmp_path: Path) -> None:
    steps = json.dumps({"roots": case["roots"]}).encode()
    box = shipped.FullBox("", tmp_path)
    box.remember(root=KEYS[case["pinned"]])
    box.fetch = lambda _path: steps

    box.follow_root()

    assert follow(steps, KEYS[case["pinned"]])["kid"] == case["leads_to"]
    assert box.memory["root"]["kid"] == case["leads_to"]


@pytest.mark.parametrize("data", [b"", b"[]", b'{"roots":1}', b"{}", b"\xff"])
def test_what_is_no_list_of_steps_is_refused(data: bytes) -> None:
    with pytest.raises(BadSignature):
        follow(data, public_jwk(new_private_jwk("Ed25519")))


def test_steps_that_are_none_are_passed_over() -> None:
    root = new_private_jwk("Ed25519")

    assert follow(json.dumps({"roots": [1, None, {}, {"payload": "x"}]}).encode(), public_jwk(root)) == public_jwk(root)

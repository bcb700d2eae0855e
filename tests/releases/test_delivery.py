"""What a box is sent, and what it makes of it: the box of docs/box.py against somebody who sits in the line."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from portal.audit.models import AuditRecord
from portal.core import clock, unit_of_work
from portal.core.context import COMMAND_LINE
from portal.core.database import Database, platform_session, system_session
from portal.releases import renewal
from portal.releases.models import Pointer
from portal.releases.pointer import VALIDITY
from portal.releases.signing import commands
from portal.releases.signing.jws import new_private_jwk, public_jwk, sign, signer
from portal.releases.signing.models import ReleaseKey
from portal.releases.signing.ring import active_signers
from portal.releases.site import site
from portal.tenants.commands.groups import create_group
from tests.world.building import context, in_tenant, root_of
from tests.world.delivery import Delivery


@pytest.fixture
def delivery(installation: Path) -> Delivery:
    return Delivery(installation)


def test_box_shows_what_was_published_and_follows(delivery: Delivery) -> None:
    first = delivery.box.texts()

    delivery.publish("第二版")

    assert (first, delivery.box.texts()) == (["第一版"], ["第一版", "第二版"])


def test_signed_pointer_is_the_pointer_for_tools(delivery: Delivery) -> None:
    row = delivery.desk.pointers()[0]

    assert row.jws is not None
    assert delivery.signed_pointer() == row.jws.encode()
    assert (site().root / "channels" / delivery.channel / "current.json").read_bytes() == row.body.encode()
    assert row.valid_until is not None
    assert len(row.body) < 1024


def test_pointer_that_was_rolled_back_is_rejected(delivery: Delivery) -> None:
    old = delivery.signed_pointer()
    delivery.publish("第二版")
    delivery.box.poll()

    delivery.send(old)

    assert delivery.box.rejection() == "old_sequence"


def test_rolled_back_pointer_would_be_taken_by_a_box_without_memory(delivery: Delivery) -> None:
    """The planted fault: it is the memory that protects, not the signature."""
    old = delivery.signed_pointer()
    delivery.publish("第二版")
    delivery.box = delivery.new_box("another")

    delivery.send(old)

    assert delivery.box.texts() == ["第一版"]


def test_other_release_under_the_same_sequence_is_rejected(delivery: Delivery) -> None:
    delivery.box.poll()

    delivery.send(delivery.forged(release="ab" * 32))

    assert delivery.box.rejection() == "conflicting_pointer"


def test_pointer_of_another_channel_or_enterprise_is_rejected(delivery: Delivery) -> None:
    group = in_tenant(delivery.desk.tenant, lambda ctx: create_group(ctx, root_of(delivery.desk.tenant), "城东区"))
    delivery.publish("第二版")
    other = next(row.channel for row in delivery.desk.pointers() if row.group_id == group)
    delivery.box.poll()

    delivery.send(delivery.signed_pointer(other))
    of_another_channel = delivery.box.rejection()
    delivery.send(delivery.forged(enterprise_id="310000000012"))

    assert (of_another_channel, delivery.box.rejection()) == ("conflicting_pointer", "conflicting_pointer")


def test_payload_exchanged_under_good_signatures_is_rejected(delivery: Delivery) -> None:
    forged = json.loads(delivery.forged(sequence=99))
    real = json.loads(delivery.signed_pointer())

    delivery.send(json.dumps({**real, "payload": forged["payload"]}).encode())

    assert delivery.box.rejection() == "bad_signature"


def test_keys_of_a_stranger_are_rejected(delivery: Delivery) -> None:
    delivery.send(delivery.forged(new_private_jwk("Ed25519"), sequence=99))

    assert delivery.box.rejection() == "bad_signature"


def test_document_of_other_bytes_is_not_switched_to(delivery: Delivery) -> None:
    delivery.box.between = lambda path, data: (
        data.replace("第一版".encode(), "伪造版".encode()) if "releases" in path else data
    )

    assert delivery.box.rejection() == "bad_download"
    assert delivery.box.memory["sequence"] == 0


def test_expired_pointer_is_rejected_and_the_renewed_one_taken(delivery: Delivery) -> None:
    delivery.box.poll()
    before = json.loads(delivery.desk.pointers()[0].body)

    with time_machine.travel(clock.now() + VALIDITY + timedelta(seconds=1), tick=False):
        expired = delivery.box.rejection()
        renewed = renewal.renew_due()
        after = json.loads(delivery.desk.pointers()[0].body)
        assert (expired, renewed, delivery.box.rejection()) == ("expired_pointer", 1, None)

    assert {name for name in before if before[name] != after[name]} == {"valid_until"}


def test_pointers_are_signed_anew_at_half_of_their_validity_and_not_before(delivery: Delivery) -> None:
    issued = clock.now()

    with time_machine.travel(issued + VALIDITY / 2 - timedelta(minutes=5), tick=False):
        early = renewal.renew_due()
    with time_machine.travel(issued + VALIDITY / 2 + timedelta(minutes=5), tick=False):
        due, again = renewal.renew_due(), renewal.renew_due()

    assert (early, due, again) == (0, 1, 0)
    assert len(recorded("release.pointers_renewed")) == 1


def test_revoked_key_counts_no_more_and_its_private_part_is_gone(delivery: Delivery) -> None:
    with platform_session() as session:
        revoked = [signer.kid for signer in active_signers(session)]
    stolen = delivery.signed_pointer()
    delivery.box.poll()

    for kid in revoked:
        commands.revoke_release_key(COMMAND_LINE, delivery.root, kid, "泄露")
    between = delivery.box.rejection()
    renewal.renew_all()
    after = delivery.box.rejection()
    delivery.send(stolen)

    assert (between, after, delivery.box.rejection()) == ("bad_signature", None, "bad_signature")
    with platform_session() as session:
        rows = {row.kid: row for row in session.scalars(select(ReleaseKey))}
    assert {rows[kid].private_jwk_sealed for kid in revoked} == {None}
    assert [row.details["reason"] for row in recorded("system.release_key_revoked")] == ["泄露"] * 2


def test_older_list_of_keys_that_still_trusts_a_revoked_one_is_rejected(delivery: Delivery) -> None:
    old_list = (site().root / "keys.jws").read_bytes()
    stolen = delivery.signed_pointer()
    with platform_session() as session:
        kids = [signer.kid for signer in active_signers(session)]
    for kid in kids:
        commands.revoke_release_key(COMMAND_LINE, delivery.root, kid, "泄露")
    renewal.renew_all()
    delivery.box.poll()

    delivery.box.between = lambda path, data: {"/pub/keys.jws": old_list}.get(
        path, stolen if "current" in path else data
    )

    assert delivery.box.rejection() == "bad_signature"
    assert delivery.new_box("without memory").memory["version"] == 0


def test_list_signed_by_another_root_is_rejected(delivery: Delivery) -> None:
    thief = new_private_jwk("Ed25519")
    body = (site().root / "keys.json").read_bytes()

    delivery.box.between = lambda path, data: sign(body, [signer(thief)]) if path == "/pub/keys.jws" else data

    assert delivery.box.rejection() == "bad_signature"


def test_rotation_is_followed_without_a_break(delivery: Delivery) -> None:
    delivery.box.poll()
    before = json.loads((site().root / "keys.json").read_bytes())

    made = commands.rotate_release_keys(COMMAND_LINE, delivery.root)
    with_old_signatures = delivery.box.rejection()
    renewal.renew_all()

    after = json.loads((site().root / "keys.json").read_bytes())
    assert (with_old_signatures, delivery.box.rejection()) == (None, None)
    assert after["version"] == before["version"] + 1
    assert {key["kid"] for key in after["keys"]} == {key["kid"] for key in before["keys"]} | set(made)
    commands.rotate_release_keys(COMMAND_LINE, delivery.root)
    third = json.loads((site().root / "keys.json").read_bytes())
    assert {key["kid"] for key in before["keys"]}.isdisjoint(key["kid"] for key in third["keys"])


@pytest.mark.parametrize("which", ["stranger", "public part"])
def test_other_root_key_changes_nothing(delivery: Delivery, which: str) -> None:
    offered = new_private_jwk("Ed25519") if which == "stranger" else public_jwk(delivery.root)
    before = (site().root / "keys.jws").read_bytes()

    with pytest.raises(commands.KeysRefused):
        commands.rotate_release_keys(COMMAND_LINE, offered)

    assert (site().root / "keys.jws").read_bytes() == before


def test_second_root_key_is_refused(delivery: Delivery) -> None:
    with pytest.raises(commands.KeysRefused, match="already"):
        commands.make_root(COMMAND_LINE, lambda private: pytest.fail("a private part was handed out"))


def test_private_parts_stand_nowhere_in_clear(delivery: Delivery, database: Database) -> None:
    with database.engine.connect() as connection:
        rows = connection.execute(select(ReleaseKey.__table__)).mappings().all()

    assert len(rows) == 2
    for row in rows:
        assert "d" not in row["public_jwk"]
        assert b'"d"' not in bytes(row["private_jwk_sealed"])


def test_lost_signed_pointer_is_written_again_at_the_start(delivery: Delivery) -> None:
    from portal.releases.jobs import repair_all

    path = site().root / "channels" / delivery.channel / "current.jws"
    path.write_bytes(path.read_bytes()[:-9])

    repair_all()

    assert delivery.box.rejection() is None


def recorded(event: str) -> list[AuditRecord]:
    with system_session(reason="a test reads what was recorded") as session:
        return list(session.scalars(select(AuditRecord).where(AuditRecord.event == event)))


def test_after_a_restore_boxes_follow_although_the_database_counts_from_the_backup(delivery: Delivery) -> None:
    backup = delivery.desk.pointers()[0]
    delivery.publish("第二版")
    delivery.box.poll()
    seen = delivery.box.memory["sequence"]
    with context(delivery.desk.tenant) as ctx:
        row = ctx.session.get_one(Pointer, (backup.tenant_id, backup.id))
        row.sequence, row.body, row.jws = backup.sequence, backup.body, backup.jws
        row.document_sha256, row.modified_at = backup.document_sha256, backup.modified_at
        ctx.session.flush()
        unit_of_work.work_of(ctx.session).changed.clear()
        ctx.session.commit()
    renewal.renew_all()
    refused = delivery.box.rejection()

    renewal.point_anew()

    assert (seen, refused) == (2, "old_sequence")
    assert delivery.box.texts() == ["第一版"]
    assert delivery.box.memory["sequence"] > seen


def test_list_of_keys_never_goes_back_below_what_boxes_have_seen(delivery: Delivery) -> None:
    newer = (site().root / "keys.json").read_bytes().replace(b'"version":2', b'"version":7')
    (site().root / "keys.json").write_bytes(newer)

    written = commands.write_key_set()
    kept = (site().root / "keys.json").read_bytes()
    commands.rotate_release_keys(COMMAND_LINE, delivery.root)

    assert (written, kept) == (False, newer)
    assert json.loads((site().root / "keys.json").read_bytes())["version"] == 8


def test_key_revoked_after_the_backup_is_not_believed_again_after_a_restore(delivery: Delivery) -> None:
    with platform_session() as session:
        stolen = active_signers(session)[1]
        row = session.scalars(select(ReleaseKey).where(ReleaseKey.kid == stolen.kid)).one()
        backup = row.private_jwk
    commands.revoke_release_key(COMMAND_LINE, delivery.root, stolen.kid, "泄露")
    with platform_session(writes=True) as session:
        for row in session.scalars(select(ReleaseKey).where(ReleaseKey.algorithm == stolen.algorithm)):
            if row.kid != stolen.kid:
                session.delete(row)
        session.flush()
        row = session.scalars(select(ReleaseKey).where(ReleaseKey.kid == stolen.kid)).one()
        row.state, row.ended_at, row.private_jwk = "active", None, backup
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()

    commands.rotate_release_keys(COMMAND_LINE, delivery.root)

    listed = json.loads((site().root / "keys.json").read_bytes())
    assert stolen.kid in listed["revoked"]
    assert stolen.kid not in [key["kid"] for key in listed["keys"]]
    with platform_session() as session:
        assert stolen.kid not in [signer.kid for signer in active_signers(session)]

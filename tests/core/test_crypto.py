"""Keys of the installation, and fields that open only where they were sealed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.core import crypto
from portal.core.crypto import SealBroken, Sealed, Vault
from portal.core.key_ring import WrongRing, ring_of_secret
from portal.core.secret_file import KeyFile, read_secret

MADE = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)
SECRET, OTHER = b"s" * 32, b"t" * 32


class _Base(DeclarativeBase):
    """A base of its own: these tables exist in no database."""


class _Contact(_Base):
    __tablename__ = "contacts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(String(36))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    mail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    serial_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    serial_lookup: Mapped[str | None] = mapped_column(String(64))

    phone = Sealed()
    mail = Sealed()
    serial = Sealed(lookup="serial")


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    """A file of keys that this process follows."""
    made = read_secret(tmp_path / "secret", may_create=True)
    crypto.configure(made)
    return made


def contact(row_id: str = "one", tenant_id: str = "tenant") -> _Contact:
    return _Contact(id=row_id, tenant_id=tenant_id)


def test_sealed_value_opens_at_its_place_only() -> None:
    vault = Vault(SECRET)
    sealed = vault.seal("13800138000", "users|phone|1")

    assert vault.open(sealed, "users|phone|1") == "13800138000"
    with pytest.raises(SealBroken, match="belongs elsewhere"):
        vault.open(sealed, "users|phone|2")


@pytest.mark.parametrize("index", [4, 16, -1])
def test_changed_byte_does_not_open(index: int) -> None:
    vault = Vault(SECRET)
    sealed = bytearray(vault.seal("机密", "place"))
    sealed[index] ^= 1

    with pytest.raises(SealBroken):
        vault.open(bytes(sealed), "place")


@pytest.mark.parametrize("length", [0, 3, 15, 20])
def test_truncated_value_does_not_open(length: int) -> None:
    vault = Vault(SECRET)

    with pytest.raises(SealBroken):
        vault.open(vault.seal("机密", "place")[:length], "place")


def test_other_secret_is_named_as_the_reason() -> None:
    sealed = Vault(OTHER).seal("机密", "place")

    with pytest.raises(SealBroken, match="does not have"):
        Vault(SECRET).open(sealed, "place")


def test_same_value_is_never_sealed_alike_and_shows_nothing() -> None:
    vault = Vault(SECRET)
    first, second = vault.seal("13800138000", "place"), vault.seal("13800138000", "place")

    assert first != second
    assert b"13800138000" not in first


def test_fingerprint_finds_equal_values_of_one_purpose_with_the_key_only() -> None:
    vault = Vault(SECRET)

    assert vault.fingerprint("138", "phone") == Vault(SECRET).fingerprint("138", "phone")
    assert (
        len(
            {
                vault.fingerprint("138", "phone"),
                vault.fingerprint("138", "mail"),
                Vault(OTHER).fingerprint("138", "phone"),
            }
        )
        == 3
    )


def test_keys_differ_by_purpose_and_stay_the_same_at_every_start() -> None:
    assert Vault(SECRET).key("cookies") == Vault(SECRET).key("cookies")
    assert len({Vault(SECRET).key("cookies"), Vault(SECRET).key("seal"), Vault(OTHER).key("cookies")}) == 3


def test_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer than 32"):
        Vault(b"s" * 31)


def test_attribute_reads_what_was_written_and_keeps_none() -> None:
    row = contact()
    row.phone, row.mail = "13800138000", None

    assert (row.phone, row.mail) == ("13800138000", None)
    assert row.phone_sealed is not None
    assert b"138" not in row.phone_sealed


@pytest.mark.parametrize("other", [contact("two"), contact("one", "another tenant")])
def test_value_moved_to_another_row_or_tenant_does_not_open(other: _Contact) -> None:
    row = contact()
    row.phone = "13800138000"

    other.phone_sealed = row.phone_sealed

    with pytest.raises(SealBroken):
        _ = other.phone


def test_value_moved_to_another_column_does_not_open() -> None:
    row = contact()
    row.phone = "13800138000"

    row.mail_sealed = row.phone_sealed

    with pytest.raises(SealBroken):
        _ = row.mail


def test_process_without_a_secret_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto, "_held", None)

    with pytest.raises(RuntimeError, match="not loaded"):
        crypto.vault()


def test_value_is_found_by_its_keyed_hash_and_only_where_that_was_asked_for() -> None:
    row, same = contact("one"), contact("two")
    row.serial = same.serial = "SN-1"

    assert row.serial_lookup == same.serial_lookup == _Contact.serial.fingerprint("SN-1")
    assert row.serial_sealed != same.serial_sealed
    with pytest.raises(TypeError, match="not looked up"):
        _Contact.phone.fingerprint("138")
    row.serial = None
    assert (row.serial_sealed, row.serial_lookup) == (None, None)


def test_rotation_seals_anew_opens_the_old_and_keeps_what_is_derived() -> None:
    old = Vault(SECRET)
    ring = old.ring.with_new_key(MADE)
    new = Vault(ring)

    sealed, anew = old.seal("机密", "place"), new.seal("机密", "place")

    assert new.open(sealed, "place") == new.open(anew, "place") == "机密"
    assert (sealed[:4].hex(), anew[:4].hex()) == (old.ring.active.id, ring.active.id)
    assert (new.key("cookies"), new.fingerprint("1", "phone")) == (old.key("cookies"), old.fingerprint("1", "phone"))
    with pytest.raises(SealBroken, match="does not have"):
        old.open(anew, "place")


def test_retired_key_opens_nothing_and_the_active_one_stays() -> None:
    ring = ring_of_secret(SECRET).with_new_key(MADE)
    sealed = Vault(SECRET).seal("机密", "place")

    with pytest.raises(SealBroken, match="does not have"):
        Vault(ring.without(ring.keys[0].id)).open(sealed, "place")
    with pytest.raises(WrongRing, match="rotate first"):
        ring.without(ring.active.id)
    with pytest.raises(WrongRing, match="no key"):
        ring.without("00000000")


def test_running_process_follows_a_rotation_with_its_next_value(file: KeyFile) -> None:
    row = contact()
    row.phone = "13800138000"

    ring = file.change(lambda held: held.with_new_key(MADE))
    read = row.phone
    row.mail = "a@b"

    assert read == "13800138000"
    assert row.mail_sealed is not None
    assert row.mail_sealed[:4].hex() == ring.active.id


@pytest.mark.parametrize("spoil", ["gone", "cut", "open to others", "of another installation"])
def test_running_process_keeps_its_keys_when_the_file_is_spoilt(file: KeyFile, spoil: str) -> None:
    row = contact()
    row.phone = "13800138000"

    if spoil == "gone":
        file.path.unlink()
    elif spoil == "cut":
        file.path.write_bytes(b"x")
    elif spoil == "open to others":
        file.path.chmod(0o644)
        file.path.touch()
    else:
        file.path.write_bytes(OTHER)

    assert row.phone == "13800138000"


def test_error_names_the_place_without_the_tenant() -> None:
    with pytest.raises(SealBroken) as caught:
        Vault(SECRET).open(b"", "users|totp_secret_sealed|a-tenant|row-1")

    broken = caught.value
    assert (broken.table, broken.column, broken.row) == ("users", "totp_secret_sealed", "row-1")
    assert "users.totp_secret_sealed" in str(broken.message)
    assert "a-tenant" not in str(broken.message) + str(broken)

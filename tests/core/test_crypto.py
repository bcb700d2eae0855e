"""Keys of the installation, and fields that open only where they were sealed."""

import pytest
from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.core import crypto
from portal.core.crypto import SealBroken, Sealed, Vault

SECRET, OTHER = b"s" * 32, b"t" * 32


class _Base(DeclarativeBase):
    """A base of its own: these tables exist in no database."""


class _Contact(_Base):
    __tablename__ = "contacts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(String(36))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    mail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    phone = Sealed()
    mail = Sealed()


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
    monkeypatch.setattr(crypto, "_vault", None)

    with pytest.raises(RuntimeError, match="not loaded"):
        crypto.vault()

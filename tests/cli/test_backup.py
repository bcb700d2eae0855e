"""`portal backup` and `portal restore`: what was there comes back, and nothing else does."""

import hashlib
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from cryptography.exceptions import InvalidTag

from portal.accounts.models import RecoveryCode, User, UserSession
from portal.administration.deletion import ledger
from portal.audit.models import AuditRecord
from portal.cli import migrations
from portal.cli.backup import archive, databases
from portal.cli.main import cli
from portal.core import crypto, sealed_stream
from portal.core.ids import new_id
from portal.core.running import running
from portal.core.secret_file import KeyFile, read_secret
from portal.core.settings import load_settings
from portal.notify.models import Notice
from portal.tenants.models import Customer, Tenant, TenantDeletion

AT = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)
PICTURE, LATER = b"a picture", b"another picture"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), catch_exceptions=False)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Installation:
    """A small installation with a customer, a session, a picture and its published copy."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.backup = folder.parent / f"{folder.name}-backup"
        self.engine = migrations.migration_engine(url)
        crypto.configure(read_secret(folder / "secret", may_create=True))
        self.add_customer("客户", "13800138000")
        user, row = (
            new_id(),
            {"auth_level": 2, "auth_method": "x", "address": "", "user_agent": "", "token_hash": "a" * 64},
        )
        with self.engine.begin() as connection:
            given = {"username": "a", "display_name": "甲", "pinyin": "", "totp_last_step": 0, "version": 1}
            preferences = {"language": "zh", "theme": "auto", "density": "comfortable"}
            connection.execute(sa.insert(User).values(id=user, created_at=AT, **given, **preferences))
            times = dict.fromkeys(("authenticated_at", "created_at", "expires_at"), AT)
            connection.execute(sa.insert(UserSession).values(id=new_id(), user_id=user, **row, **times))
        self.media(PICTURE).write_bytes(PICTURE)
        self.asset(PICTURE).write_bytes(PICTURE)
        (folder / "pub" / "keys.json").write_bytes(b"{}")

    def add_customer(self, name: str, phone: str) -> None:
        customer = Customer(id=new_id(), name=name, industry_code="1401001", created_at=AT, version=1)
        customer.contact_phone = phone
        given = {name: value for name, value in vars(customer).items() if not name.startswith("_")}
        with self.engine.begin() as connection:
            connection.execute(Customer.__table__.insert().values(**given))

    def add_tenant(self) -> str:
        tenant = new_id()
        given = {
            "enterprise_id": "123456789012",
            "name": "客户(全国酒店)",
            "short_name": "客户",
            "pinyin": "",
            "scope": "national",
        }
        rest = {"business_type": "hotel", "required_level": 2, "publication_lock": 0, "version": 1, "created_at": AT}
        with self.engine.begin() as connection:
            customer = connection.scalars(sa.select(Customer.id)).first()
            connection.execute(sa.insert(Tenant).values(id=tenant, customer_id=customer, **given, **rest))
        return tenant

    def customers(self) -> list[tuple[str, str]]:
        table = Customer.__table__
        crypto.configure(KeyFile(self.folder / "secret"))
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(table.c.id, table.c.name, table.c.contact_phone_sealed).order_by(table.c.name)
            )
            return [(row.name, self._phone(row.id, bytes(row.contact_phone_sealed))) for row in rows]

    @staticmethod
    def _phone(row_id: str, sealed: bytes) -> str:
        return crypto.vault().open(sealed, crypto.place_of("customers", "contact_phone_sealed", None, row_id))

    def media(self, data: bytes) -> Path:
        path = self.folder / "media" / sha256(data)[:2] / sha256(data)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def asset(self, data: bytes) -> Path:
        path = self.folder / "pub" / "assets" / f"{sha256(data)}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def change(self) -> None:
        """What happens after the backup, all of which a restore undoes, but for files that are named by their bytes."""
        self.add_customer("后来的客户", "13900139000")
        self.media(PICTURE).unlink()
        self.asset(PICTURE).unlink()
        self.media(LATER).write_bytes(LATER)

    def count(self, statement: sa.Select[tuple[int]]) -> int:
        with self.engine.connect() as connection:
            return connection.execute(statement).scalar_one()


@pytest.fixture
def place(environment: Path, migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setenv("PORTAL_DATABASE_URL", migrated_url)
    return Installation(environment, migrated_url)


def test_backup_says_where_it_is_and_shows_nothing(place: Installation) -> None:
    result = run("backup", str(place.backup))

    path = place.backup / archive.NAME
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{path} ({path.stat().st_size:,} bytes), read back whole.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in place.backup.iterdir()] == [archive.NAME]
    assert not any(text in path.read_bytes() for text in (PICTURE, "客户".encode(), b"CREATE TABLE", b"customers"))
    assert not list(place.folder.glob(".backup-*"))


class _NoCipher:
    """A cipher that hides nothing and notices nothing but the last chunk's mark."""

    def encrypt(self, nonce: bytes, chunk: bytes, _bound: bytes) -> bytes:
        return chunk + nonce[-1:] * 16

    def decrypt(self, nonce: bytes, sealed: bytes, _bound: bytes) -> bytes:
        if sealed[-1:] != nonce[-1:]:
            raise InvalidTag
        return sealed[:-16]


def test_backup_that_is_not_sealed_would_be_seen(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: chunks are written as they are, so that everybody reads them, and changes them unnoticed."""
    monkeypatch.setattr(sealed_stream, "_cipher", lambda *_: _NoCipher())
    run("backup", str(place.backup))
    path = place.backup / archive.NAME

    assert PICTURE in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(PICTURE, PICTURE[::-1]))
    assert run("restore", str(place.backup), "--replace").exit_code == 0


def test_what_was_there_comes_back(place: Installation) -> None:
    run("backup", str(place.backup))
    before = place.customers()
    place.change()

    result = run("restore", str(place.backup), "--replace")

    assert result.exit_code == 0, result.output
    assert before == place.customers() == [("客户", "13800138000")]
    assert (place.media(PICTURE).read_bytes(), place.asset(PICTURE).read_bytes()) == (PICTURE, PICTURE)
    assert not list(place.folder.glob(".restore-*"))


def test_restore_revives_no_session_and_is_recorded(place: Installation) -> None:
    run("backup", str(place.backup))
    open_sessions = sa.select(sa.func.count()).where(UserSession.ended_at.is_(None))
    before = place.count(open_sessions)

    run("restore", str(place.backup), "--replace")

    assert (before, place.count(open_sessions)) == (1, 0)
    recorded = sa.select(sa.func.count()).where(AuditRecord.event == "system.backup_restored")
    assert place.count(recorded) == 1


def test_restore_revives_no_dynamic_code(place: Installation) -> None:
    """A code that was used after the backup is not good again on the restored database."""
    run("backup", str(place.backup))
    used = int(datetime.now(UTC).timestamp()) // 30
    steps = sa.select(User.totp_last_step)
    with place.engine.connect() as connection:
        before = connection.scalars(steps).all()

    run("restore", str(place.backup), "--replace")

    with place.engine.connect() as connection:
        after = connection.scalars(steps).all()
    assert before
    assert max(before) < used
    assert min(after) > used


def test_restore_revives_no_recovery_code(place: Installation) -> None:
    """One that was used after the backup is not good again, and since nobody knows which these are, none is; its owner is told."""
    with place.engine.begin() as connection:
        user = connection.scalar(sa.select(User.id))
        for code, used in (("1", None), ("2", None), ("3", AT)):
            given = {"id": new_id(), "user_id": user, "code_hash": code * 64, "created_at": AT, "used_at": used}
            connection.execute(sa.insert(RecoveryCode).values(**given))
    run("backup", str(place.backup))
    with place.engine.begin() as connection:
        connection.execute(sa.update(RecoveryCode).where(RecoveryCode.code_hash == "1" * 64).values(used_at=AT))
    good = sa.select(sa.func.count()).where(RecoveryCode.used_at.is_(None))
    before = place.count(good)

    result = run("restore", str(place.backup), "--replace")

    assert result.exit_code == 0, result.output
    assert (before, place.count(good)) == (1, 0)
    told = sa.select(sa.func.count()).where(Notice.user_id == user, Notice.link == "/account/recovery-codes")
    assert place.count(told) == 1


def test_recovery_code_that_a_backup_revives_would_be_seen(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: codes are as they were on the day of the backup."""
    monkeypatch.setattr("portal.cli.backup.after._void_recovery_codes", lambda *_: 0)
    with place.engine.begin() as connection:
        user = connection.scalar(sa.select(User.id))
        given = {"id": new_id(), "user_id": user, "code_hash": "1" * 64, "created_at": AT}
        connection.execute(sa.insert(RecoveryCode).values(**given))
    run("backup", str(place.backup))
    with place.engine.begin() as connection:
        connection.execute(sa.update(RecoveryCode).values(used_at=AT))

    run("restore", str(place.backup), "--replace")

    assert place.count(sa.select(sa.func.count()).where(RecoveryCode.used_at.is_(None))) == 1


@pytest.mark.parametrize("lost", [False, True], ids=["ledger here", "ledger in the backup only"])
def test_deleted_enterprise_does_not_come_back(place: Installation, lost: bool) -> None:
    """What the ledger names is wiped again before anybody enters; the ledger of before the backup comes with the backup."""
    tenant = place.add_tenant()
    crypto.configure(KeyFile(place.folder / "secret"))
    ledger.configure(place.folder / "deletions.jsonl")
    if lost:
        ledger.enter(tenant, "123456789012", AT)
    run("backup", str(place.backup))
    ledger.enter(tenant, "123456789012", AT)
    if lost:
        ledger.path().unlink()
    before = place.count(sa.select(sa.func.count(Tenant.id)))

    result = run("restore", str(place.backup), "--replace")

    assert result.exit_code == 0, result.output
    assert (before, place.count(sa.select(sa.func.count(Tenant.id)))) == (1, 0)
    assert place.count(sa.select(sa.func.count()).where(TenantDeletion.state == "done")) == 1
    assert run("audit", "verify").output.endswith("clean\n")


def test_restore_into_a_new_installation_with_the_same_keys(
    environment: Path, migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(migrated_sqlite, environment / "portal.db")
    place = Installation(environment, f"sqlite:///{environment / 'portal.db'}")
    run("backup", str(place.backup))
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "secret").write_bytes((place.folder / "secret").read_bytes())
    (fresh / "secret").chmod(0o600)
    monkeypatch.setenv("PORTAL_INSTANCE_DIR", str(fresh))

    result = run("restore", str(place.backup))

    assert result.exit_code == 0, result.output
    assert (fresh / "media" / sha256(PICTURE)[:2] / sha256(PICTURE)).read_bytes() == PICTURE


def test_data_in_the_way_is_kept_unless_that_is_meant(place: Installation) -> None:
    run("backup", str(place.backup))
    place.change()

    result = run("restore", str(place.backup))

    assert result.exit_code == 1
    assert "say --replace if that is meant" in result.output
    assert len(place.customers()) == 2


def test_backup_of_another_installation_is_refused(place: Installation) -> None:
    run("backup", str(place.backup))
    crypto.configure(b"w" * 32)
    with archive.writing(place.backup / archive.NAME) as tar:
        archive.put_bytes(tar, archive.ABOUT, b"{}")

    result = run("restore", str(place.backup), "--replace")

    assert result.exit_code == 1
    assert "was made by an installation with another secret" in result.output
    assert len(place.customers()) == 1


@pytest.mark.parametrize("spoil", ["cut", "changed", "appended"])
def test_damaged_backup_changes_nothing(place: Installation, spoil: str) -> None:
    run("backup", str(place.backup))
    place.change()
    path = place.backup / archive.NAME
    data = path.read_bytes()
    middle = len(data) // 2
    spoilt = {
        "cut": data[:-20],
        "changed": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "appended": data + b"x",
    }
    path.write_bytes(spoilt[spoil])

    checked, restored = run("restore", str(place.backup), "--check"), run("restore", str(place.backup), "--replace")

    assert (checked.exit_code, restored.exit_code) == (1, 1)
    assert "is damaged" in restored.output
    assert len(place.customers()) == 2


def test_keys_retired_after_the_backup_come_back_with_it(place: Installation) -> None:
    file = KeyFile(place.folder / "secret")
    run("backup", str(place.backup))
    old = file.ring().active.id
    file.change(lambda ring: ring.with_new_key(AT))
    file.change(lambda ring: ring.without(old))
    active = file.ring().active.id
    with place.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM installation_facts"))
        connection.execute(sa.text("DELETE FROM customers"))

    result = run("restore", str(place.backup), "--replace")

    assert result.exit_code == 0, result.output
    assert (file.ring().active.id, [one.id for one in file.ring().keys]) == (active, [old, active])
    assert place.customers() == [("客户", "13800138000")]


def test_running_portal_is_not_restored_into(place: Installation) -> None:
    run("backup", str(place.backup))
    place.change()

    with running(load_settings({"PORTAL_INSTANCE_DIR": str(place.folder)})):
        result = run("restore", str(place.backup), "--replace")

    assert result.exit_code == 1
    assert "The portal runs: stop it" in result.output
    assert len(place.customers()) == 2


def test_backup_is_not_overwritten_nor_put_where_everybody_reads(place: Installation) -> None:
    run("backup", str(place.backup))
    data = (place.backup / archive.NAME).read_bytes()

    again, public = run("backup", str(place.backup)), run("backup", str(place.folder / "pub" / "backup"))

    assert (again.exit_code, public.exit_code) == (1, 1)
    assert "is a backup already" in again.output
    assert "which everybody can read" in public.output
    assert (place.backup / archive.NAME).read_bytes() == data


def test_missing_secret_is_not_made_up(place: Installation) -> None:
    run("backup", str(place.backup))
    (place.folder / "secret").unlink()

    result = run("restore", str(place.backup), "--replace")

    assert result.exit_code == 1
    assert "does not exist: bring it back from the backup of the keys." in result.output
    assert not (place.folder / "secret").exists()


def test_backup_while_others_write_is_one_moment(place: Installation, tmp_path: Path) -> None:
    """A transaction that is under way is not in the copy, and the copy does not wait for it."""
    with place.engine.begin() as connection:
        connection.execute(sa.text("UPDATE customers SET name = 'half way'"))
        databases.dump(place.url, tmp_path / "copy")

    databases.check(place.url, tmp_path / "copy")


def test_foreign_folder_holds_no_backup(place: Installation, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    result = run("restore", str(tmp_path / "empty"), "--replace")

    assert result.exit_code == 1
    assert "There is no backup at" in result.output

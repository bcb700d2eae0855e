import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from portal.core.secret_file import load_secret, read_secret
from portal.core.settings import SettingsError, load_settings

MADE = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)


def test_secret_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "new" / "secret"

    first, second = read_secret(path, may_create=True), read_secret(path, may_create=True)

    assert len(first.ring().secret) == 32
    assert first.ring().secret == second.ring().secret == path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]


def test_secret_is_the_same_for_all_who_start_at_once(tmp_path):
    path = tmp_path / "secret"

    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: read_secret(path, may_create=True).ring().secret, range(64)))

    assert found == {path.read_bytes()}


def test_secret_at_its_default_place_is_created(tmp_path):
    settings = load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path)})

    assert load_secret(settings).ring().secret == (tmp_path / "secret").read_bytes()


def test_secret_at_a_chosen_place_must_be_there(tmp_path):
    settings = load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path), "PORTAL_SECRET_FILE": str(tmp_path / "mine")})

    with pytest.raises(SettingsError) as caught:
        load_secret(settings)

    assert str(caught.value) == (
        f"PORTAL_SECRET_FILE={tmp_path}/mine does not exist: bring it back from the backup of the keys."
    )


def test_secret_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "secret"
    read_secret(path, may_create=True)
    path.chmod(0o640)

    with pytest.raises(SettingsError) as caught:
        read_secret(path, may_create=True)

    assert str(caught.value) == f"PORTAL_SECRET_FILE={path} can be read by others: chmod 600 {path}"


def test_secret_that_is_too_short_is_refused(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"x" * 31)
    path.chmod(0o600)

    with pytest.raises(SettingsError) as caught:
        read_secret(path, may_create=True)

    assert str(caught.value) == f"PORTAL_SECRET_FILE={path} holds fewer than 32 bytes: bring back the right file."


def test_ring_takes_the_place_of_the_secret_for_its_owner_alone(tmp_path):
    file = read_secret(tmp_path / "secret", may_create=True)
    before = file.ring()

    changed = file.change(lambda ring: ring.with_new_key(MADE))

    assert file.ring() == changed
    assert (changed.secret, changed.keys[:-1], changed.active.made_at) == (before.secret, before.keys, MADE)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


def test_rotations_at_once_all_count(tmp_path):
    file = read_secret(tmp_path / "secret", may_create=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: file.change(lambda ring: ring.with_new_key(MADE)), range(24)))

    assert len(file.ring().keys) == 25


@pytest.mark.parametrize("kept", [60, -20])
def test_ring_that_was_cut_is_refused(tmp_path, kept):
    file = read_secret(tmp_path / "secret", may_create=True)
    file.change(lambda ring: ring.with_new_key(MADE))
    file.path.write_bytes(file.path.read_bytes()[:kept])

    with pytest.raises(SettingsError) as caught:
        read_secret(file.path, may_create=True)

    assert str(caught.value) == (
        f"PORTAL_SECRET_FILE={file.path} is a key ring that was cut or changed: bring back the right file."
    )


def test_key_of_the_ring_that_was_changed_is_refused(tmp_path):
    file = read_secret(tmp_path / "secret", may_create=True)
    ring = file.change(lambda held: held.with_new_key(MADE))
    forged = file.path.read_bytes().replace(ring.active.id.encode(), b"00000000")
    file.path.write_bytes(forged)

    with pytest.raises(SettingsError, match="cut or changed"):
        file.ring()

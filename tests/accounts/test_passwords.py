import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher, extract_parameters

from portal.accounts import passwords
from portal.accounts.passwords import Checked, check_password, hash_password
from tests.world.cast import PASSWORD

FULL_HASH = "$argon2id$v=19$m=65536,t=3,p=4$uwMaH0OMLPEkR9zITXhFDg$eJ2G3z4N5YB5YtUzmufy0CmIBl3CTwoacnEZBdcZNbA"


@pytest.fixture(autouse=True)
def _hashes_of_the_portal(portals_own_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere tests hash quickly; here the portal's own parameters are what is tested."""
    monkeypatch.setattr(passwords, "_hasher", portals_own_hasher)


def test_hash_is_argon2id_with_64_mib() -> None:
    parameters = extract_parameters(hash_password("kaleidoscope-7"))

    assert (parameters.type.name, parameters.memory_cost) == ("ID", 64 * 1024)


def test_right_password_passes() -> None:
    assert check_password(FULL_HASH, PASSWORD) == Checked(right=True)


@pytest.mark.parametrize("wrong", ["", PASSWORD + " ", PASSWORD[:-1], PASSWORD.upper()])
def test_wrong_password_does_not_pass(wrong: str) -> None:
    assert check_password(FULL_HASH, wrong) == Checked(right=False)


def test_password_is_not_cut() -> None:
    long = "x" * 128

    assert check_password(hash_password(long), long[:-1]) == Checked(right=False)


def test_nobody_has_a_password() -> None:
    assert check_password(None, "nobody has this password") == Checked(right=False)


def test_broken_hash_lets_nobody_in() -> None:
    assert check_password("no hash", PASSWORD) == Checked(right=False)


def test_outdated_hash_is_replaced_by_a_current_one() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)

    checked = check_password(old, PASSWORD)

    assert checked.right
    assert checked.rehash is not None
    assert check_password(checked.rehash, PASSWORD) == Checked(right=True)


def test_at_most_two_hashes_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()
    argon2 = passwords._hasher  # noqa: SLF001 - to count around the real one

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            try:
                return argon2.verify(stored, password)
            finally:
                with lock:
                    running -= 1

        def check_needs_rehash(self, stored: str) -> bool:
            return argon2.check_needs_rehash(stored)

    monkeypatch.setattr(passwords, "_hasher", Counting())

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: check_password(FULL_HASH, PASSWORD).right, range(6)))

    assert results == [True] * 6
    assert most == 2

"""Real brokers: mosquitto with TLS, either with a list of passwords or with accounts that the portal administers."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.core.settings import PROJECT_ROOT, Settings, load_settings
from portal.releases.broker import Broker, Listener

DEPLOYED = PROJECT_ROOT / "deploy" / "mosquitto" / "portal.conf"
USER, PASSWORD = "portal", "push it"
_PATIENCE = 10
_PLUGIN = next(iter(sorted(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"))), None)


@dataclass(frozen=True)
class Place:
    """Where a broker listens, and the authority of its certificate."""

    port: int
    authority: Path

    @property
    def folder(self) -> Path:
        return self.authority.parent

    def settings(self, password: str = PASSWORD, authority: Path | None = None) -> Settings:
        """This function will return the settings with which the portal would work with the broker."""
        return load_settings(
            {
                "PORTAL_MQTT_URL": f"mqtts://{USER}:{password.replace(' ', '%20')}@localhost:{self.port}",
                "PORTAL_MQTT_CA_FILE": str(authority or self.authority),
            }
        )

    def broker(self, username: str | None = USER, password: str | None = PASSWORD) -> Broker:
        """This function will return the broker as somebody knows it."""
        return Broker("localhost", self.port, username, password, True, str(self.authority))


class Ear:
    """Somebody who listens to one topic."""

    def __init__(self, place: Place, topic: str, login: Mapping[str, str] | None = None) -> None:
        login = login or {}
        self._came: SimpleQueue[bytes] = SimpleQueue()
        self._listener = Listener(place.broker(login.get("username"), login.get("password")), topic, self._came.put)

    def hears(self, seconds: float = 5) -> bytes | None:
        """This function will return what comes next, None where nothing does."""
        try:
            return self._came.get(timeout=seconds)
        except Empty:
            return None

    def is_answered(self, seconds: float = _PATIENCE) -> bool:
        """This function will wait until the broker has said yes or no, and tell whether it did."""
        return _wait(lambda: self._listener.refused is not None or self._listener.granted, seconds)

    def is_refused(self, seconds: float = _PATIENCE) -> bool:
        """This function will wait until the broker says no, also to whom it had let in, and tell whether it did."""
        return _wait(lambda: self._listener.refused is not None, seconds)

    def close(self) -> None:
        self._listener.close()


@contextmanager
def ear(place: Place, topic: str, login: Mapping[str, str] | None = None) -> Iterator[Ear]:
    """This function will listen for the length of a block."""
    made = Ear(place, topic, login)
    try:
        yield made
    finally:
        made.close()


def refused(place: Place, topic: str, login: Mapping[str, str] | None = None) -> bool:
    """This function will tell whether the broker lets somebody neither in nor subscribe, and hands nothing over."""
    with ear(place, topic, login) as made:
        return made.is_answered() and made.is_refused(0) and made.hears(0.1) is None


def _wait(is_so: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_so()


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def new_place(folder: Path) -> Place:
    """This function will prepare a folder with a certificate for a broker."""
    folder.mkdir()
    folder.chmod(0o755)
    return Place(free_port(), certificate(folder))


def with_passwords(place: Place) -> str:
    """This function will return the configuration of a broker that knows the portal by its password, and nobody else."""
    (place.folder / "passwords").touch(mode=0o600)
    subprocess.run(
        ["mosquitto_passwd", "-b", place.folder / "passwords", USER, PASSWORD], check=True, capture_output=True
    )
    return (
        f"listener {place.port} 127.0.0.1\nallow_anonymous false\npassword_file {place.folder}/passwords\n"
        f"certfile {place.folder}/cert.pem\nkeyfile {place.folder}/key.pem\n"
    )


def with_accounts(place: Place) -> str:
    """This function will return the configuration of deploy/ for a broker with accounts, the first of which is the portal's (docs/operations.md)."""
    accounts = place.folder / "accounts.json"
    accounts.unlink(missing_ok=True)
    subprocess.run(["mosquitto_ctrl", "dynsec", "init", accounts, USER, PASSWORD], check=True, capture_output=True)
    text = DEPLOYED.read_text(encoding="utf-8")
    for there, here in {
        "listener 8883\n": f"listener {place.port} 127.0.0.1\n",
        "/etc/mosquitto/certs/portal.pem": f"{place.folder}/cert.pem",
        "/etc/mosquitto/certs/portal.key": f"{place.folder}/key.pem",
        "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so": str(_PLUGIN),
        "/var/lib/mosquitto/portal-accounts.json": str(accounts),
    }.items():
        assert there in text, there
        text = text.replace(there, here)
    return text


@contextmanager
def running(place: Place, configuration: str) -> Iterator[None]:
    """This function will run a broker for the length of a block."""
    own = f"user root\nlog_dest file {place.folder}/log\n"
    (place.folder / "mosquitto.conf").write_text(configuration + own, encoding="utf-8")
    process = subprocess.Popen(
        [str(shutil.which("mosquitto", path="/usr/sbin:/usr/bin")), "-c", place.folder / "mosquitto.conf"],
        stderr=subprocess.DEVNULL,
    )
    try:
        assert _wait(lambda: _listens(place.port), _PATIENCE), (place.folder / "log").read_text()
        yield
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def certificate(folder: Path, host: str = "localhost") -> Path:
    """A certificate of `host`, of this machine by default, that vouches for itself, in `cert.pem`, with its key in `key.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return folder / "cert.pem"

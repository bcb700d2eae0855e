"""Telling boxes of a new pointer, through a real broker."""

import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from portal.core import outbox
from portal.core.settings import SettingsError, load_settings
from portal.releases import push
from portal.tenants.commands import replace_channel
from portal.tenants.models import BoxGroup
from portal.tenants.queries import group_tree
from tests.world.building import context, in_tenant
from tests.world.delivery import Delivery

pytestmark = pytest.mark.needs_service("mosquitto")

USER, PASSWORD = "portal", "push it"
_PATIENCE = 10


@dataclass(frozen=True)
class Place:
    """Where a broker listens, and the authority of its certificate."""

    port: int
    authority: Path


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def certificate(folder: Path) -> Path:
    """A certificate of this machine that vouches for itself, in `cert.pem`, with its key in `key.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return folder / "cert.pem"


@pytest.fixture(autouse=True)
def _no_broker() -> Iterator[None]:
    """Whoever comes after tells nobody."""
    before = load_settings({})
    push.configure(before)
    yield
    push.configure(before)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Place]:
    """A broker with TLS that knows the portal by its password and nobody else."""
    folder = tmp_path / "broker"
    folder.mkdir()
    folder.chmod(0o755)
    place = Place(free_port(), certificate(folder))
    (folder / "passwords").touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", folder / "passwords", USER, PASSWORD], check=True, capture_output=True)
    (folder / "mosquitto.conf").write_text(
        f"listener {place.port} 127.0.0.1\nallow_anonymous false\npassword_file {folder}/passwords\n"
        f"certfile {folder}/cert.pem\nkeyfile {folder}/key.pem\nuser root\n"
    )
    process = subprocess.Popen(["mosquitto", "-c", folder / "mosquitto.conf"], stderr=subprocess.DEVNULL)
    try:
        wait_for(place.port)
        yield place
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the broker does not listen")


def settings(place: Place, password: str = PASSWORD, authority: Path | None = None) -> Any:
    return load_settings(
        {
            "PORTAL_MQTT_URL": f"mqtts://{USER}:{password.replace(' ', '%20')}@localhost:{place.port}",
            "PORTAL_MQTT_CA_FILE": str(authority or place.authority),
        }
    )


def retained(place: Place, topic: str, seconds: float = 2) -> bytes | None:
    """What a box that connects now is told at once, None where the topic is empty."""
    found: list[Any] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(USER, PASSWORD)
    client.tls_set(str(place.authority))
    client.on_message = lambda _client, _data, message: found.append(message)
    client.on_connect = lambda *_args: client.subscribe(topic, qos=1)
    client.connect("localhost", place.port)
    deadline = time.monotonic() + seconds
    while not found and time.monotonic() < deadline:
        client.loop(0.1)
    client.disconnect()
    assert all((message.retain, message.qos) == (True, 1) for message in found)
    return bytes(found[0].payload) if found else None


def test_published_pointer_waits_at_the_broker(installation: Path, broker: Place) -> None:
    push.configure(settings(broker))
    delivery = Delivery(installation)

    while outbox.drain():
        pass

    topic = f"zones/{delivery.channel}/current"
    first = retained(broker, topic)
    delivery.publish("第二版")
    while outbox.drain():
        pass
    assert first is not None
    assert retained(broker, topic) == delivery.signed_pointer() != first


def test_channel_that_goes_is_taken_away_at_the_broker_too(installation: Path, broker: Place) -> None:
    push.configure(settings(broker))
    delivery = Delivery(installation)
    while outbox.drain():
        pass
    with context(delivery.desk.tenant) as ctx:
        root = group_tree(ctx.session).root.id
        version = ctx.session.get_one(BoxGroup, (delivery.desk.tenant.id, root)).version

    in_tenant(delivery.desk.tenant, lambda ctx: replace_channel(ctx, root, version))
    while outbox.drain():
        pass

    assert retained(broker, f"zones/{delivery.channel}/current", 1) is None
    assert retained(broker, f"zones/{delivery.desk.pointers()[0].channel}/current") is not None


def test_broker_that_is_away_keeps_no_publication_waiting_and_is_tried_again(installation: Path, broker: Place) -> None:
    push.configure(settings(Place(free_port(), broker.authority)))
    delivery = Delivery(installation)

    outbox.drain()
    push.configure(settings(broker))
    with_patience()
    outbox.drain()

    assert delivery.desk.release().state == "published"
    assert retained(broker, f"zones/{delivery.channel}/current") == delivery.signed_pointer()


def with_patience() -> None:
    """What waits to be tried again is due now."""
    from sqlalchemy import update

    from portal.core import clock
    from portal.core.database import commit, platform_session
    from portal.core.outbox import OutboxRow

    with platform_session(writes=True) as session:
        session.execute(update(OutboxRow).where(OutboxRow.done_at.is_(None)).values(due_at=clock.now()))
        commit(session)


# paho leaves the socket of a handshake that failed to the garbage collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("wrong", ["password", "authority"])
def test_stranger_as_portal_and_stranger_as_broker_are_refused(broker: Place, tmp_path: Path, wrong: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    told = settings(broker, "guessed") if wrong == "password" else settings(broker, authority=certificate(other))
    push.configure(told)

    with pytest.raises((push.PushFailed, OSError)):
        push.tell({"0" * 32: b"x"})

    assert retained(broker, f"zones/{'0' * 32}/current", 1) is None


def test_without_a_broker_nothing_is_posted(installation: Path) -> None:
    Delivery(installation)

    assert not push.is_on()
    push.tell({"0" * 32: b"x"})


@pytest.mark.parametrize("url", ["mqtt://broker.example.com", "http://localhost", "mqtts://", "mqtts://host/path"])
def test_broker_without_tls_on_another_machine_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="PORTAL_MQTT_URL must"):
        load_settings({"PORTAL_MQTT_URL": url})

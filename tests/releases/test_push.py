"""Telling boxes of a new pointer, through a real broker."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.core import outbox
from portal.core.settings import SettingsError, load_settings
from portal.releases import push
from portal.releases.broker import PushFailed
from portal.tenants.commands.groups import replace_channel
from portal.tenants.models import BoxGroup
from portal.tenants.queries import group_tree
from tests.world.broker import Place, certificate, free_port, new_place, running, with_passwords
from tests.world.building import context, in_tenant
from tests.world.delivery import Delivery

pytestmark = pytest.mark.needs_service("mosquitto")


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
    place = new_place(tmp_path / "broker")
    with running(place, with_passwords(place)):
        yield place


def retained(place: Place, topic: str) -> bytes | None:
    """What whoever connects now is told at once, None where the topic is empty."""
    with place.broker().line() as line:
        return line.retained(topic, most=1).get(topic)


def test_published_pointer_waits_at_the_broker(installation: Path, broker: Place) -> None:
    push.configure(broker.settings())
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
    push.configure(broker.settings())
    delivery = Delivery(installation)
    while outbox.drain():
        pass
    with context(delivery.desk.tenant) as ctx:
        root = group_tree(ctx.session).root.id
        version = ctx.session.get_one(BoxGroup, (delivery.desk.tenant.id, root)).version

    in_tenant(delivery.desk.tenant, lambda ctx: replace_channel(ctx, root, version))
    while outbox.drain():
        pass

    assert retained(broker, f"zones/{delivery.channel}/current") is None
    assert retained(broker, f"zones/{delivery.desk.pointers()[0].channel}/current") is not None


def test_broker_that_is_away_keeps_no_publication_waiting_and_is_tried_again(installation: Path, broker: Place) -> None:
    push.configure(Place(free_port(), broker.authority).settings())
    delivery = Delivery(installation)

    outbox.drain()
    push.configure(broker.settings())
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


@pytest.mark.parametrize("wrong", ["password", "authority"])
def test_stranger_as_portal_and_stranger_as_broker_are_refused(broker: Place, tmp_path: Path, wrong: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    told = broker.settings("guessed") if wrong == "password" else broker.settings(authority=certificate(other))
    push.configure(told)

    with pytest.raises((PushFailed, OSError)):
        push.tell({"0" * 32: b"x"})

    assert retained(broker, f"zones/{'0' * 32}/current") is None


def test_broker_that_speaks_no_tls_is_hung_up_on_at_once(broker: Place) -> None:
    """Not when the garbage collector comes by: who was away is tried again and again."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        server.settimeout(10)
        hung_up = pool.submit(_answers_nonsense, server)
        push.configure(Place(server.getsockname()[1], broker.authority).settings())

        with pytest.raises(OSError, match="SSL") as kept:  # as long as it is kept, so is the socket
            push.tell({"0" * 32: b"x"})

        assert hung_up.result(20), kept


def _answers_nonsense(server: socket.socket) -> bool:
    """Whether whoever is answered with what is no TLS hangs up."""
    connection, _ = server.accept()
    with connection:
        connection.settimeout(5)
        connection.sendall(b"220 good morning\r\n")
        try:
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False
    return True


def test_without_a_broker_nothing_is_posted(installation: Path) -> None:
    Delivery(installation)

    assert not push.is_on()
    push.tell({"0" * 32: b"x"})


@pytest.mark.parametrize("url", ["mqtt://broker.example.com", "http://localhost", "mqtts://", "mqtts://host/path"])
def test_broker_without_tls_on_another_machine_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="PORTAL_MQTT_URL must"):
        load_settings({"PORTAL_MQTT_URL": url})

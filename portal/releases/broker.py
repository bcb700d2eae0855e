"""The MQTT broker, as one connection for the length of a task. paho is imported here and nowhere else."""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

QOS: Final = 1
_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_CONNECT_SECONDS: Final = 5
_ANSWER_SECONDS: Final = 5
_SEND_SECONDS: Final = 20
_QUIET_SECONDS: Final = 1.0
_AT_ONCE: Final = 1000
_CONTROL: Final = "$CONTROL/dynamic-security/v1"


class PushFailed(Exception):
    """The broker did not do what it was asked."""


class NoAccounts(PushFailed):
    """The broker keeps no accounts that could be administered: mosquitto's dynamic-security plugin is not there, or not for us."""


@dataclass(frozen=True)
class Broker:
    """Where messages go, and how whoever connects proves who that is."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool
    ca_file: str | None

    @classmethod
    def at(cls, url: str, ca_file: str | None, login: tuple[str, str] | None = None) -> "Broker":
        """This function will return the broker at an `mqtt://` or `mqtts://` address, as `login` or as whom the address names."""
        parts = urlsplit(url)
        username, password = login or (unquote(parts.username or "") or None, unquote(parts.password or "") or None)
        port = parts.port or _PORTS[parts.scheme]
        return cls(str(parts.hostname), port, username, password, parts.scheme == "mqtts", ca_file)

    @contextmanager
    def line(self) -> Iterator["Line"]:
        """This function will connect for the length of a block; raises `PushFailed`, or `OSError` where there is no broker."""
        client = self.client()
        line = Line(client)
        client.connect(self.host, self.port, keepalive=60)
        client.loop_start()
        try:
            line.require_welcome()
            yield line
        finally:
            client.disconnect()
            client.loop_stop()

    def client(self) -> Any:
        """This function will return a client that is not connected yet."""
        client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        client.connect_timeout = _CONNECT_SECONDS
        if self.username is not None:
            client.username_pw_set(self.username, self.password)
        if self.tls:
            context = ssl.create_default_context(cafile=self.ca_file)
            context.sslsocket_class = _Socket
            client.tls_set_context(context)
        return client


class _Socket(ssl.SSLSocket):
    """A socket that a handshake which fails leaves closed: paho leaves it open, and nobody else has it."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


class Line:
    """A connection, by which messages are published, retained ones read, and accounts administered."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._welcome, self._granted = SimpleQueue[Any](), SimpleQueue[Any]()
        self._came = SimpleQueue[Any]()
        self._sent: dict[int, Any] = {}
        self._controls = False
        client.on_connect = lambda _client, _data, _flags, reason, _properties: self._welcome.put(reason)
        client.on_subscribe = lambda _client, _data, _mid, reasons, _properties: self._granted.put(reasons[0])
        client.on_publish = lambda _client, _data, mid, reason, _properties: self._sent.update({mid: reason})
        client.on_message = lambda _client, _data, message: self._came.put(message)

    def require_welcome(self) -> None:
        """This function will raise `PushFailed` unless the broker takes us for whom we say: nothing is sent before."""
        _require(self._welcome, _CONNECT_SECONDS)

    def publish(self, messages: Mapping[str, bytes]) -> None:
        """This function will publish retained messages by topic; an empty one takes the topic's last away.

        It returns when the broker has confirmed every one, and raises `PushFailed` where one was refused or is not confirmed in time.
        """
        topics = list(messages)
        for start in range(0, len(topics), _AT_ONCE):
            some = topics[start : start + _AT_ONCE]
            sent = [self._client.publish(name, messages[name], qos=QOS, retain=True) for name in some]
            for one in sent:
                one.wait_for_publish(_SEND_SECONDS)
                if not one.is_published():
                    raise PushFailed("the broker did not confirm in time")
                reason = self._sent.pop(one.mid, None)
                if reason is not None and reason.is_failure:
                    raise PushFailed(f"the broker does not take our messages: {reason}")

    def retained(self, pattern: str, most: int | None = None) -> Mapping[str, bytes]:
        """This function will return the retained messages that there are, by topic, and wait no longer when it has `most`.

        Raises `PushFailed` where we may not read.
        """
        self._subscribe(pattern)
        found: dict[str, bytes] = {}
        while len(found) != most and (message := _next(self._came, _QUIET_SECONDS)) is not None:
            found[message.topic] = bytes(message.payload)
        self._client.unsubscribe(pattern)
        return found

    def ask(self, commands: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """This function will have the broker's accounts administered and return its answers, in the order of the commands.

        A command that failed has an `error` in its answer. Raises `NoAccounts` where nobody answers.
        """
        if not self._controls:
            self._subscribe(f"{_CONTROL}/response")
            self._controls = True
        self.order(commands)
        answers: list[Mapping[str, Any]] = []
        while len(answers) < len(commands):
            message = _next(self._came, _ANSWER_SECONDS)
            if message is None:
                raise NoAccounts("the broker keeps no accounts that the portal may administer")
            answers += json.loads(message.payload)["responses"]
        return answers

    def order(self, commands: Sequence[Mapping[str, Any]]) -> None:
        """This function will have the broker's accounts administered without waiting for what comes of it."""
        self._client.publish(_CONTROL, json.dumps({"commands": list(commands)}), qos=QOS)

    def _subscribe(self, pattern: str) -> None:
        self._client.subscribe(pattern, qos=0)
        _require(self._granted, _ANSWER_SECONDS)


class Listener:
    """A box's end: it subscribes to one topic for as long as it is open and hands over what comes, in a thread of its own."""

    def __init__(self, broker: Broker, topic: str, hand_over: Callable[[bytes], None]) -> None:
        self._client = broker.client()
        self.refused: str | None = None
        self.granted = False
        self._client.on_connect = lambda _client, _data, _flags, reason, _properties: self._enter(reason, topic)
        self._client.on_subscribe = lambda _client, _data, _mid, reasons, _properties: self._enter_topic(reasons[0])
        self._client.on_message = lambda _client, _data, message: hand_over(bytes(message.payload))
        self._client.connect_async(broker.host, broker.port, keepalive=60)
        self._client.loop_start()

    def close(self) -> None:
        """This function will leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def _enter(self, reason: Any, topic: str) -> None:
        self._note(reason)
        if not reason.is_failure:
            self._client.subscribe(topic, qos=QOS)

    def _enter_topic(self, reason: Any) -> None:
        self._note(reason)
        self.granted = not reason.is_failure

    def _note(self, reason: Any) -> None:
        self.refused = str(reason) if reason.is_failure else None


def _require(answers: "SimpleQueue[Any]", seconds: float) -> None:
    reason = _next(answers, seconds)
    if reason is None:
        raise PushFailed("the broker did not answer in time")
    if reason.is_failure:
        raise PushFailed(f"the broker refuses: {reason}")


def _next(queue: "SimpleQueue[Any]", seconds: float) -> Any:
    """What comes next, None where nothing does in time."""
    try:
        return queue.get(timeout=seconds)
    except Empty:
        return None

"""Telling boxes at once: each channel's signed pointer as a retained message of an MQTT broker.

Boxes that hear nothing poll; a broker that is away is tried again by the outbox and keeps no publication waiting.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from portal.core.settings import Settings

QOS: Final = 1
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_CONNECT_SECONDS = 5
_SEND_SECONDS = 20


class PushFailed(Exception):
    """The broker did not take every message."""


def topic(channel: str) -> str:
    """This function will return the topic of a channel."""
    return f"zones/{channel}/current"


@dataclass(frozen=True)
class Broker:
    """Where messages go, and how the portal proves who it is."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool
    ca_file: str | None

    @classmethod
    def of(cls, settings: Settings) -> "Broker | None":
        """This function will return the broker that the settings name, or None."""
        if settings.mqtt_url is None:
            return None
        parts = urlsplit(settings.mqtt_url)
        return cls(
            str(parts.hostname),
            parts.port or _PORTS[parts.scheme],
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            parts.scheme == "mqtts",
            str(settings.mqtt_ca_file) if settings.mqtt_ca_file else None,
        )

    def publish(self, messages: Mapping[str, bytes]) -> None:
        """This function will publish retained messages by topic; an empty one takes the topic's last away.

        It returns when the broker has confirmed every one; raises `PushFailed`, or `OSError` where there is no broker.
        """
        client, answers = self._client(), SimpleQueue[Any]()
        client.on_connect = lambda _client, _data, _flags, reason, _properties: answers.put(reason)
        client.connect(self.host, self.port, keepalive=60)
        client.loop_start()
        try:
            _require_welcome(answers)
            sent = [client.publish(name, data, qos=QOS, retain=True) for name, data in messages.items()]
            for one in sent:
                one.wait_for_publish(_SEND_SECONDS)
                if not one.is_published():
                    raise PushFailed("the broker did not confirm in time")
        finally:
            client.disconnect()
            client.loop_stop()

    def _client(self) -> Any:
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.connect_timeout = _CONNECT_SECONDS
        if self.username is not None:
            client.username_pw_set(self.username, self.password)
        if self.tls:
            client.tls_set_context(ssl.create_default_context(cafile=self.ca_file))
        return client


def _require_welcome(answers: "SimpleQueue[Any]") -> None:
    """Nothing is sent before the broker said who it takes us for: a refusal is told at once, not when patience ends."""
    try:
        reason = answers.get(timeout=_CONNECT_SECONDS)
    except Empty as silence:
        raise PushFailed("the broker did not answer in time") from silence
    if reason.is_failure:
        raise PushFailed(str(reason))


_broker: Broker | None = None


def configure(settings: Settings) -> None:
    """This function will make the settings' broker the one that this process tells of new pointers."""
    global _broker
    _broker = Broker.of(settings)


def is_on() -> bool:
    """This function will tell whether there is a broker."""
    return _broker is not None


def tell(messages: Mapping[str, bytes]) -> None:
    """This function will publish by channel what `Broker.publish` publishes by topic; without a broker nothing happens."""
    if _broker is not None and messages:
        _broker.publish({topic(channel): data for channel, data in messages.items()})

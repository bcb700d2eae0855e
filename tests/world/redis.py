"""A Redis of the test's own: with a password, over TLS or in plain, which can go away."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis, RedisError

from tests.services import require_service
from tests.world.tls import free_port

PASSWORD = "a-password-of-tests"
_ANSWERS_WITHIN = 30.0


@dataclass(frozen=True)
class Place:
    """Where a Redis answers; `authority` is its certificate, None in plain."""

    port: int
    authority: Path | None = None

    @property
    def url(self) -> str:
        """The address as the portal's setting takes it."""
        if self.authority is None:
            return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        return f"rediss://:{PASSWORD}@localhost:{self.port}/0?ssl_ca_certs={self.authority}"


@contextmanager
def redis_server(folder: Path, certificate: Path | None = None) -> Iterator[Place]:
    """This function will run a Redis until the block ends, over TLS where `certificate` lies beside its `key.pem`."""
    require_service("redis")
    place = Place(free_port(), certificate)
    command = ["redis-server", "--bind", "127.0.0.1", "--requirepass", PASSWORD, "--save", "", "--dir", str(folder)]
    if certificate is None:
        command += ["--port", str(place.port)]
    else:
        key = certificate.with_name("key.pem")
        command += ["--port", "0", "--tls-port", str(place.port), "--tls-auth-clients", "no"]
        command += [
            "--tls-cert-file",
            str(certificate),
            "--tls-key-file",
            str(key),
            "--tls-ca-cert-file",
            str(certificate),
        ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(place)
        yield place
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(place: Place) -> None:
    until = time.monotonic() + _ANSWERS_WITHIN
    while True:
        try:
            with Redis.from_url(place.url) as client:
                client.ping()
        except RedisError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return

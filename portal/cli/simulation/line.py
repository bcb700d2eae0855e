"""The line from a simulated box to a portal: one connection that is kept, http or https."""

import http.client
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from portal.cli.simulation.box import Answer, Send

SECONDS = 30


def line_to(url: str, context: ssl.SSLContext | None = None) -> Send:
    """This function will return a line to the portal at `url`; not for several threads at once."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "localhost", parts.scheme == "https"
    kept: list[http.client.HTTPConnection] = []

    def connection() -> http.client.HTTPConnection:
        if not kept:
            kept.append(
                http.client.HTTPSConnection(host, parts.port, timeout=SECONDS, context=context)
                if secure
                else http.client.HTTPConnection(host, parts.port, timeout=SECONDS)
            )
        return kept[0]

    def once(method: str, path: str, headers: Mapping[str, str], data: bytes) -> Answer:
        line = connection()
        line.request(method, path, data or None, dict(headers))
        came = line.getresponse()
        return Answer(came.status, {name.lower(): value for name, value in came.getheaders()}, came.read())

    def send(method: str, path: str, headers: Mapping[str, str], data: bytes) -> Answer:
        try:
            return once(method, path, headers, data)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            kept.pop().close()  # the server had let go of the connection that was kept
            return once(method, path, headers, data)

    return send

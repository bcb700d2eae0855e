"""The running portal in front of boxes: clients with a line of their own for each call, and bodies sent piece by piece."""

import http.client
import json
import re
import socket
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from portal.cli.simulation.box import Answer, BoxClient, Send
from portal.core.context import TenantRef
from tests.world.fleet import PHONE
from tests.world.server import Server

SECONDS = 60


def line_to(server: Server) -> Send:
    """This function will return a line that connects anew for every call, so that any worker may take it."""

    def send(method: str, path: str, headers: Mapping[str, str], data: bytes) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
        try:
            line.request(method, path, data or None, dict(headers))
            came = line.getresponse()
            return Answer(came.status, {name.lower(): value for name, value in came.getheaders()}, came.read())
        finally:
            line.close()

    return send


class Front:
    """The running portal, its tenant on air, and a box that was bound."""

    def __init__(self, server: Server, tenant: TenantRef, bound: BoxClient, command: str) -> None:
        self.server, self.tenant, self.command = server, tenant, command
        self._bound = bound

    def new_box(self, **more: Any) -> BoxClient:
        """This function will return a box that was never bound."""
        return BoxClient(line_to(self.server), self.server.url, **more)

    @property
    def box(self) -> BoxClient:
        """The box that was bound, with a line to the portal."""
        made = copy(self._bound)
        made.send, made.base, made.nonce = line_to(self.server), self.server.url, None
        made.heartbeat()
        return made

    def bound(self, serial: str) -> BoxClient:
        """This function will bind another box."""
        made = self.new_box(serial=serial)
        assert made.bind(self.tenant.enterprise_id, PHONE).status == 201
        return made

    def asked(self) -> bytes:
        """The body of a look-up that is answered."""
        return json.dumps({"enterprise_id": self.tenant.enterprise_id, "installer_phone": PHONE}).encode()

    def raw(self, path: str, headers: dict[str, str], body: Iterator[bytes]) -> tuple[Answer, int]:
        """This function will send a body piece by piece until the portal has had enough; returns its answer and how much it took."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=SECONDS) as line:
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            line.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
            sent = 0
            try:
                for piece in body:
                    line.sendall(piece)
                    sent += len(piece)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it answered and closed
            return answer_of(line), sent


def answer_of(line: socket.socket) -> Answer:
    """This function will read an answer to its end."""
    data = b""
    try:
        while piece := line.recv(65536):
            data += piece
            head, _, body = data.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if length and len(body) >= int(length[1]):
                break
    except ConnectionResetError:
        pass
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(each.split(": ", 1) for each in lines[1:] if ": " in each)
    return Answer(int(lines[0].split()[1]), {name.lower(): value for name, value in headers.items()}, body)

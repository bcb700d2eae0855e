"""Somebody on the way who pretends to be the database, Redis, the broker, a mail server or a bucket, and writes down what is said.

An impostor speaks as much of each protocol as it takes to be told a password: what is heard after the handshake of TLS, or in plain
where none is made, stands in `heard`.
"""

import socket
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_SECONDS = 5
_MOST = 65536
_ASKS_FOR_THE_PASSWORD = b"R\x00\x00\x00\x08\x00\x00\x00\x03"
"""AuthenticationCleartextPassword of PostgreSQL's protocol 3."""
_NOT_AUTHORIZED = b"\x20\x03\x00\x87\x00"
"""CONNACK of MQTT 5 with the reason 0x87."""

Line = socket.socket


@dataclass
class Impostor:
    """Where one listens; `certificate` has its key beside it, None for one that speaks no TLS."""

    port: int
    certificate: Path | None
    heard: bytearray = field(default_factory=bytearray)
    ended: threading.Event = field(default_factory=threading.Event)

    def hears(self, secret: str) -> bool:
        """This function will wait until the conversation is over and tell whether `secret` was said in it."""
        assert self.ended.wait(2 * _SECONDS)
        return secret.encode() in self.heard

    def listen(self, line: Line) -> bytes:
        """This function will write down and return what is said next."""
        said = line.recv(_MOST)
        self.heard += said
        return said

    def behind_tls(self, line: Line) -> Line:
        """This function will shake hands, where it has a certificate to do it with."""
        if self.certificate is None:
            return line
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.certificate.with_name("key.pem"))
        return context.wrap_socket(line, server_side=True)


def as_database(impostor: Impostor, line: Line) -> None:
    """This function will be a PostgreSQL that asks for the password as it is."""
    line.recv(8)  # the request for TLS
    line.sendall(b"N" if impostor.certificate is None else b"S")
    with impostor.behind_tls(line) as inside:
        if impostor.listen(inside):
            inside.sendall(_ASKS_FOR_THE_PASSWORD)
            impostor.listen(inside)


def as_broker(impostor: Impostor, line: Line) -> None:
    """This function will be a broker, who is told the password first of all, and then lets nobody in."""
    with impostor.behind_tls(line) as inside:
        if impostor.listen(inside):
            inside.sendall(_NOT_AUTHORIZED)


def as_whoever_is_told_first(impostor: Impostor, line: Line) -> None:
    """This function will be a server whose clients begin by saying who they are, as those of Redis and of a bucket do."""
    with impostor.behind_tls(line) as inside:
        impostor.listen(inside)


def as_mail_server(impostor: Impostor, line: Line) -> None:
    """This function will be a mail server behind TLS from the first byte on."""
    with impostor.behind_tls(line) as inside:
        inside.sendall(b"220 mail\r\n")
        _take_mail(impostor, inside)


def as_mail_server_with_starttls(impostor: Impostor, line: Line) -> None:
    """This function will be a mail server that begins in plain, and offers no TLS where it has none: it was taken out on the way."""
    line.sendall(b"220 mail\r\n")
    if impostor.certificate is None:
        _take_mail(impostor, line)
        return
    line.recv(_MOST)
    line.sendall(b"250-mail\r\n250 STARTTLS\r\n")
    line.recv(_MOST)
    line.sendall(b"220 go on\r\n")
    with impostor.behind_tls(line) as inside:
        _take_mail(impostor, inside)


def _take_mail(impostor: Impostor, line: Line) -> None:
    while said := impostor.listen(line):
        if said.startswith(b"AUTH PLAIN "):
            impostor.heard += b64decode(said.split()[2])
        line.sendall(b"250-mail\r\n250 AUTH PLAIN\r\n" if said.startswith(b"ehlo") else b"535 no\r\n")


@contextmanager
def impostor(talk: Callable[[Impostor, Line], None], certificate: Path | None) -> Iterator[Impostor]:
    """This function will pretend, to the first who comes, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(_SECONDS)
        made = Impostor(server.getsockname()[1], certificate)
        thread = threading.Thread(target=_pretend, args=(made, server, talk))
        thread.start()
        yield made
        thread.join()


def _pretend(made: Impostor, server: socket.socket, talk: Callable[[Impostor, Line], None]) -> None:
    with suppress(OSError):  # whoever sees through it hangs up in the middle
        line, _ = server.accept()
        server.close()  # who tries again finds nobody
        with line:
            line.settimeout(_SECONDS)
            talk(made, line)
    made.ended.set()

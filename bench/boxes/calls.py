"""The calls of a made fleet's boxes, proven and ready to be sent: a benchmark signs before the clock runs."""

import json
import secrets
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from http.client import HTTPConnection
from io import BytesIO
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from bench.boxes.identity import base64url, box_id, key, public_jwk, token
from portal.core.ids import new_id

BEATS: Final = "/box/v1/heartbeats"
PLAYS: Final = "/box/v1/plays"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of one box: where it goes, what proves it, and its body."""

    number: int
    path: str
    proof: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """What goes with the body."""
        return {"Content-Type": "application/json", "DPoP": self.proof, "Authorization": f"DPoP {token(self.number)}"}

    @property
    def request(self) -> bytes:
        """The bytes of the request on a connection that is kept."""
        told = {"Host": "localhost", **self.headers, "Content-Length": str(len(self.body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return f"POST {self.path} HTTP/1.1\r\n{head}\r\n".encode() + self.body

    def environ(self) -> dict[str, Any]:
        """What a WSGI server would hand over."""
        return {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path,
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost:8000",
            "HTTP_DPOP": self.proof,
            "HTTP_AUTHORIZATION": f"DPoP {token(self.number)}",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(self.body)),
            "wsgi.input": BytesIO(self.body),
            "wsgi.errors": BytesIO(),
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }


def heartbeat(number: int, count: int, nonce: str, base: str) -> Call:
    """This function will return a heartbeat of a box; `count` has to grow from call to call, from 2."""
    told = {
        "boot": box_id(number),
        "count": count,
        "sequence": 1,
        "release": "a" * 64,
        "screen": "ads",
        "uptime_seconds": 60 * count,
        "free_bytes": 4_000_000_000 - count,
        "firmware": "5.2.18",
        "faults": [],
    }
    return Call(number, BEATS, prove(number, BEATS, nonce, base), json.dumps(told).encode())


def plays(number: int, items: tuple[str, ...], many: int, at: str, nonce: str, base: str) -> Call:
    """This function will return a batch of plays of a box, all begun at `at`."""
    rows = [
        {"list": "ads", "id": items[index % len(items)], "started_at": at, "seconds": 15, "completed": True}
        for index in range(many)
    ]
    return Call(
        number, PLAYS, prove(number, PLAYS, nonce, base), json.dumps({"batch": new_id(), "plays": rows}).encode()
    )


def prove(number: int, path: str, nonce: str, base: str) -> str:
    """This function will return a DPoP proof of the box, good for one call."""
    claims = {
        "htm": "POST",
        "htu": base + path,
        "iat": 0,
        "jti": secrets.token_urlsafe(18),
        "nonce": nonce,
        "ath": base64url(sha256(token(number).encode()).digest()),
    }
    private, header = _signing(number)
    text = f"{header}.{base64url(json.dumps(claims).encode())}"
    r, s = decode_dss_signature(private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"


def fetch_nonce(port: int) -> str:
    """This function will return a nonce of the server, as a box gets its first."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    call = heartbeat(0, 1, "", f"http://localhost:{port}")
    connection.request("POST", BEATS, call.body, call.headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    nonce = answer.getheader("DPoP-Nonce")
    assert nonce is not None
    return nonce


@cache
def _signing(number: int) -> tuple[ec.EllipticCurvePrivateKey, str]:
    private = key(number)
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public_jwk(private)}
    return private, base64url(json.dumps(header).encode())

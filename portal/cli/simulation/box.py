"""A box on its side of the line: a key of its own, proofs, nonces, and the calls below `/box/v1/`. It knows the contract, and nothing else."""

import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from portal.core.ids import new_id
from portal.releases.signing.jws import Jwk, new_private_jwk, sign_self

TYPE = "dpop+jwt"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers in lower case, and the bytes."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object that came back, empty where nothing did."""
        found: dict[str, Any] = json.loads(self.data) if self.data else {}
        return found

    @property
    def code(self) -> str:
        """The stable code of a problem, or nothing."""
        return str(self.body.get("code", "")) if "problem+json" in self.headers.get("content-type", "") else ""


# takes method, path, headers and body of a request
Send = Callable[[str, str, Mapping[str, str], bytes], Answer]


@dataclass
class BoxClient:
    """One box. `base` is the portal's address as the portal knows it, `send` the line to it."""

    send: Send
    base: str
    serial: str = field(default_factory=lambda: f"SIM{secrets.token_hex(6).upper()}")
    model: str = "E900-S"
    firmware: str = "5.2.18"
    key: Jwk = field(default_factory=lambda: new_private_jwk("ES256"))
    nonce: str | None = None
    token: str | None = None
    channel: str | None = None
    boot: str = field(default_factory=new_id)
    count: int = 0

    def look_up(self, enterprise_id: str, phone: str) -> Answer:
        """This function will ask whose enterprise ID and phone these are (查询)."""
        return self.call("/box/v1/lookups", {"enterprise_id": enterprise_id, "installer_phone": phone})

    def bind(self, enterprise_id: str, phone: str, **more: Any) -> Answer:
        """This function will ask to be bound (上报), and remember token and channel where it is."""
        about = {"serial": self.serial, "model": self.model, "firmware": self.firmware}
        asked = {"enterprise_id": enterprise_id, "installer_phone": phone, **about, **more}
        answer = self.call("/box/v1/bindings", asked)
        if answer.body.get("state") == "bound":
            self.token, self.channel = answer.body["token"], answer.body["channel"]
        return answer

    def heartbeat(self, **more: Any) -> Answer:
        """This function will report how the box is, and follow the channel that it is told."""
        self.count += 1
        told = {
            "boot": self.boot,
            "count": self.count,
            "sequence": 0,
            "release": None,
            "screen": "desktop",
            "uptime_seconds": 60 * self.count,
            "free_bytes": 4_000_000_000,
            "firmware": self.firmware,
            "faults": [],
        }
        answer = self.call("/box/v1/heartbeats", {**told, **more}, token=self.token)
        self.channel = answer.body.get("channel", self.channel)
        return answer

    def play(self, plays: list[dict[str, Any]], batch: str | None = None) -> Answer:
        """This function will report a batch of plays."""
        return self.call("/box/v1/plays", {"batch": batch or new_id(), "plays": plays}, token=self.token)

    def screenshot(self, command: str, image: bytes) -> Answer:
        """This function will send a picture of what the box shows."""
        mark = secrets.token_hex(16)
        parts = (
            f'--{mark}\r\nContent-Disposition: form-data; name="command"\r\n\r\n{command}\r\n'
            f'--{mark}\r\nContent-Disposition: form-data; name="image"; filename="screen"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        data = parts.encode() + image + f"\r\n--{mark}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        return self.request("/box/v1/screenshots", data, headers, token=self.token)

    def done(self, command: str, *, ok: bool = True, detail: str = "") -> Answer:
        """This function will say what became of a command."""
        return self.call(f"/box/v1/commands/{command}/done", {"ok": ok, "detail": detail}, token=self.token)

    def call(self, path: str, body: Mapping[str, Any], token: str | None = None) -> Answer:
        """This function will make one call with a JSON body."""
        return self.request(path, json.dumps(body).encode(), JSON, token=token)

    def request(self, path: str, data: bytes, headers: Mapping[str, str], *, token: str | None = None) -> Answer:
        """This function will make one call, once more with a fresh nonce where the portal asks for it."""
        answer = self.once(path, data, headers, token=token)
        if answer.code == "use_dpop_nonce":
            answer = self.once(path, data, headers, token=token)
        return answer

    def once(
        self,
        path: str,
        data: bytes,
        headers: Mapping[str, str],
        *,
        token: str | None = None,
        proof: str | None = None,
    ) -> Answer:
        """This function will make one call with one proof, its own or the one given, and remember the nonce that comes back."""
        sent = {**headers, "DPoP": proof or self.proof(path, token)}
        if token is not None:
            sent["Authorization"] = f"DPoP {token}"
        answer = self.send("POST", path, sent, data)
        self.nonce = answer.headers.get("dpop-nonce", self.nonce)
        return answer

    def proof(self, path: str, token: str | None = None, **changes: Any) -> str:
        """This function will prove one call; `changes` are claims that are to be different, None leaves one out."""
        claims: dict[str, Any] = {
            "htm": "POST",
            "htu": self.base + path,
            "iat": int(time.time()),
            "jti": secrets.token_urlsafe(24),
            "nonce": self.nonce,
            "ath": None if token is None else _base64url(sha256(token.encode()).digest()),
            **changes,
        }
        return sign_self({name: value for name, value in claims.items() if value is not None}, TYPE, self.key)


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()

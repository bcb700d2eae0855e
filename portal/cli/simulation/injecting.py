"""Faults in the line, so that one sees a simulation find them: each changes what comes, or what is sent, in one way."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from portal.cli.simulation.box import Answer, Send
from portal.releases.signing.jws import new_private_jwk, sign, signer

Change = Callable[[Answer], Answer]


def _other_signature(answer: Answer) -> Answer:
    told = json.loads(answer.data)
    first = told["signatures"][0]
    first["signature"] = ("B" if first["signature"][0] == "A" else "A") + first["signature"][1:]
    return replace(answer, data=json.dumps(told).encode())


def _without_channel(answer: Answer) -> Answer:
    told = {name: value for name, value in answer.body.items() if name != "channel"}
    return replace(answer, data=json.dumps(told).encode())


def _changing(part: str, change: Change) -> Callable[[Send], Send]:
    def around(send: Send) -> Send:
        def changed(method: str, path: str, headers: Mapping[str, str], data: bytes) -> Answer:
            answer = send(method, path, headers, data)
            return change(answer) if part in path and answer.status in {200, 201} else answer

        return changed

    return around


def _half(answer: Answer) -> Answer:
    return replace(answer, data=answer.data[: len(answer.data) // 2])


def _ahead(answer: Answer) -> Answer:
    """What the portal calls now lies beyond the time for which pointers are good."""
    told = answer.body
    told["now"] = (datetime.fromisoformat(told["now"]) + timedelta(days=60)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return replace(answer, data=json.dumps(told).encode())


def _by_keys_of_nobody(answer: Answer) -> Answer:
    """Signed all right, by keys that the list does not name, or names no more."""
    payload = json.loads(answer.data)["payload"]
    body = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return replace(answer, data=sign(body, [signer(new_private_jwk(alg)) for alg in ("Ed25519", "ES256")]))


def _slow(answer: Answer) -> Answer:
    raise TimeoutError(f"{len(answer.data)} bytes did not come in time")


def _twice(send: Send) -> Send:
    """Every call is made twice with one proof, and the second answer counts."""

    def sent(method: str, path: str, headers: Mapping[str, str], data: bytes) -> Answer:
        first = send(method, path, headers, data)
        again = method == "POST" and first.status in {200, 201}
        return send(method, path, headers, data) if again else first

    return sent


FAULTS: Final[Mapping[str, Callable[[Send], Send]]] = {
    "signature": _changing("current.jws", _other_signature),
    "document": _changing("/pub/releases/", lambda answer: replace(answer, data=answer.data[:-1] + b" ")),
    "keys": _changing("keys.jws", _other_signature),
    "answer": _changing("/heartbeats", _without_channel),
    "status": _changing("/heartbeats", lambda answer: replace(answer, status=500)),
    "replay": _twice,
    "half": _changing("/pub/releases/", _half),
    "clock": _changing("/box/v1/", lambda answer: _ahead(answer) if "now" in answer.body else answer),
    "revoked": _changing("current.jws", _by_keys_of_nobody),
    "slow": _changing("/pub/releases/", _slow),
    "busy": _changing("/heartbeats", lambda answer: replace(answer, status=503)),
}

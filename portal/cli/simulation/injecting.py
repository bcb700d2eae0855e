"""Faults in the line, so that one sees a simulation find them: each changes what comes, or what is sent, in one way."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from portal.cli.simulation.box import Answer, Send

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
}

"""`python -m tests.golden.write_roots` makes the vectors of changes of the root key anew; keys are drawn, so they differ each time."""

import json
from typing import Any

from portal.core.settings import PROJECT_ROOT
from portal.releases.signing.handover import hand_over
from portal.releases.signing.jws import Jwk, new_private_jwk, public_jwk, sign, signer

PATH = PROJECT_ROOT / "portal" / "releases" / "signing" / "vectors" / "roots-1.json"


def step(before: Jwk, root: Jwk) -> Any:
    return json.loads(hand_over(signer(before), public_jwk(root)))


def other(before: Jwk, payload: dict[str, Any]) -> Any:
    return json.loads(sign(json.dumps(payload).encode(), [signer(before)]))


def cases(first: Jwk, second: Jwk, third: Jwk, thief: Jwk) -> list[dict[str, Any]]:
    there, on = step(first, second), step(second, third)
    forged = {**there, "payload": step(first, thief)["payload"]}

    def case(name: str, pinned: Jwk, leads_to: Jwk, *steps: Any) -> dict[str, Any]:
        return {"name": name, "pinned": pinned["kid"], "roots": list(steps), "leads_to": leads_to["kid"]}

    return [
        case("no step", first, first),
        case("one step", first, second, there),
        case("two steps", first, third, there, on),
        case("the first step slept through and taken before", second, third, there, on),
        case("already there", third, third, there, on),
        case("the first step is missing", first, first, on),
        case("steps in the wrong order lead as far as they go", first, second, on, there),
        case("signed by the new one itself", first, first, step(thief, thief)),
        case("signed by a stranger, then a true one", first, second, step(thief, thief), there),
        case("another payload under a good signature", first, first, forged),
        case("a list of keys in the place of a step", first, first, other(first, {"keys": [], "version": 1})),
        case(
            "a step of another schema",
            first,
            first,
            other(first, {"schema": "root/2", "root": dict(public_jwk(second))}),
        ),
        case("a step without signatures", first, first, {**there, "signatures": []}),
        case("what is no step", first, second, 7, None, "x", {}, there),
    ]


def main() -> None:
    """This function will write the vectors."""
    keys = [new_private_jwk("Ed25519") for _ in range(4)]
    document = {
        "about": "roots is what /pub/roots.json holds; a box that pinned one key is led to another (docs/boxes.md)",
        "keys": [dict(public_jwk(key)) for key in keys],
        "cases": cases(*keys),
    }
    PATH.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

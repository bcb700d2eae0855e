"""`python -m tests.golden.write_signatures` makes the vectors of signatures anew; ES256 draws a number, so they differ each time."""

import base64
import hashlib
import hmac
import json
from typing import Any

from portal.core.settings import PROJECT_ROOT
from portal.releases.signing.jws import Jwk, new_private_jwk, public_jwk, sign, signer

PATH = PROJECT_ROOT / "portal" / "releases" / "signing" / "vectors" / "signatures-1.json"
PAYLOAD = b'{"schema":"pointer/1","sequence":7}'
OTHER = b'{"schema":"pointer/1","sequence":8}'


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def header(alg: str, kid: str) -> str:
    return encoded(json.dumps({"alg": alg, "kid": kid}, separators=(",", ":")).encode())


def signed(*keys: Jwk, payload: bytes = PAYLOAD) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(sign(payload, [signer(key) for key in keys]))
    return document


def cases(ed: Jwk, ec: Jwk, strange: Jwk) -> list[dict[str, Any]]:
    both, other = signed(ed, ec), signed(ed, ec, payload=OTHER)
    first, second = both["signatures"]
    broken = {
        **second,
        "signature": second["signature"][:-4] + ("AAAA" if second["signature"][-4:] != "AAAA" else "BBBB"),
    }
    secret = base64.urlsafe_b64decode(ed["x"] + "=")
    as_hmac = header("HS256", ed["kid"])
    mac = hmac.new(secret, f"{as_hmac}.{both['payload']}".encode(), hashlib.sha256).digest()

    def case(
        name: str, *parts: dict[str, str], payload: str = both["payload"], accepted: bool = False
    ) -> dict[str, Any]:
        return {"name": name, "jws": {"payload": payload, "signatures": list(parts)}, "accepted": accepted}

    return [
        case("both algorithms", first, second, accepted=True),
        case("in the other order", second, first, accepted=True),
        case("Ed25519 alone", first, accepted=True),
        case("ES256 alone", second, accepted=True),
        case("beside one of a key that is not listed", *signed(strange)["signatures"], first, accepted=True),
        case("of a key that is not listed alone", *signed(strange)["signatures"]),
        case("without signatures"),
        case("one good, one that fails", first, broken),
        case("one that fails", broken),
        case("another payload under good signatures", first, second, payload=other["payload"]),
        case("good signatures of another payload", *other["signatures"]),
        case("header says none", {"protected": header("none", ed["kid"]), "signature": ""}),
        case("header says HS256, made with the public key", {"protected": as_hmac, "signature": encoded(mac)}),
        case(
            "header says ES256, the key is for Ed25519",
            {"protected": header("ES256", ed["kid"]), "signature": first["signature"]},
        ),
        case(
            "header says Ed25519, the key is for ES256",
            {"protected": header("Ed25519", ec["kid"]), "signature": second["signature"]},
        ),
        case(
            "header says EdDSA, the older name",
            {"protected": header("EdDSA", ed["kid"]), "signature": first["signature"]},
        ),
        case(
            "kid of one key, signature of the other",
            {"protected": header("Ed25519", ed["kid"]), "signature": second["signature"]},
        ),
        case("empty signature", {**first, "signature": ""}),
        case("signature cut by half", {**second, "signature": second["signature"][:43]}),
        case("good one beside a forged algorithm", first, {"protected": header("none", ec["kid"]), "signature": ""}),
    ]


def main() -> None:
    """This function will write the vectors."""
    ed, ec, strange = new_private_jwk("Ed25519"), new_private_jwk("ES256"), new_private_jwk("Ed25519")
    document = {
        "about": "keys are listed and not revoked; accepted says whether a box takes the payload (docs/boxes.md)",
        "keys": [dict(public_jwk(ed)), dict(public_jwk(ec))],
        "payload": PAYLOAD.decode(),
        "cases": cases(ed, ec, strange),
    }
    PATH.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

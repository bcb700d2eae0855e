"""Signatures as the portal's library makes them, checked by the player: what passes, and every way in which one must not."""

import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey
from joserfc.jws import JWSRegistry
from playwright.sync_api import Page

from portal.releases.signing.shipped import root_vectors

REGISTRY = JWSRegistry(algorithms=["Ed25519", "ES256"])
PAYLOAD = b'{"sequence":7}'


def a_key(alg: str) -> Key:
    """This function will make a key of the kind that `alg` signs with."""
    return OKPKey.generate_key("Ed25519") if alg == "Ed25519" else ECKey.generate_key("P-256")


KEYS = {alg: a_key(alg) for alg in ("Ed25519", "ES256")}
ROOT = {alg: a_key(alg) for alg in ("Ed25519", "ES256")}


def signed(payload: bytes, keys: dict[str, Key]) -> dict[str, Any]:
    """This function will sign with every key, as the contract writes it."""
    parts = [(alg, key, {"alg": alg, "kid": key.thumbprint()}) for alg, key in keys.items()]
    made = [jws.serialize_json({"protected": head}, payload, key, registry=REGISTRY) for _, key, head in parts]
    signatures = [{"protected": one["protected"], "signature": one["signature"]} for one in made]
    return {"payload": made[0]["payload"], "signatures": signatures}


def public(*keys: Key) -> list[dict[str, Any]]:
    """This function will return the keys as boxes see them."""
    return [key.as_dict(private=False) for key in keys]


def verdict(tab: Page, document: dict[str, Any], keys: list[dict[str, Any]]) -> str:
    """This function will return the payload that the player accepts, or why it refuses."""
    script = """async ([jws, keys]) => {
      const { verified } = await import("/static/tv/verify.js");
      return verified(jws, keys).then((bytes) => new TextDecoder().decode(bytes), (reason) => `refused: ${reason.message}`);
    }"""
    return str(tab.evaluate(script, [document, keys]))


def test_two_signatures_pass(tab: Page) -> None:
    assert verdict(tab, signed(PAYLOAD, KEYS), public(*KEYS.values())) == PAYLOAD.decode()


@pytest.mark.parametrize("alg", ["Ed25519", "ES256"])
def test_one_signature_by_a_listed_key_is_enough(alg: str, tab: Page) -> None:
    assert verdict(tab, signed(PAYLOAD, KEYS), public(KEYS[alg])) == PAYLOAD.decode()


def test_no_signature_by_a_listed_key_is_refused(tab: Page) -> None:
    assert verdict(tab, signed(PAYLOAD, KEYS), public(*ROOT.values())) == "refused: no signature by a known key"


def test_no_signature_at_all_is_refused(tab: Page) -> None:
    assert verdict(tab, {**signed(PAYLOAD, KEYS), "signatures": []}, public(*KEYS.values())).startswith("refused")


def test_one_failing_signature_refuses_all(tab: Page) -> None:
    document, other = signed(PAYLOAD, KEYS), signed(b'{"sequence":8}', KEYS)
    document["signatures"][1]["signature"] = other["signatures"][1]["signature"]

    assert verdict(tab, document, public(*KEYS.values())) == "refused: a signature that fails"


def test_changed_payload_is_refused(tab: Page) -> None:
    document = {**signed(PAYLOAD, KEYS), "payload": signed(b'{"sequence":9}', KEYS)["payload"]}

    assert verdict(tab, document, public(*KEYS.values())) == "refused: a signature that fails"


@pytest.mark.parametrize("alg", ["none", "HS256", "ES256", "EdDSA", "constructor"])
def test_algorithm_other_than_the_keys_is_refused(alg: str, tab: Page) -> None:
    document = signed(PAYLOAD, {"Ed25519": KEYS["Ed25519"]})
    script = """(header) => btoa(JSON.stringify(header)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")"""
    document["signatures"][0]["protected"] = tab.evaluate(script, {"alg": alg, "kid": KEYS["Ed25519"].thumbprint()})

    assert verdict(tab, document, public(*KEYS.values())) == "refused: another algorithm than the key's"


def key_set(version: int, *, revoked: list[str] | None = None, keys: dict[str, Key] | None = None) -> dict[str, Any]:
    """This function will return a signed set of release keys."""
    content = {
        "keys": public(*KEYS.values()),
        "version": version,
        "issued_at": "2026-11-22T06:00:00Z",
        "revoked": revoked or [],
    }
    return signed(json.dumps(content).encode(), keys or ROOT)


RELEASE_KEYS = """async ([jws, root, known]) => {
  const { releaseKeys } = await import("/static/tv/verify.js");
  return releaseKeys(jws, root, known).then(({ keys, version }) => [keys.map((key) => key.kty), version], (reason) => reason.message);
}"""


@pytest.mark.parametrize(
    ("document", "known", "answer"),
    [
        (key_set(3), 3, [["OKP", "EC"], 3]),
        (key_set(2), 3, "an older set of keys"),
        (key_set(3, revoked=[KEYS["Ed25519"].thumbprint()]), 0, [["EC"], 3]),
        (key_set(3, keys=KEYS), 0, "no signature by a known key"),
    ],
    ids=["signed by the root", "older", "one revoked", "signed by itself"],
)
def test_release_keys_come_only_from_the_root(document: dict[str, Any], known: int, answer: Any, tab: Page) -> None:
    assert tab.evaluate(RELEASE_KEYS, [document, public(*ROOT.values()), known]) == answer


STEPS = """async ([steps, root]) => {
  const { followed } = await import("/static/tv/verify.js");
  return (await followed(steps, root)).x;
}"""


def test_player_follows_the_root_key_as_every_vector_says(tab: Page) -> None:
    told = root_vectors()
    keys = {key["kid"]: key for key in told["keys"]}

    found = {case["name"]: tab.evaluate(STEPS, [case["roots"], keys[case["pinned"]]]) for case in told["cases"]}

    assert found == {case["name"]: keys[case["leads_to"]]["x"] for case in told["cases"]}

"""Signatures: made as the contract says, and believed only where everything about them is right."""

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest

from portal.releases.signing.jws import BadSignature, Jwk, new_private_jwk, public_jwk, sign, signer, verify
from portal.releases.signing.shipped import vectors
from tests.world.boxes import Rejected, box

CASES: list[dict[str, Any]] = vectors()["cases"]
KEYS: dict[str, Jwk] = {key["kid"]: key for key in vectors()["keys"]}


@pytest.fixture(scope="module")
def private() -> list[Jwk]:
    return [new_private_jwk("Ed25519"), new_private_jwk("ES256")]


def trusted(private: list[Jwk]) -> dict[str, Jwk]:
    return {key["kid"]: public_jwk(key) for key in private}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_vector_is_taken_or_rejected_by_the_portal_and_by_the_box_alike(case: dict[str, Any]) -> None:
    data = json.dumps(case["jws"]).encode()

    results = []
    for check, refusal in (
        (lambda: verify(data, KEYS).payload, BadSignature),
        (lambda: box.signed(data, [*KEYS.values()]), Rejected),
    ):
        try:
            results.append(check())
        except refusal:
            results.append(None)

    expected = vectors()["payload"].encode() if case["accepted"] else None
    assert results == [expected, expected]


def test_vectors_are_many_and_of_both_kinds() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) >= 20
    assert {case["accepted"] for case in CASES} == {True, False}


def test_box_that_believes_the_header_fails_a_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: a box that asks no signature of what calls itself unsigned."""
    honest = box.jws.deserialize_json

    def gullible(told: dict[str, Any], *rest: Any) -> Any:
        if any(one["signature"] for one in told["signatures"]):
            return honest(told, *rest)
        return SimpleNamespace(payload=_unpacked(told["payload"]))

    monkeypatch.setattr(box.jws, "deserialize_json", gullible)
    empty = next(case for case in CASES if case["name"] == "empty signature")

    assert box.signed(json.dumps(empty["jws"]).encode(), [*KEYS.values()]) == vectors()["payload"].encode()


def test_two_signatures_with_thumbprints_over_exactly_these_bytes(private: list[Jwk]) -> None:
    document = json.loads(sign(b'{"a":1}', [signer(key) for key in private]))

    headers = [json.loads(_unpacked(part["protected"])) for part in document["signatures"]]
    assert headers == [{"alg": "Ed25519", "kid": private[0]["kid"]}, {"alg": "ES256", "kid": private[1]["kid"]}]
    assert _unpacked(document["payload"]) == b'{"a":1}'


def test_thumbprint_is_the_one_of_rfc_8037() -> None:
    """Appendix A.3 of RFC 8037: the thumbprint of a known key."""
    known = {"kty": "OKP", "crv": "Ed25519", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "alg": "Ed25519"}
    known |= {"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}

    assert signer(known).kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    with pytest.raises(ValueError, match="thumbprint"):
        signer({**known, "kid": "another"})


def test_public_part_holds_no_private_number_and_signs_nothing(private: list[Jwk]) -> None:
    for key in private:
        public = public_jwk(key)
        assert "d" not in public
        with pytest.raises(ValueError, match="no private part"):
            signer(public)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: b"[]",
        lambda document: b"not json",
        lambda document: json.dumps(document).encode()[:-1] + b',"header":{}}',
        lambda document: json.dumps(document).replace('"payload"', '"payload": "e30", "payload"').encode(),
        lambda document: json.dumps({**document, "signatures": {}}).encode(),
        lambda document: json.dumps({**document, "signatures": document["signatures"] * 5}).encode(),
        lambda document: json.dumps({**document, "payload": document["payload"] + "="}).encode(),
        lambda document: json.dumps({**document, "signatures": [{**document["signatures"][0], "header": {}}]}).encode(),
        lambda document: json.dumps({**document, "payload": 7}).encode(),
        lambda document: b"[" * 100_000,
        lambda document: b'{"payload":"' + b"A" * 300_000 + b'","signatures":[]}',
    ],
)
def test_document_that_is_not_strictly_of_the_form_is_rejected(private: list[Jwk], spoil: Any) -> None:
    document = json.loads(sign(b'{"a":1}', [signer(key) for key in private]))

    with pytest.raises(BadSignature):
        verify(spoil(document), trusted(private))


def test_further_header_is_rejected_although_the_signature_covers_it(private: list[Jwk]) -> None:
    key = signer(private[0])
    from joserfc import jws as foreign

    members: Any = [{"protected": {"alg": "Ed25519", "kid": key.kid, "b64": True, "crit": ["b64"]}}]
    signed = foreign.serialize_json(members, b"{}", key.key, ["Ed25519"])

    with pytest.raises(BadSignature, match="other members"):
        verify(json.dumps(signed).encode(), trusted(private))


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

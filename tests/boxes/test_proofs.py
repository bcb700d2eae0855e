"""What a call proves: the key, the call, the moment, and that it was not made before."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from portal.boxes import nonces, transactions
from portal.boxes.jobs import forget_proofs
from portal.boxes.models.limiting import SpentProof
from portal.boxes.proving import Called, check_proof
from portal.core import clock, crypto
from portal.core.context import TenantRef
from portal.core.database import Database, database, platform_session, use
from portal.releases.signing.jws import new_private_jwk, public_jwk
from tests.world.fleet import PHONE, BoxClient, bound_box, new_box

LOOKUPS = "/box/v1/lookups"
HEARTBEATS = "/box/v1/heartbeats"
JSON = {"Content-Type": "application/json"}


def asked(tenant: TenantRef) -> bytes:
    return json.dumps({"enterprise_id": tenant.enterprise_id, "installer_phone": PHONE}).encode()


def test_a_call_without_a_nonce_is_given_one_and_then_answered(app: Flask, shops: TenantRef) -> None:
    box = new_box(app)

    first = box.once(LOOKUPS, asked(shops), JSON)
    second = box.once(LOOKUPS, asked(shops), JSON)

    assert (first.status, first.code) == (401, "use_dpop_nonce")
    assert first.headers["www-authenticate"] == 'DPoP error="use_dpop_nonce"'
    assert first.headers["content-type"] == "application/problem+json"
    assert second.status == 200
    assert "dpop-nonce" not in second.headers
    assert "set-cookie" not in {**first.headers, **second.headers}


CHANGED_CLAIMS = {
    "another method": {"htm": "GET"},
    "the method in lower case": {"htm": "post"},
    "no method": {"htm": None},
    "another path": {"htu": "http://localhost:8000/box/v1/bindings"},
    "another host": {"htu": f"http://portal.example.com{LOOKUPS}"},
    "another port": {"htu": f"http://localhost:8001{LOOKUPS}"},
    "another scheme": {"htu": f"https://localhost:8000{LOOKUPS}"},
    "a query": {"htu": f"http://localhost:8000{LOOKUPS}?a=1"},
    "a name before the host": {"htu": f"http://me@localhost:8000{LOOKUPS}"},
    "no address": {"htu": None},
    "an address that is none": {"htu": "http://[::1"},
    "no iat": {"iat": None},
    "an iat that is text": {"iat": "now"},
    "an iat that is a truth": {"iat": True},
    "no jti": {"jti": None},
    "a jti of 15 characters": {"jti": "a" * 15},
    "a jti of 65 characters": {"jti": "a" * 65},
    "a jti that is a number": {"jti": 1234567890123456},
}


@pytest.mark.parametrize("changes", CHANGED_CLAIMS.values(), ids=CHANGED_CLAIMS.keys())
def test_a_proof_about_something_else_is_invalid(box: BoxClient, shops: TenantRef, changes: dict[str, Any]) -> None:
    answer = box.once(LOOKUPS, asked(shops), JSON, proof=box.proof(LOOKUPS, **changes))

    assert (answer.status, answer.code) == (401, "invalid_dpop_proof")
    assert answer.headers["www-authenticate"] == 'DPoP error="invalid_dpop_proof"'


GOOD_CLAIMS = {
    "iat of 1970": {"iat": 0},
    "iat of tomorrow": {"iat": 4_102_444_800},
    "loopback by its number": {"htu": f"http://127.0.0.1:8000{LOOKUPS}"},
    "scheme and host in capitals": {"htu": f"HTTP://LOCALHOST:8000{LOOKUPS}"},
    "a claim that nobody knows": {"more": {"a": 1}},
    "a jti of 16 characters": {"jti": "a" * 16},
    "a jti of 64 characters": {"jti": "a" * 64},
}


@pytest.mark.parametrize("changes", GOOD_CLAIMS.values(), ids=GOOD_CLAIMS.keys())
def test_what_is_not_judged_is_not_judged(box: BoxClient, shops: TenantRef, changes: dict[str, Any]) -> None:
    answer = box.once(LOOKUPS, asked(shops), JSON, proof=box.proof(LOOKUPS, **changes))

    assert answer.status == 200


def test_neither_host_nor_forwarded_headers_are_consulted(box: BoxClient, shops: TenantRef) -> None:
    lying = {**JSON, "Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com", "X-Forwarded-Proto": "https"}

    to_us = box.once(LOOKUPS, asked(shops), lying)
    to_them = box.once(LOOKUPS, asked(shops), lying, proof=box.proof(LOOKUPS, htu=f"https://evil.example.com{LOOKUPS}"))

    assert (to_us.status, to_them.code) == (200, "invalid_dpop_proof")


def handmade(box: BoxClient, header: dict[str, Any], key: Any = None, **claims: Any) -> str:
    """A proof with another header than the library would write."""
    told = {"htm": "POST", "htu": box.base + LOOKUPS, "iat": 1, "jti": "j" * 20, "nonce": box.nonce, **claims}
    signer = key or ECKey.import_key(dict(box.key))
    return jws.serialize_compact(header, json.dumps(told), signer, [header["alg"]])


def test_only_es256_with_a_public_p256_key_proves_anything(box: BoxClient, shops: TenantRef) -> None:
    own = {name: value for name, value in public_jwk(box.key).items() if name in {"kty", "crv", "x", "y"}}
    other = ECKey.generate_key("P-384")
    secret = OctKey.import_key({"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U"})
    octets = {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U"}
    good = {"typ": "dpop+jwt", "alg": "ES256", "jwk": own}
    proofs = {
        "as it should be": handmade(box, good),
        "with members that say nothing secret": handmade(
            box, {**good, "jwk": {**own, "ext": True, "key_ops": []}}, jti="k" * 20
        ),
        "another type": handmade(box, {**good, "typ": "JWT"}),
        "private part shown": handmade(box, {**good, "jwk": {**own, "d": box.key["d"]}}),
        "another key's signature": handmade(box, good, ECKey.generate_key("P-256")),
        "another curve": handmade(box, {**good, "alg": "ES384", "jwk": other.as_dict(private=False)}, other),
        "a shared secret": handmade(box, {**good, "alg": "HS256", "jwk": octets}, secret),
        "the public key as a shared secret": handmade(box, {**good, "alg": "HS256"}, secret),
        "a key id beside": handmade(box, {**good, "kid": "x"}),
        "no algorithm": _unsigned(handmade(box, good), {**good, "alg": "none"}),
        "a coordinate written longer": handmade(box, {**good, "jwk": {**own, "x": "AA" + own["x"]}}),
        "padding": handmade(box, {**good, "jwk": {**own, "x": own["x"] + "="}}),
    }

    codes = {name: box.once(LOOKUPS, asked(shops), JSON, proof=proof).code for name, proof in proofs.items()}

    assert {name for name, code in codes.items() if code == ""} == {
        "as it should be",
        "with members that say nothing secret",
    }
    assert set(codes.values()) == {"", "invalid_dpop_proof"}


def _unsigned(proof: str, header: dict[str, Any]) -> str:
    from base64 import urlsafe_b64encode

    head = urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{head}.{proof.split('.')[1]}."


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", "....", "a" * 5000, "é.é.é", '{"payload":""}'], ids=lambda text: repr(text[:10])
)
def test_what_is_no_proof_is_invalid(box: BoxClient, shops: TenantRef, text: str) -> None:
    answer = box.send("POST", LOOKUPS, {**JSON, "DPoP": text}, asked(shops))

    assert (answer.status, answer.code) == (401, "invalid_dpop_proof")


def test_a_name_that_stands_twice_in_the_claims_is_invalid(box: BoxClient, shops: TenantRef) -> None:
    own = {name: public_jwk(box.key)[name] for name in ("kty", "crv", "x", "y")}
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": own}
    claims = {"htm": "GET", "htu": box.base + LOOKUPS, "iat": 1, "jti": "j" * 20, "nonce": box.nonce}
    twice = '{"htm":"POST",' + json.dumps(claims)[1:]
    proof = jws.serialize_compact(header, twice, ECKey.import_key(dict(box.key)), ["ES256"])

    assert box.once(LOOKUPS, asked(shops), JSON, proof=proof).code == "invalid_dpop_proof"


def test_a_second_header_does_not_choose(box: BoxClient, app: Flask, shops: TenantRef) -> None:
    answer = app.test_client().post(
        LOOKUPS,
        headers=[("DPoP", box.proof(LOOKUPS)), ("DPoP", box.proof(LOOKUPS))],
        data=asked(shops),
        content_type="application/json",
    )

    assert answer.json["code"] == "invalid_dpop_proof"  # type: ignore[index]


def replayed(box: BoxClient, tenant: TenantRef) -> list[str]:
    proof = box.proof(LOOKUPS)
    return [box.once(LOOKUPS, asked(tenant), JSON, proof=proof).code for _ in range(2)]


def test_a_proof_is_good_for_one_call(either: Flask, shops_on_either: TenantRef) -> None:
    box = new_box(either)
    box.once(LOOKUPS, b"{}", JSON)

    assert replayed(box, shops_on_either) == ["", "proof_replayed"]


def test_a_planted_fault_lets_a_replay_through(
    box: BoxClient, shops: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A memory that forgets is what the test above is there to catch."""
    monkeypatch.setattr(transactions, "spend", lambda *_: None)

    assert replayed(box, shops) == ["", ""]


def test_another_key_may_use_the_same_jti(app: Flask, shops: TenantRef) -> None:
    one, other = new_box(app), new_box(app)
    for each in (one, other):
        each.once(LOOKUPS, b"{}", JSON)

    codes = [
        each.once(LOOKUPS, asked(shops), JSON, proof=each.proof(LOOKUPS, jti="j" * 20)).code for each in (one, other)
    ]

    assert codes == ["", ""]


def test_a_replay_is_refused_by_the_next_worker_too(either: Flask, shops_on_either: TenantRef) -> None:
    """The memory is the database's: another process, and one after a restart, opens it anew."""
    box = new_box(either)
    box.once(LOOKUPS, b"{}", JSON)
    proof = box.proof(LOOKUPS)
    first = box.once(LOOKUPS, asked(shops_on_either), JSON, proof=proof)
    again = Database(database().url.render_as_string(hide_password=False))
    use(again)

    second = box.once(LOOKUPS, asked(shops_on_either), JSON, proof=proof)
    again.dispose()

    assert (first.status, second.code) == (200, "proof_replayed")


def test_a_refused_call_spends_its_proof_too(box: BoxClient, shops: TenantRef) -> None:
    proof, unknown = box.proof(LOOKUPS), asked(shops).replace(PHONE.encode(), b"13900139000")

    codes = [box.once(LOOKUPS, unknown, JSON, proof=proof).code for _ in range(2)]

    assert codes == ["unknown_enterprise", "proof_replayed"]


def test_proofs_are_forgotten_when_their_nonces_are_long_dead(box: BoxClient, shops: TenantRef) -> None:
    box.once(LOOKUPS, asked(shops), JSON)
    with platform_session(writes=True) as session:
        session.add(SpentProof(mark="old", spent_at=clock.now() - timedelta(minutes=11)))
        session.add(SpentProof(mark="young", spent_at=clock.now() - timedelta(minutes=9)))
        session.commit()

    forget_proofs()

    with platform_session() as session:
        marks = {row.mark for row in session.query(SpentProof)}
    assert "old" not in marks
    assert "young" in marks
    assert len(marks) == 3  # the binding of the box, and this call


def proof_of(made: str | None, monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    return BoxClient(lambda *_: None, "http://localhost:8000", nonce=made).proof(LOOKUPS)  # type: ignore[arg-type,return-value]


CALLED = Called("POST", "http://localhost:8000", LOOKUPS)


@pytest.mark.parametrize(
    ("age", "wants"), [(timedelta(), False), (timedelta(seconds=149), False), (timedelta(seconds=151), True)]
)
def test_a_new_nonce_is_due_after_half_its_life(age: timedelta, wants: bool) -> None:
    now = clock.now()

    proof = check_proof(proof_of(nonces.new_nonce(now - age)), CALLED, now)

    assert proof.wants_nonce is wants


def test_a_nonce_lives_for_five_minutes_and_is_made_with_the_secret_alone() -> None:
    now = clock.now()
    fresh = nonces.new_nonce(now)
    with crypto.other_keys():
        crypto.configure(b"the secret of another installation, 32")
        foreign = nonces.new_nonce(now)
    told = {
        "fresh": fresh,
        "nearly over": nonces.new_nonce(now - timedelta(seconds=299)),
        "over": nonces.new_nonce(now - timedelta(minutes=5)),
        "of a server a little ahead": nonces.new_nonce(now + timedelta(seconds=4)),
        "from the future": nonces.new_nonce(now + timedelta(minutes=1)),
        "foreign": foreign,
        "changed": ("B" if fresh[0] == "A" else "A") + fresh[1:],
        "short": fresh[:-1],
        "no text": 5,
        "none": None,
        "not ASCII": "é" * 32,
    }

    good = {name for name, nonce in told.items() if nonces.age_of(nonce, now) is not None}

    assert good == {"fresh", "nearly over", "of a server a little ahead"}


def test_a_nonce_is_good_for_any_number_of_proofs(box: BoxClient, shops: TenantRef) -> None:
    first = box.nonce

    statuses = [box.once(LOOKUPS, asked(shops), JSON).status for _ in range(5)]

    assert statuses == [200] * 5
    assert box.nonce == first


def test_an_answer_carries_a_new_nonce_when_the_old_one_is_past_half_its_life(box: BoxClient, shops: TenantRef) -> None:
    box.nonce = nonces.new_nonce(clock.now() - timedelta(seconds=200))

    answer = box.once(LOOKUPS, asked(shops), JSON)

    assert answer.status == 200
    assert nonces.age_of(answer.headers["dpop-nonce"], clock.now()) is not None


def test_a_token_needs_its_hash_in_the_proof_and_its_own_key(app: Flask, shops: TenantRef) -> None:
    box, thief = bound_box(app, shops), new_box(app)
    thief.token, thief.nonce = box.token, box.nonce
    beat = {"boot": box.boot, "count": 1, "sequence": 0, "release": None, "screen": "off", "uptime_seconds": 0}
    body = json.dumps({**beat, "free_bytes": 0, "firmware": "1", "faults": []}).encode()

    def code(who: BoxClient, token: str | None, **claims: Any) -> str:
        proof = who.proof(HEARTBEATS, token, **claims)
        return who.once(HEARTBEATS, body, JSON, token=token, proof=proof).code

    assert code(box, box.token) == ""
    assert code(box, box.token, ath=None) == "invalid_dpop_proof"
    assert code(box, box.token, ath="x" * 43) == "invalid_dpop_proof"
    assert code(thief, box.token) == "invalid_token"
    assert code(box, "made-up") == "invalid_token"
    assert code(box, None) == "invalid_token"


def test_a_token_without_the_right_scheme_is_none(app: Flask, shops: TenantRef) -> None:
    box = bound_box(app, shops)
    headers = {**JSON, "DPoP": box.proof(HEARTBEATS, box.token), "Authorization": f"Bearer {box.token}"}

    answer = box.send("POST", HEARTBEATS, headers, b"{}")

    assert (answer.status, answer.code) == (401, "invalid_token")
    assert answer.headers["www-authenticate"] == 'DPoP error="invalid_token"'


def test_a_key_has_one_name_however_it_is_written() -> None:
    """`x` in another base64url of the same number would be another thumbprint, hence another key to the registry."""
    key = new_private_jwk("ES256")
    proof = check_proof(
        BoxClient(lambda *_: None, "http://localhost:8000", key=key, nonce=nonces.new_nonce(clock.now())).proof(
            LOOKUPS
        ),  # type: ignore[arg-type,return-value]
        CALLED,
        clock.now(),
    )

    assert proof.thumbprint == key["kid"]


def test_half_a_surrogate_is_no_hash_and_no_fault(
    app: Flask, shops: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON can spell it, and it has no bytes: whoever compares bytes falls over it, and a stranger needs no token for that."""
    box = new_box(app)
    box.once(LOOKUPS, asked(shops), JSON)
    monkeypatch.setattr("portal.releases.signing.jws.canonical", lambda claims: json.dumps(claims).encode())

    proof = box.proof(HEARTBEATS, "made-up", ath="\ud800" * 43)
    answer = box.once(HEARTBEATS, b"{}", JSON, token="made-up", proof=proof)

    assert (answer.status, answer.code) == (401, "invalid_dpop_proof")

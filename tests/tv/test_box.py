"""The calls of the settings page, as the portal will check them: a proof by the box's own key, and the nonce that it is told."""

import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey
from playwright.sync_api import Browser, Page, Route


class Portal:
    """What a portal answers to the calls of a box, and the calls it got, each with its verified proof."""

    def __init__(self, tab: Page, answers: list[tuple[int, dict[str, Any], dict[str, str]]]) -> None:
        self.calls: list[dict[str, Any]] = []
        self._answers = answers
        tab.route("**/box/v1/**", self._answer)

    def _answer(self, route: Route) -> None:
        proof = route.request.headers["dpop"]
        head = jws.extract_compact(proof.encode()).headers()
        verified = jws.deserialize_compact(proof, ECKey.import_key(head["jwk"]), algorithms=["ES256"])
        call = {"path": route.request.url.split("/", 3)[3], "body": json.loads(route.request.post_data or "")}
        self.calls.append(
            {**call, "head": head, "claims": json.loads(verified.payload), "headers": route.request.headers}
        )
        status, body, headers = self._answers.pop(0)
        route.fulfill(status=status, body=json.dumps(body), content_type="application/json", headers=headers)


CALL = """async ([path, body, token]) => {
  const { Box } = await import("/static/tv/box.js");
  const memory = new Map();
  const box = new Box({ base: "https://portal.example.com", memory: { get: (name) => memory.get(name), set: (name, value) => memory.set(name, value) }, about: {} });
  const first = await box.call(path, body, { token });
  const second = await box.call(path, body, { token });
  return [first, second];
}"""


def test_proof_names_the_call_and_takes_the_nonce_it_is_told(browser: Browser, address: str) -> None:
    tab = browser.new_page()  # its console is not looked at: a browser complains of every 401
    tab.goto(address)
    wants = (401, {"code": "use_dpop_nonce"}, {"DPoP-Nonce": "n-1"})
    portal = Portal(tab, [wants, (200, {"now": 1}, {}), (200, {"now": 2}, {})])

    first, second = tab.evaluate(CALL, ["/box/v1/heartbeats", {"count": 1}, "a token"])

    assert (first["body"], second["body"]) == ({"now": 1}, {"now": 2})
    tab.close()
    claims = [call["claims"] for call in portal.calls]
    assert [one.get("nonce") for one in claims] == [None, "n-1", "n-1"]
    assert {(one["htm"], one["htu"]) for one in claims} == {("POST", "https://portal.example.com/box/v1/heartbeats")}
    assert len({one["jti"] for one in claims}) == 3
    assert {one["ath"] for one in claims} == {
        urlsafe_b64encode(hashlib.sha256(b"a token").digest()).rstrip(b"=").decode()
    }
    assert {call["headers"]["authorization"] for call in portal.calls} == {"DPoP a token"}


def test_key_is_the_same_after_a_restart_and_shows_no_private_part(tab: Page) -> None:
    portal = Portal(tab, [(200, {}, {})] * 4)

    tab.evaluate(CALL, ["/box/v1/lookups", {}, None])
    tab.reload()
    tab.evaluate(CALL, ["/box/v1/lookups", {}, None])

    heads = [call["head"] for call in portal.calls]
    assert heads == [heads[0]] * 4
    assert sorted(heads[0]["jwk"]) == ["crv", "kty", "x", "y"]


REPORTS = """async (times) => {
  const { Box } = await import("/static/tv/box.js");
  const memory = new Map();
  const box = new Box({ base: "https://portal.example.com", memory: { get: (name) => memory.get(name) ?? null, set: (name, value) => memory.set(name, value) }, about: {} });
  for (let n = 0; n < times; n += 1) await box.report({ enterprise_id: "352846102937", installer_phone: "13800138000" });
  return Object.fromEntries(memory);
}"""


def test_root_key_of_the_first_binding_stays_whatever_later_answers_name(tab: Page) -> None:
    """Also where the box is given another channel meanwhile."""

    def bound(channel: str, root: str) -> tuple[int, dict[str, Any], dict[str, str]]:
        return 200, {"state": "bound", "token": "t", "channel": channel, "root": {"kid": root}}, {}

    Portal(tab, [bound("a" * 32, "first"), bound("a" * 32, "second"), bound("b" * 32, "third")])

    kept = tab.evaluate(REPORTS, 3)

    roots = {name: json.loads(value) for name, value in kept.items() if "root" in name.lower()}
    assert list(roots.values()) == [{"kid": "first"}] * 2
    assert kept["channel"] == "b" * 32

"""A box in a hundred lines: bind, fetch, check, keep, report, as docs/boxes.md says. Needs Python 3.11 and `pip install joserfc`.

    python box.py https://portal.example.com FOLDER ENTERPRISE_ID INSTALLER_PHONE SERIAL

binds itself the first time, prints what it would show or the fault that it reports, and keeps its memory in FOLDER.
"""

import hashlib
import json
import secrets
import sys
import time
import urllib.error
import urllib.request
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, import_key


class Rejected(Exception):
    """What a box keeps what it shows for; the first argument is the code of the fault that it reports."""


def unpacked(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def check(key, part):
    jws.deserialize_json(part, import_key(key), [key["alg"]])


def signed(document, keys):
    """The bytes that one of these keys (by kid) has signed; a signature that can be checked and fails spoils all."""
    try:
        told, good = json.loads(document), False
        for part in told["signatures"]:
            header = json.loads(unpacked(part["protected"]))
            key = keys.get(header["kid"])
            if key is None:
                continue
            if header["alg"] != key["alg"]:  # the key says which algorithm, never the header
                raise ValueError("another algorithm than the key's")
            check(key, part | {"payload": told["payload"]})
            good = True
        if good:
            return unpacked(told["payload"])
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Rejected("bad_signature", "a signature fails") from error
    raise Rejected("bad_signature", "nobody known has signed")


class Box:
    def __init__(self, portal, folder, now=None):
        self.portal, self.folder = portal, Path(folder)
        self.now = now or (lambda: datetime.now(UTC))  # a box's own clock is `now` of the last answer + monotonic time
        self.memory = {"version": 0, "sequence": 0, "release": None, "nonce": None, "token": None, "count": 0}
        self.memory |= {"boot": str(uuid.uuid4()), "key": ECKey.generate_key("P-256").as_dict(private=True)}
        path = self.folder / "memory.json"
        self.remember(**(json.loads(path.read_text()) if path.exists() else {}))

    def remember(self, **news):
        self.memory |= news
        (self.folder / "memory.json").write_text(json.dumps(self.memory))

    def call(self, path, body, again=True):
        """One call, with a proof (RFC 9449) of this very call by this key, good once."""
        key, token, nonce = (self.memory[name] for name in ("key", "token", "nonce"))
        claims = {"htm": "POST", "htu": self.portal + path, "iat": int(time.time()), "jti": secrets.token_urlsafe(24)}
        claims |= {"nonce": nonce} if nonce else {}
        headers = {"Content-Type": "application/json"}
        if token:
            claims["ath"] = urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
            headers["Authorization"] = f"DPoP {token}"
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": {name: key[name] for name in ("kty", "crv", "x", "y")}}
        headers["DPoP"] = jws.serialize_compact(header, json.dumps(claims), ECKey.import_key(key), ["ES256"])
        request = urllib.request.Request(self.portal + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                self.remember(nonce=answer.headers.get("DPoP-Nonce", nonce))
                return json.loads(answer.read() or "{}")
        except urllib.error.HTTPError as refused:
            code = json.load(refused)["code"]
            self.remember(nonce=refused.headers.get("DPoP-Nonce", nonce))
            if code == "use_dpop_nonce" and again:
                return self.call(path, body, again=False)
            raise Rejected(code, path) from refused

    def bind(self, enterprise_id, phone, serial, model="E900-S", firmware="1.0"):
        """Whether the box is bound now; one that waits asks again after `retry_seconds`."""
        about = {"serial": serial, "model": model, "firmware": firmware}
        told = self.call("/box/v1/bindings", {"enterprise_id": enterprise_id, "installer_phone": phone} | about)
        if told["state"] == "bound":
            root = self.memory.get("root") or told["root"]  # the first one is pinned
            self.remember(token=told["token"], channel=told["channel"], root=root, enterprise=enterprise_id)
        return told["state"] == "bound"

    def beat(self, *faults):
        """Say how the box is, follow the channel that it is told, and return the commands."""
        self.remember(count=self.memory["count"] + 1)
        told = {name: self.memory[name] for name in ("boot", "count", "sequence", "release")}
        told |= {"screen": "zone", "uptime_seconds": int(time.monotonic()), "free_bytes": 10**9, "firmware": "1.0"}
        at = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        told["faults"] = [{"code": code, "detail": detail[:500], "at": at} for code, detail in faults]
        answer = self.call("/box/v1/heartbeats", told)
        root, held = answer["root"], self.memory["root"]
        if root and held and root["kid"] != held["kid"]:
            self.follow_root()  # it is pinned only where the one that is pinned leads to it
        if answer["channel"] != self.memory["channel"]:
            self.remember(channel=answer["channel"], sequence=0)
        return answer["commands"]

    def played(self, plays, batch):
        """Report what was shown: with the same `batch` and the same bytes until an answer came, and it counts once."""
        return self.call("/box/v1/plays", {"batch": batch, "plays": plays})

    def fetch(self, path):
        with urllib.request.urlopen(urljoin(self.portal, path), timeout=30) as answer:
            return answer.read()

    def follow_root(self):
        """A new root key comes only signed by the old one, step by step."""
        try:
            steps = json.loads(self.fetch("/pub/roots.json"))["roots"]
        except OSError:  # it never changed
            return
        for step in steps:
            try:
                told = json.loads(signed(json.dumps(step), {self.memory["root"]["kid"]: self.memory["root"]}))
            except Rejected:
                continue
            if told.get("schema") == "root/1":  # the root key signs lists of keys too
                self.remember(root=told["root"])

    def keys(self):
        document, root = self.fetch("/pub/keys.jws"), self.memory["root"]
        try:
            listed = json.loads(signed(document, {root["kid"]: root}))
        except Rejected:
            self.follow_root()
            root = self.memory["root"]
            listed = json.loads(signed(document, {root["kid"]: root}))
        if listed["version"] < self.memory["version"]:
            raise Rejected("bad_signature", "an older list of keys")
        self.remember(version=listed["version"])
        return {key["kid"]: key for key in listed["keys"] if key["kid"] not in listed["revoked"]}

    def pointer(self, keys):
        held = self.memory
        told = json.loads(signed(self.fetch(f"/pub/channels/{held['channel']}/current.jws"), keys))
        if (told["enterprise_id"], told["channel"]) != (held.get("enterprise", told["enterprise_id"]), held["channel"]):
            raise Rejected("conflicting_pointer", "of another channel or enterprise")
        if told["sequence"] < held["sequence"]:
            raise Rejected("old_sequence", f"{told['sequence']} after {held['sequence']}")
        if told["sequence"] == held["sequence"] and told["release"] != held["release"]:
            raise Rejected("conflicting_pointer", "another release under the same sequence")
        if datetime.fromisoformat(told["valid_until"]) <= self.now():
            raise Rejected("expired_pointer", told["valid_until"])
        return told

    def download(self, url, sha256, size):
        path = self.folder / sha256
        if not path.exists():
            data = self.fetch(url)
            if (hashlib.sha256(data).hexdigest(), len(data)) != (sha256, size):
                raise Rejected("bad_download", url)
            path.write_bytes(data)
        return path.read_bytes()

    def poll(self):
        """Everything is there and checked before the box switches; then it remembers what it shows."""
        told = self.pointer(self.keys())
        document = json.loads(self.download(told["url"], told["release"], told["bytes"]))
        for asset in document["assets"]:
            self.download(asset["url"], asset["sha256"], asset["bytes"])
        self.remember(sequence=told["sequence"], release=told["release"], enterprise=told["enterprise_id"])
        return document


if __name__ == "__main__":
    Path(sys.argv[2]).mkdir(exist_ok=True)
    box = Box(sys.argv[1].rstrip("/"), sys.argv[2])
    try:
        if not box.memory["token"] and not box.bind(*sys.argv[3:6]):
            sys.exit("waiting for somebody to confirm")
        shown = box.poll()
        box.beat()
        print(shown["enterprise"]["name"], [line["text"] for line in shown["marquee"]])
    except Rejected as fault:
        if fault.args[0] == "token_ended":  # content and token go, the key stays
            (box.folder / "memory.json").write_text(json.dumps({"key": box.memory["key"]}))
        elif box.memory["token"]:
            box.beat(fault.args)
        sys.exit(f"{fault.args[0]}: {fault.args[1]}")

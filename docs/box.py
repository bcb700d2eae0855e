"""A box in a hundred lines, as docs/boxes.md says; box_full.py adds to it. Needs Python 3.11 and `pip install joserfc requests`.

python box.py https://portal.example.com FOLDER ENTERPRISE_ID INSTALLER_PHONE SERIAL    (one run is one start of the box)
"""

import json
import sys
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urljoin
from uuid import uuid4

import requests
from joserfc import jwk, jws, jwt, util


class Rejected(Exception):
    """Why a box keeps what it shows, or why a call is refused: a code of docs/boxes.md."""


def need(holds, code):
    if not holds:
        raise Rejected(code)


def signed(document, keys):
    """What these keys have signed, each by its own algorithm: one is enough, and one that fails spoils the others."""
    try:
        told, kids = json.loads(document), [key["kid"] for key in keys]
        headers = [json.loads(util.urlsafe_b64decode(one["protected"].encode())) for one in told["signatures"]]
        told["signatures"] = [one for one, its in zip(told["signatures"], headers, strict=True) if its["kid"] in kids]
        return jws.deserialize_json(told, jwk.KeySet.import_key_set({"keys": keys}), ["Ed25519", "ES256"]).payload
    except Exception as error:
        raise Rejected("bad_signature") from error


class Box:
    def __init__(self, portal, folder):
        self.portal, self.folder, self.boot, self.count = portal, Path(folder), str(uuid4()), 0
        self.memory = {"token": "", "nonce": "", "version": 0, "sequence": 0, "release": None, "faults": []}
        path = self.folder / "memory.json"
        new = {"key": jwk.ECKey.generate_key("P-256").as_dict(private=True)}
        self.remember(**json.loads(path.read_bytes()) if path.exists() else new)

    def remember(self, **news):
        self.memory |= news
        (self.folder / "memory.json").write_text(json.dumps(self.memory))

    def call(self, path, **body):
        """One call, proven by the box's key (RFC 9449); the first of all learns a nonce and is made once more."""
        url, key, token = self.portal + path, jwk.ECKey.import_key(self.memory["key"]), self.memory["token"]
        claims = {"htm": "POST", "htu": url, "iat": 0, "jti": str(uuid4()), "nonce": self.memory["nonce"]}
        claims["ath"] = util.urlsafe_b64encode(sha256(token.encode()).digest()).decode()
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
        headers = {"DPoP": jwt.encode(header, claims, key)} | ({"Authorization": f"DPoP {token}"} if token else {})
        answer = requests.post(url, json=body, headers=headers, timeout=30)
        code = None if answer.ok else answer.json()["code"]
        self.remember(nonce=answer.headers.get("DPoP-Nonce", claims["nonce"]))
        if code == "use_dpop_nonce" and self.memory["nonce"] != claims["nonce"]:
            return self.call(path, **body)
        if code == "token_ended":  # unbound, stolen or suspended: what it was given goes, its key stays
            self.remember(token="", sequence=0, release=None)
            for kept in self.folder.glob("?" * 64):
                kept.unlink()
        need(answer.ok, code)
        return answer.json()

    def bind(self, **who):
        told = self.call("/box/v1/bindings", **who, model="E900-S", firmware="1.0")
        need(told["state"] == "bound", "waiting")  # for somebody's yes: again after `retry_seconds`
        root = self.memory.get("root", told["root"])  # the first one is pinned
        self.remember(enterprise_id=who["enterprise_id"], token=told["token"], channel=told["channel"], root=root)

    def beat(self):
        """Say what the box shows, and what it rejected before; follow the channel that it is told."""
        self.count += 1
        about = {name: self.memory[name] for name in ("sequence", "release", "faults")}
        about |= {"screen": "zone", "uptime_seconds": 0, "free_bytes": 10**9, "firmware": "1.0"}
        told = self.call("/box/v1/heartbeats", boot=self.boot, count=self.count, **about)
        if told["channel"] != self.memory["channel"]:
            self.remember(channel=told["channel"], sequence=0)
        self.remember(now=told["now"], faults=[])
        return told

    def report(self, fault):  # with the next heartbeat
        self.remember(faults=[{"code": fault.args[0], "detail": "", "at": self.memory["now"]}])

    def fetch(self, url):
        answer = requests.get(urljoin(self.portal, url), timeout=30)
        answer.raise_for_status()
        return answer.content

    def download(self, url, name):  # what is named by its hash is fetched once
        if not (self.folder / name).exists():
            data = self.fetch(url)
            need(sha256(data).hexdigest() == name, "bad_download")
            (self.folder / name).write_bytes(data)
        return (self.folder / name).read_bytes()

    def poll(self):
        """Take what is on air: everything is here and checked before the box switches to it."""
        held, keys = self.memory, json.loads(signed(self.fetch("/pub/keys.jws"), [self.memory["root"]]))
        need(keys["version"] >= held["version"], "bad_signature")
        self.remember(version=keys["version"])
        good = [key for key in keys["keys"] if key["kid"] not in keys["revoked"]]
        told = json.loads(signed(self.fetch(f"/pub/channels/{held['channel']}/current.jws"), good))
        need(all(told[name] == held[name] for name in ("enterprise_id", "channel")), "conflicting_pointer")
        need(told["sequence"] >= held["sequence"], "old_sequence")
        need(told["sequence"] > held["sequence"] or told["release"] == held["release"], "conflicting_pointer")
        need(datetime.fromisoformat(told["valid_until"]) > datetime.fromisoformat(held["now"]), "expired_pointer")
        document = json.loads(self.download(told["url"], told["release"]))
        for asset in document["assets"]:
            self.download(asset["url"], asset["sha256"])
        self.remember(sequence=told["sequence"], release=told["release"])
        return document


if __name__ == "__main__":
    box = Box(*sys.argv[1:3])
    try:
        if not box.memory["token"]:
            box.bind(**dict(zip(("enterprise_id", "installer_phone", "serial"), sys.argv[3:], strict=True)))
        box.beat()
        print([line["text"] for line in box.poll()["marquee"]])
    except Rejected as fault:
        if box.memory["token"]:
            box.report(fault)
        sys.exit(fault.args[0])

"""A box in a hundred lines: fetch, check, keep, as docs/boxes.md says. Needs Python 3.11 and `pip install cryptography`.

    python box.py https://portal.example.com/pub/channels/CHANNEL/current.jws root.json FOLDER

prints what it would show, or the fault that it would report, and keeps its memory in FOLDER.
"""

import base64
import hashlib
import json
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


class Rejected(Exception):
    """What a box keeps what it shows for; the first argument is the code of the fault that it reports."""


def unpacked(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def check(key, signature, data):
    if key["alg"] == "Ed25519":
        ed25519.Ed25519PublicKey.from_public_bytes(unpacked(key["x"])).verify(signature, data)
        return
    point = (int.from_bytes(unpacked(key[name])) for name in ("x", "y"))
    public = ec.EllipticCurvePublicNumbers(*point, ec.SECP256R1()).public_key()
    if len(signature) != 64:
        raise InvalidSignature
    pair = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    public.verify(pair, data, ec.ECDSA(hashes.SHA256()))


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
                raise InvalidSignature
            check(key, unpacked(part["signature"]), f"{part['protected']}.{told['payload']}".encode())
            good = True
        if good:
            return unpacked(told["payload"])
    except (InvalidSignature, ValueError, KeyError, TypeError) as error:
        raise Rejected("bad_signature", "a signature fails") from error
    raise Rejected("bad_signature", "nobody known has signed")


class Box:
    def __init__(self, address, root, folder, now=None):
        self.address, self.root, self.folder = address, root, Path(folder)
        self.now = now or (lambda: datetime.now(UTC))  # a box's own clock is `now` of the last answer + monotonic time
        memory = self.folder / "memory.json"
        self.memory = (
            json.loads(memory.read_text()) if memory.exists() else {"version": 0, "sequence": 0, "release": None}
        )

    def remember(self, **news):
        self.memory |= news
        (self.folder / "memory.json").write_text(json.dumps(self.memory))

    def fetch(self, path):
        with urllib.request.urlopen(urljoin(self.address, path), timeout=30) as answer:
            return answer.read()

    def keys(self):
        listed = json.loads(signed(self.fetch("/pub/keys.jws"), {self.root["kid"]: self.root}))
        if listed["version"] < self.memory["version"]:
            raise Rejected("bad_signature", "an older list of keys")
        self.remember(version=listed["version"])
        return {key["kid"]: key for key in listed["keys"] if key["kid"] not in listed["revoked"]}

    def pointer(self, keys):
        told, held = json.loads(signed(self.fetch(self.address), keys)), self.memory
        same = (held.get("enterprise", told["enterprise_id"]), self.address.split("/")[-2])
        if (told["enterprise_id"], told["channel"]) != same:
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
    Path(sys.argv[3]).mkdir(exist_ok=True)
    try:
        shown = Box(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()), sys.argv[3]).poll()
        print(shown["enterprise"]["name"], [line["text"] for line in shown["marquee"]])
    except Rejected as rejected:
        sys.exit(f"{rejected.args[0]}: {rejected.args[1]}")

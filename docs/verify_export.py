"""Checks an exported operation log on your own machine: python verify_export.py FILE [--key VERIFIER-KEY]

It needs Python 3.11 and the package `cryptography`, no database and no network. What each step proves stands in audit.md.
Exit code: 0 the file holds, 1 it does not, and the first thing that is wrong is named; 2 it was not called like this.
"""

import json
import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Wrong(Exception):
    pass


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def is_signed(key, signature, text):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def check_file(lines):
    """The file is whole: its last line names the SHA-256 of all lines before it, and how many records there are."""
    head, end = json.loads(lines[0]), json.loads(lines[-1])
    if head["format"] != "zone-portal/audit-export/1" or end["sha256"] != sha256(b"".join(lines[:-1])).hexdigest():
        raise Wrong("the file was changed or cut off: its last line does not fit the lines before it")
    if end["records"] != len(lines) - 2:
        raise Wrong(f"{end['records']} records were exported, {len(lines) - 2} are here")
    return head, end


def check_checkpoint(note, trusted):
    """The checkpoint is signed by a key that you trust; returns how many records the log had, and its root."""
    body, _, signatures = note.partition("\n\n")
    origin, size, root = body.split("\n")[:3]
    for verifier in trusted:
        name, key_hash, key = verifier.split("+", 2)
        for line in signatures.splitlines():
            data = b64decode(line.split(" ")[2])
            if (
                data[:4].hex() == key_hash
                and name == origin
                and is_signed(b64decode(key)[1:], data[4:], body.encode() + b"\n")
            ):
                return int(size), b64decode(root)
    raise Wrong("the checkpoint is not signed by the key that is trusted")


def check_words(head, end, trusted):
    """The platform signed the whole file, so that names and words, which no hash of the log covers in plain, are its own too."""
    text = f"{head['format']}\n{end['sha256']}\n".encode()
    keys = [b64decode(verifier.split("+", 2)[2])[1:] for verifier in trusted]
    if not any(is_signed(key, b64decode(end["signature"]), text) for key in keys):
        raise Wrong("the file is not signed by the key that is trusted")


def root_of(leaf, index, size, path):
    """RFC 9162 section 2.1.3.2."""
    node, last, here = index, size - 1, sha256(b"\0" + leaf).digest()
    for beside in map(b64decode, path):
        if node & 1 or node == last:
            here = sha256(b"\1" + beside + here).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            here = sha256(b"\1" + here + beside).digest()
        node, last = node >> 1, last >> 1
    return here if last == 0 else None


def check_record(line, size, root, stamp_keys):
    """The record is in the log of the checkpoint, under its number, and its stamp is over it; returns whether its words are bound too."""
    leaf = b64decode(line["leaf"])
    record = json.loads(leaf[1:])
    if (
        record["seq"] != line["seq"]
        or line["path"] is None
        or root_of(leaf, line["seq"] - 1, size, line["path"]) != root
    ):
        raise Wrong(f"record {line['seq']} is not in the log of the checkpoint")
    if leaf[0] == 0:
        return False  # from before records were signed
    stamp = b64decode(record.pop("signature"))
    if not is_signed(b64decode(stamp_keys[record["sign_key"]]), stamp, canonical(record)):
        raise Wrong(f"the stamp of record {line['seq']} is not over what it says")
    opened = line.get("opened")
    if not opened:
        return False
    named = opened["details"].get("sha256")
    # what a person signs has to be the same when it is done, and a thing that is made gets its id only then
    own_id = None if record["personal"] else record["target_id"]
    target = {"type": record["target_type"], "id": own_id, "title": opened["target_title"]}
    words = sha256(canonical({"target": target, "details": opened["details"], "salt": opened["salt"]})).hexdigest()
    return record["decided_on"] in {named, words}


def main(path="", *options):
    # an option that is not understood must not look like a key that was checked
    if not Path(path).is_file() or options[:1] not in {(), ("--key",)} or len(options) not in {0, 2}:
        print(__doc__.strip())
        return 2
    lines = Path(path).read_bytes().splitlines(keepends=True)
    try:
        head, end = check_file(lines)
        trusted = [options[1]] if options else head["verifier_keys"]
        size, root = check_checkpoint(head["checkpoint"], trusted)
        check_words(head, end, trusted)
        bound = sum(check_record(json.loads(line), size, root, head["stamp_keys"]) for line in lines[1:-1])
    except (Wrong, KeyError, ValueError, IndexError) as wrong:
        print("WRONG:", wrong)
        return 1
    print(
        f"{end['records']} records hold, in a log of {size}; title and details of {bound} are bound by their fingerprint"
    )
    if not end["complete"]:
        print(f"the export stopped at record {end['stopped_at']}: older ones that the filter finds are not in it")
    if not options:
        print("compare this key with the one that you were given on paper:", *trusted)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

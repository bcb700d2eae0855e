"""What a box needs beyond the hundred lines of box.py: it goes on by the portal's clock, follows a new root key, reports plays.

    python box_full.py https://portal.example.com FOLDER ENTERPRISE_ID INSTALLER_PHONE SERIAL

runs until it is stopped or its token ends.
"""

import json
import sys
import time
from datetime import datetime, timedelta

from box import Box, Rejected, signed


class FullBox(Box):
    def __init__(self, portal, folder):
        super().__init__(portal, folder)
        self.heard = time.monotonic()

    def beat(self):
        told = super().beat()
        self.heard = time.monotonic()
        root, held = told["root"], self.memory["root"]
        if root and held and root["kid"] != held["kid"]:
            self.follow_root()  # it is pinned only where the one that is pinned leads to it
        return told

    def poll(self):
        """As a box of a hundred lines does, by a clock that goes on, and once more where a new root key explains what was rejected."""
        passed = time.monotonic() - self.heard
        self.heard += passed
        self.remember(now=(datetime.fromisoformat(self.memory["now"]) + timedelta(seconds=passed)).isoformat())
        try:
            return super().poll()
        except Rejected as fault:
            if fault.args[0] != "bad_signature" or not self.follow_root():
                raise
            return super().poll()

    def follow_root(self):
        """Whether there is another root key now: a new one comes only signed by the old one, step by step."""
        try:
            steps, before = json.loads(self.fetch("/pub/roots.json"))["roots"], self.memory["root"]
        except OSError:  # it never changed
            return False
        for step in steps:
            try:
                told = json.loads(signed(json.dumps(step), [self.memory["root"]]))
            except Rejected:
                continue
            if told.get("schema") == "root/1":  # the root key signs lists of keys too
                self.remember(root=told["root"])
        return self.memory["root"] != before

    def played(self, plays, batch):
        """Report what was shown: with the same `batch` and the same plays until an answer came, and it counts once."""
        return self.call("/box/v1/plays", batch=batch, plays=plays)


if __name__ == "__main__":
    box = FullBox(*sys.argv[1:3])
    if not box.memory["token"]:
        box.bind(**dict(zip(("enterprise_id", "installer_phone", "serial"), sys.argv[3:], strict=True)))
    while True:
        told = box.beat()
        try:
            print([line["text"] for line in box.poll()["marquee"]], flush=True)
        except Rejected as fault:
            box.report(fault)
        time.sleep(told["heartbeat_seconds"])

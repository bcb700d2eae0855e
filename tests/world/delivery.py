"""Signed delivery from end to end: a tenant on air, the root key at hand, a box at the other end of the line."""

import json
from pathlib import Path
from typing import Any

from portal.core.context import COMMAND_LINE
from portal.core.database import platform_session
from portal.releases import publisher
from portal.releases.signing import commands
from portal.releases.signing.jws import Jwk, public_jwk, sign, signer
from portal.releases.signing.ring import active_signers
from portal.releases.site import site
from tests.world.airing import Desk, desk_of
from tests.world.boxes import TestBox
from tests.world.building import build_tenant


class Delivery:
    """A tenant with a release on air, the root key, and a box."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk: Desk = desk_of(build_tenant())
        kept: list[Jwk] = []
        commands.make_root(COMMAND_LINE, kept.append)
        self.root: Jwk = kept[0]
        self.publish("第一版")
        self.channel = self.desk.pointers()[0].channel
        self.box = self.new_box("box")

    def publish(self, text: str) -> None:
        """This function will put one more marquee on air, and wait until its files are there however slow the machine is."""
        self.desk.put_on_air(self.desk.save(text))
        publisher.rest()

    def new_box(self, name: str) -> TestBox:
        """This function will return a box that has pinned the root key and remembers nothing yet."""
        return TestBox(self.desk.tenant.enterprise_id, self.channel, dict(public_jwk(self.root)), self.folder / name)

    def signed_pointer(self, channel: str | None = None) -> bytes:
        """This function will return what boxes of a channel (the root's) fetch."""
        return (site().root / "channels" / (channel or self.channel) / "current.jws").read_bytes()

    def send(self, data: bytes) -> None:
        """From now on somebody in the line sends this in place of the signed pointer."""
        self.box.between = lambda path, real: data if path.endswith("current.jws") else real

    def forged(self, *keys: Jwk, **changes: Any) -> bytes:
        """The pointer with these changes, signed by these keys, by the portal's own where none is given."""
        told = json.loads(self.desk.pointers()[0].body) | changes
        with platform_session() as session:
            signers = [signer(key) for key in keys] or active_signers(session)
        return sign(json.dumps(told).encode(), signers)

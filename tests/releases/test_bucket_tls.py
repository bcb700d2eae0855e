"""A bucket with a name of its own (BUCKET.HOST), whose store shows a certificate that an authority of the house has signed."""

import socket
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from portal.accounts.certificates import new_authority
from portal.core import clock
from portal.core.bucket_address import parse_bucket_url
from portal.releases import publisher, site
from portal.releases.bucket import Bucket, BucketAway
from portal.releases.bucket import md5_of as md5
from tests.world.airing import first_desk
from tests.world.ceph import NAME, Store
from tests.world.kept import kept

PREFIX = "/boxes"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of hosts that were looked up; those of the store lead to this machine, as a server of names would say."""
    names: set[str] = set()
    look_up = socket.getaddrinfo

    def leading_here(host: Any, *more: Any, **also: Any) -> Any:
        names.add(str(host))
        return look_up("127.0.0.1" if str(host).endswith(NAME) else host, *more, **also)

    monkeypatch.setattr(socket, "getaddrinfo", leading_here)
    return names


def test_release_is_published_into_a_bucket_with_a_name_of_its_own(
    installation: Path, store: Store, asked: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "PATIENCE_SECONDS", 60)
    desk, name = kept(first_desk), store.new_bucket()
    site.configure(installation / "pub", parse_bucket_url(store.named_url(name, PREFIX, f"&ca={store.authority}")))

    try:
        desk.put_on_air(desk.save("热水检修"))
        publisher.rest()
    finally:
        site.configure(installation / "pub")

    listed = store.client().list_objects_v2(Bucket=name, Prefix="boxes/channels/")["Contents"]
    files = {f"boxes/channels/{row.channel}/current.{kind}" for row in desk.pointers() for kind in ("jws", "json")}
    assert files
    assert {each["Key"] for each in listed} == files
    assert f"{name}.{NAME}" in asked


@pytest.mark.parametrize("ca", ["none", "another"])
def test_store_whose_certificate_nobody_vouches_for_gets_nothing(
    store: Store, asked: set[str], tmp_path: Path, ca: str
) -> None:
    name, another = store.new_bucket(), tmp_path / "another.pem"
    another.write_bytes(new_authority(clock.now()).certificate.public_bytes(Encoding.PEM))
    options = f"&ca={another}" if ca == "another" else ""
    bucket = Bucket(parse_bucket_url(store.named_url(name, PREFIX, options)))

    with pytest.raises(BucketAway) as away:
        bucket.put("keys.json", b"{}", md5(b"{}"), [])

    assert away.value.why == "SSLError"
    assert "Contents" not in store.client().list_objects_v2(Bucket=name)

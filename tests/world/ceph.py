"""An S3-compatible store of the tests' own: Ceph's gateway on one monitor and one store that keeps everything in memory."""

import json
import secrets
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

from boto3.session import Session
from botocore.config import Config
from cryptography.hazmat.primitives.serialization import Encoding

from portal.accounts.certificates import issue_for_host, new_authority
from portal.core import clock
from tests.services import require_service

KEY = "portal-of-tests"
SECRET = "a/secret+with@signs:and-more"
NAME = "store.portal.test"
"""What it is called where buckets have names of their own: BUCKET.store.portal.test, to which no server of names leads."""
_ANSWERS_WITHIN = 60.0
_CONF = """
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{mon_port}
public addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
run dir = {folder}
admin socket = {folder}/$name.asok
log file =
mon cluster log file = /dev/null
mon data = {folder}/mon
mon data avail warn = 1
mon data avail crit = 1
mon allow pool size one = true
paxos propose interval = 0.05
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 1073741824
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
rgw frontends = beast endpoint=127.0.0.1:{port} ssl_endpoint=127.0.0.1:{tls_port} ssl_certificate={folder}/server.pem
rgw dns name = {name}
rgw thread pool size = 32
rgw enable usage log = false
rgw run sync thread = false
rgw enable quota threads = false
"""


class NotUp(Exception):
    """A part of the store did not begin to answer in time."""


@dataclass
class Store:
    """A running store; `gateway` is the process that can go away and come back with everything still there."""

    folder: Path
    port: int
    tls_port: int
    gateway: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def url(self, bucket: str, prefix: str = "", secret: str = SECRET) -> str:
        """This function will return the portal's setting for a bucket of it."""
        return f"s3://{KEY}:{quote(secret, safe='')}@127.0.0.1:{self.port}/{bucket}{prefix}?tls=0"

    @property
    def authority(self) -> Path:
        """The authority of the certificate that it shows to those who speak TLS."""
        return self.folder / "authority.pem"

    def named_url(self, bucket: str, prefix: str = "", options: str = "") -> str:
        """This function will return the portal's setting for a bucket that has a name of its own, over TLS."""
        return (
            f"s3://{KEY}:{quote(SECRET, safe='')}@{NAME}:{self.tls_port}/{bucket}{prefix}?addressing=virtual{options}"
        )

    def client(self) -> Any:
        """This function will return a client of the tests' own, with every right."""
        return _client(self.endpoint)

    def new_bucket(self) -> str:
        """This function will make an empty bucket of a name never used before."""
        name = f"pub-{secrets.token_hex(6)}"
        self.client().create_bucket(Bucket=name)
        return name

    def go_away(self) -> None:
        """This function will end the gateway."""
        assert self.gateway is not None
        self.gateway.terminate()
        self.gateway.wait(30)

    def come_back(self) -> None:
        """This function will start the gateway, and wait until it answers."""
        self.gateway = _start(self.folder, "radosgw", "-n", "client.admin", "-f")
        opener = build_opener(ProxyHandler({}))
        _wait(lambda: opener.open(self.endpoint, timeout=5).status == 200)


@cache
def _client(endpoint: str) -> Any:
    return Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
    )


@contextmanager
def ceph(folder: Path) -> Iterator[Store]:
    """This function will run a store until the block ends."""
    for service in ("ceph-mon", "ceph-osd", "radosgw"):
        require_service(service)
    with ExitStack() as ending:
        store = Store(folder, _free_port(), _free_port())
        mon_port, fsid, osd = _free_port(), str(uuid.uuid4()), str(uuid.uuid4())
        ports = {"mon_port": mon_port, "port": store.port, "tls_port": store.tls_port}
        conf = _CONF.format(fsid=fsid, folder=folder, name=NAME, **ports)
        (folder / "ceph.conf").write_text(conf)
        authority = new_authority(clock.now())
        store.authority.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
        (folder / "server.pem").write_text("".join(issue_for_host(authority, f"*.{NAME}", clock.now())))
        for name in ("mon", "osd"):
            (folder / name).mkdir()
        _run(folder, "monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v1:127.0.0.1:{mon_port}]", "monmap")
        _run(folder, "ceph-mon", "--mkfs", "-i", "a", "--monmap", "monmap")
        ending.callback(_end, _start(folder, "ceph-mon", "-i", "a", "-f"))
        # A monitor that has just begun may refuse what it will answer in a moment.
        _wait(lambda: bool(_run(folder, "ceph", "--connect-timeout", "30", "osd", "new", osd)))
        _run(folder, "ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", osd)
        ending.enter_context(_osd(folder))
        who = ("--uid=portal", "--display-name=portal", f"--access-key={KEY}", f"--secret-key={SECRET}")
        _run(folder, "radosgw-admin", "user", "create", *who)
        store.come_back()
        ending.callback(lambda: _end(store.gateway))
        yield store


@contextmanager
def _osd(folder: Path) -> Iterator[None]:
    """The one that keeps the objects. Now and then it misses the monitor's word that it may begin, and waits for ever: it is started anew."""
    for within in (8.0, 16.0, _ANSWERS_WITHIN):
        process = _start(folder, "ceph-osd", "-i", "0", "-f")
        try:
            _wait(lambda: json.loads(_run(folder, "ceph", "osd", "stat", "-f", "json"))["num_up_osds"] == 1, within)
        except NotUp:
            _end(process)
            continue
        try:
            yield
        finally:
            _end(process)
        return
    raise NotUp


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _run(folder: Path, program: str, *arguments: str) -> bytes:
    # A program that takes its own options first is told of its settings by the environment.
    done = subprocess.run(
        [program, *arguments], cwd=folder, env=_environment(folder), capture_output=True, check=False, timeout=90
    )
    if done.returncode != 0:
        raise OSError(f"{program} {arguments}: {done.stderr.decode()}")
    return done.stdout


def _start(folder: Path, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    with (folder / f"{program}.out").open("ab") as out:
        return subprocess.Popen(
            [program, *arguments],
            cwd=folder,
            env=_environment(folder),
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
        )


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CEPH_CONF": str(folder / "ceph.conf"), "HOME": str(folder)}


def _end(process: "subprocess.Popen[bytes] | None") -> None:
    """Nothing that it keeps is wanted any more."""
    if process is not None and process.poll() is None:
        process.kill()
        process.wait(30)


def _wait(is_so: Callable[[], bool], within: float = _ANSWERS_WITHIN) -> None:
    until = time.monotonic() + within
    while True:
        try:
            if is_so():
                return
        except OSError:
            pass
        if time.monotonic() > until:
            raise NotUp
        time.sleep(0.1)

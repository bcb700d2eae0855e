"""A bucket of an S3-compatible store: put, list, delete, and one kind of error for whatever goes wrong there.

A PUT is atomic and is acknowledged when the store keeps it; nobody ever reads half of one. Checksums of newer kinds are sent only where an
operation requires them, because not every store knows them; each PUT carries the MD5 of its bytes instead, which all of them check.
"""

import hashlib
import os
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from portal.core.at_once import THREADS
from portal.core.bucket_address import BucketAddress
from portal.core.errors import Unavailable
from portal.core.messages import N_

_CONNECT_SECONDS = 5
_READ_SECONDS = 30
_REST_SECONDS = 5
_ATTEMPTS = 2
_KEPT_BY_S3 = {
    "Content-Type": "ContentType",
    "Cache-Control": "CacheControl",
    "Content-Disposition": "ContentDisposition",
}
"""The headers that a store gives back as they are, and what boto3 calls them."""
_OF_THE_STORE = frozenset({"ETag", "Accept-Ranges"})
"""Those that it makes itself."""


_making = Lock()
"""Held while boto3 is imported, which two threads at once meet half done, and while a client is made."""


def _forget_lock() -> None:
    global _making
    _making = Lock()


os.register_at_fork(after_in_child=_forget_lock)


class BucketAway(Unavailable):
    """The store does not answer, or refuses; `why` is its code or the kind of trouble, and quotes nothing."""

    def __init__(self, why: str) -> None:
        super().__init__(N_("对象存储没有收下发布文件（%(why)s）。请联系运营中心。", why=why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as a listing shows it; `etag` is the MD5 of its bytes, in hex, unless the store encrypts it with a key of its own."""

    size: int
    etag: str
    modified_at: datetime


class Bucket:
    """The objects below the prefix of one address, named as files below the public folder are. Raises `BucketAway`."""

    def __init__(self, address: BucketAddress) -> None:
        self.address = address
        self._made: tuple[int, Any] | None = None
        self._away: tuple[float, str] | None = None

    def put(self, path: str, body: bytes | Path, md5: bytes, headers: list[tuple[str, str]]) -> None:
        """This function will store an object with these headers; it returns when the store has it whole. `md5` is that of its bytes."""
        with self._asking() as client, _opened(body) as opened:
            client.put_object(
                **self._named(path), Body=opened, ContentMD5=b64encode(md5).decode(), **_arguments(headers)
            )

    def delete(self, path: str) -> None:
        """This function will take an object away; one that is not there is fine."""
        with self._asking() as client:
            client.delete_object(**self._named(path))

    def listed(self, beginning: str) -> dict[str, Stored]:
        """This function will return the objects whose names begin so, by name: one request for each thousand."""
        found: dict[str, Stored] = {}
        with self._asking() as client:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=self.address.bucket, Prefix=self.address.prefix + beginning
            )
            for page in pages:
                for each in page.get("Contents", ()):
                    name = each["Key"].removeprefix(self.address.prefix)
                    found[name] = Stored(each["Size"], each["ETag"].strip('"'), each["LastModified"])
        return found

    def is_listed_to_all(self) -> bool:
        """This function will tell whether a stranger may list the objects, and with them every channel."""
        from botocore.exceptions import ClientError

        with self._asking():
            with _making:
                stranger = _client_of(self.address, signed=False)
            try:
                stranger.list_objects_v2(Bucket=self.address.bucket, Prefix=self.address.prefix, MaxKeys=1)
            except ClientError:
                return False
        return True

    def _named(self, path: str) -> Mapping[str, str]:
        return {"Bucket": self.address.bucket, "Key": self.address.prefix + path}

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        """Give the client, and tell in one word what goes wrong with it. A store that did not answer is left alone for a few seconds.

        Nobody who comes meanwhile waits for it: of many tenants whose files are to be written, the first one does.
        """
        with _making:
            from botocore.exceptions import BotoCoreError, ClientError

        if (away := self._away) is not None and time.monotonic() < away[0]:
            raise BucketAway(away[1])
        try:
            yield self._client()
        except ClientError as error:
            raise BucketAway(str(error.response.get("Error", {}).get("Code") or "ClientError")) from None
        except BotoCoreError as error:
            self._away = (time.monotonic() + _REST_SECONDS, type(error).__name__)
            raise BucketAway(type(error).__name__) from None
        self._away = None

    def _client(self) -> Any:
        """The client of this process: a child that was forked makes its own, as connections cannot be shared."""
        with _making:
            if self._made is None or self._made[0] != os.getpid():
                self._made = (os.getpid(), _client_of(self.address))
            return self._made[1]


def _client_of(address: BucketAddress, *, signed: bool = True) -> Any:
    from boto3.session import Session
    from botocore import UNSIGNED
    from botocore.config import Config

    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        max_pool_connections=THREADS,
        signature_version="s3v4" if signed else UNSIGNED,
        s3={"addressing_style": "virtual" if address.virtual else "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return Session().client(
        "s3",
        endpoint_url=address.endpoint,
        region_name=address.region,
        aws_access_key_id=address.key,
        aws_secret_access_key=address.secret,
        verify=str(address.ca_file) if address.ca_file else None,
        config=config,
    )


def md5_of(body: bytes | Path) -> bytes:
    """This function will return the MD5 of bytes or of a file's, which stores check a PUT by and show in listings."""
    if isinstance(body, bytes):
        return hashlib.md5(body, usedforsecurity=False).digest()
    with body.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()


def _arguments(headers: list[tuple[str, str]]) -> dict[str, Any]:
    """What a store keeps of the headers; the rest is kept as metadata (x-amz-meta-...), for a server in front to make headers of."""
    kept = {_KEPT_BY_S3[name]: value for name, value in headers if name in _KEPT_BY_S3}
    others = {name.lower(): value for name, value in headers if name not in _KEPT_BY_S3 and name not in _OF_THE_STORE}
    return {**kept, "Metadata": others}


@contextmanager
def _opened(body: bytes | Path) -> Iterator[Any]:
    if isinstance(body, bytes):
        yield body
        return
    with body.open("rb") as file:
        yield file

"""Where this installation publishes: the public folder, with a bucket beside it if there is one, and the free space a publication wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.core.bucket_address import BucketAddress
from portal.core.canonical import canonical
from portal.core.files import free_bytes, make_folder
from portal.core.logs import get_logger
from portal.releases.bucket import Bucket, BucketAway
from portal.releases.bucket_files import PublicBucket
from portal.releases.json_schema import pointer_json_schema, zone_json_schema
from portal.releases.mirrored import Mirrored
from portal.releases.store import PublicFolder

PublicStore = PublicFolder | Mirrored

SPARE_BYTES = 16 * 1024 * 1024

_log = get_logger()


@dataclass(frozen=True)
class Site:
    """The public folder of this installation, and the bucket that holds the same."""

    root: Path
    bucket: PublicBucket | None = None

    @property
    def folder(self) -> PublicStore:
        """The folder with its durable writes; with a bucket, both of them."""
        return PublicFolder(self.root) if self.bucket is None else Mirrored(self.root, self.bucket)

    def looked_through(self, *, assets: bool = False) -> PublicStore:
        """This function will return the folder for a look at many tenants: the bucket is listed once. One that is away is left for another time."""
        if self.bucket is None:
            return PublicFolder(self.root)
        folders = ("channels/", "releases/", *(("assets/",) if assets else ()))
        try:
            return Mirrored(self.root, self.bucket.listed_now(*folders))
        except BucketAway as away:
            _log.warning("the bucket of published files cannot be listed", why=away.why)
            return PublicFolder(self.root)

    def holds(self, url: str) -> bool:
        """This function will tell whether the file that a document names by `url` (`/pub/...`) lies in the folder already."""
        return (self.root / url.removeprefix("/pub/")).is_file()

    def has_room_for(self, size: int) -> bool:
        """This function will tell whether `size` more bytes fit, with something to spare."""
        return free_bytes(self.root) > size + SPARE_BYTES


_site: Site | None = None


def configure(root: Path, bucket: BucketAddress | None = None) -> Site:
    """This function will make `root` the folder that this process publishes to, and create it; what is written there goes to `bucket` too."""
    global _site
    make_folder(root, 0o755)
    _site = Site(root, PublicBucket(Bucket(bucket)) if bucket is not None else None)
    return _site


def site() -> Site:
    """This function will return the installation's site; raises `RuntimeError` before `configure`."""
    if _site is None:
        raise RuntimeError("nobody said where to publish")
    return _site


def publish_schemas() -> None:
    """This function will put the two documents' JSON Schemas where box makers find them."""
    schemas = {"pointer-1": pointer_json_schema(), "zone-1": zone_json_schema()}
    with bucket_may_be_away():
        for name, schema in schemas.items():
            site().folder.put_schema(name, canonical(schema))


@contextmanager
def bucket_may_be_away() -> Iterator[None]:
    """This function will let go on what has written to the folder; a job writes to the bucket when it is back."""
    try:
        yield
    except BucketAway as away:
        _log.warning("the bucket of published files took nothing", why=away.why)

"""Where this installation publishes: the public folder, and the free space a publication wants to find there."""

from dataclasses import dataclass
from pathlib import Path

from portal.core.canonical import canonical
from portal.core.files import free_bytes, make_folder
from portal.releases.json_schema import pointer_json_schema, zone_json_schema
from portal.releases.store import PublicFolder

SPARE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Site:
    """The public folder of this installation."""

    root: Path

    @property
    def folder(self) -> PublicFolder:
        """The folder with its durable writes."""
        return PublicFolder(self.root)

    def holds(self, url: str) -> bool:
        """This function will tell whether the file that a document names by `url` (`/pub/...`) lies in the folder already."""
        return (self.root / url.removeprefix("/pub/")).is_file()

    def has_room_for(self, size: int) -> bool:
        """This function will tell whether `size` more bytes fit, with something to spare."""
        return free_bytes(self.root) > size + SPARE_BYTES


_site: Site | None = None


def configure(root: Path) -> Site:
    """This function will make `root` the folder that this process publishes to, and create it."""
    global _site
    make_folder(root, 0o755)
    _site = Site(root)
    return _site


def site() -> Site:
    """This function will return the installation's site; raises `RuntimeError` before `configure`."""
    if _site is None:
        raise RuntimeError("nobody said where to publish")
    return _site


def publish_schemas() -> None:
    """This function will put the two documents' JSON Schemas where box makers find them."""
    site().folder.put_schema("pointer-1", canonical(pointer_json_schema()))
    site().folder.put_schema("zone-1", canonical(zone_json_schema()))

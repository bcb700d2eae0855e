"""A file as the zone document names it. The media room knows where it lies; here it is only described."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class MissingAsset(LookupError):
    """Content names a file that nobody described; nothing must be published that boxes cannot fetch."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"no description of the file {sha256}")
        self.sha256 = sha256


@dataclass(frozen=True, slots=True)
class Variant:
    """The same picture or video in another size; `url` is absolute or path-absolute, `type` a media type."""

    sha256: str
    bytes: int
    type: str
    url: str
    width: int
    height: int

    def to_json(self) -> dict[str, Any]:
        """This function will return the variant as the contract writes it."""
        return {
            "sha256": self.sha256,
            "bytes": self.bytes,
            "type": self.type,
            "url": self.url,
            "width": self.width,
            "height": self.height,
        }


@dataclass(frozen=True, slots=True)
class AssetInfo:
    """A file's main rendition with its variants; sizes in pixels, `seconds` whole and rounded up, `poster` the SHA-256 of a picture."""

    sha256: str
    bytes: int
    type: str
    url: str
    width: int | None = None
    height: int | None = None
    seconds: int | None = None
    poster: str | None = None
    variants: tuple[Variant, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """This function will return the asset as the contract writes it; what does not apply is absent, variants go from small to large."""
        written: dict[str, Any] = {"sha256": self.sha256, "bytes": self.bytes, "type": self.type, "url": self.url}
        for field in ("width", "height", "seconds", "poster"):
            value = getattr(self, field)
            if value is not None:
                written[field] = value
        variants = sorted(self.variants, key=lambda variant: (variant.width, variant.height, variant.sha256))
        written["variants"] = [variant.to_json() for variant in variants]
        return written


class Named:
    """Collects the files that a document names, as it is compiled."""

    def __init__(self, known: Mapping[str, AssetInfo]) -> None:
        self._known = known
        self._named: dict[str, AssetInfo] = {}

    def info(self, sha256: str) -> AssetInfo:
        """This function will return the description of a file and remember that it is named, with its poster; raises `MissingAsset`."""
        found = self._named.get(sha256) or self._known.get(sha256)
        if found is None:
            raise MissingAsset(sha256)
        if sha256 not in self._named:
            self._named[sha256] = found
            if found.poster is not None:
                self.info(found.poster)
        return found

    def to_json(self) -> list[dict[str, Any]]:
        """This function will return every named file once, sorted."""
        return [self._named[sha256].to_json() for sha256 in sorted(self._named)]

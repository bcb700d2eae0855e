"""The public folder and a bucket that holds the same: what is published is in both of them before anybody says that it is.

The folder comes first but for pointers: a channel whose files lie in the folder is told to boxes, and boxes read the bucket. A bucket that is
away is an error like a full disk: the publication waits, says why, and is tried again. What one of the two lacks is found by `missing`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from portal.core.faults import declare, fault_point
from portal.releases.bucket_files import PublicBucket
from portal.releases.expected import ExpectedFile
from portal.releases.public_names import asset_path, document_path, pointer_path, schema_path, signed_pointer_path
from portal.releases.store import NewAsset, NewPointer, PublicFolder

_ASSETS_BEFORE = declare("bucket.1-assets.1-in-folder")
_ASSETS = declare("bucket.1-assets.2-stored")
_DOCUMENTS_BEFORE = declare("bucket.2-documents.1-in-folder")
_DOCUMENTS = declare("bucket.2-documents.2-stored")
_SIGNED = declare("bucket.3-pointers.1-signed")
_POINTERS = declare("bucket.3-pointers.2-stored")
_REMOVED_BEFORE = declare("bucket.4-removal.1-from-folder")
_REMOVED = declare("bucket.4-removal.2-removed")


class Mirrored:
    """The folder at `root` with its bucket; what `PublicFolder` says of a method holds for both. Raises `BucketAway` too."""

    def __init__(self, root: Path, bucket: PublicBucket) -> None:
        self._root = root
        self._folder = PublicFolder(root)
        self._bucket = bucket

    def put_assets(self, assets: Iterable[NewAsset]) -> None:
        """This function will publish all these files."""
        several = tuple(assets)
        self._folder.put_assets(several)
        fault_point(_ASSETS_BEFORE)
        self._bucket.put([{asset_path(asset.sha256, asset.ext): asset.source for asset in several}])
        fault_point(_ASSETS)

    def put_documents(self, documents: Mapping[str, bytes]) -> None:
        """This function will publish all these zone documents, after their gzip variants."""
        self._folder.put_documents(documents)
        fault_point(_DOCUMENTS_BEFORE)
        named = {document_path(sha256): data for sha256, data in documents.items()}
        self._bucket.put([self._variants(named), named])
        fault_point(_DOCUMENTS)

    def put_pointers(self, pointers: Iterable[NewPointer]) -> list[int]:
        """This function will let all these channels point at their new release: signed ones first, as in the folder."""
        several = tuple(pointers)
        signed = {signed_pointer_path(each.channel): each.signed for each in several}
        self._bucket.put([signed, {pointer_path(each.channel): each.data for each in several}], between=_SIGNED)
        fault_point(_POINTERS)
        return self._folder.put_pointers(several)

    def put_schema(self, name: str, data: bytes) -> None:
        """This function will publish a JSON Schema."""
        self._folder.put_schema(name, data)
        self._bucket.put([{schema_path(name): data}])

    def put_key_set(self, data: bytes, signed: bytes | None) -> None:
        """This function will publish a list of release keys; the last signed one stays where nobody has signed this one."""
        self._folder.put_key_set(data, signed)
        rounds = ([{"keys.jws": signed}] if signed is not None else []) + [{"keys.json": data}]
        self._bucket.put([part for named in rounds for part in (self._variants(named), named)])

    def put_roots(self, data: bytes) -> None:
        """This function will publish the steps from root key to root key."""
        self._folder.put_roots(data)
        self._bucket.put([{"roots.json": data}])

    def remove_channel(self, channel: str) -> None:
        """This function will take a channel away from both."""
        self._folder.remove_channel(channel)
        fault_point(_REMOVED_BEFORE)
        for path in (signed_pointer_path(channel), pointer_path(channel)):
            self._bucket.remove([path])
        fault_point(_REMOVED)

    def missing(self, expected: Iterable[ExpectedFile], *, read_assets: bool = False) -> list[ExpectedFile]:
        """This function will return those of the expected files that one of the two lacks, or holds torn or older."""
        several = tuple(expected)
        absent = set(self._folder.missing(several, read_assets=read_assets))
        absent |= set(self._bucket.lacking((file for file in several if file not in absent), self._root))
        return [file for file in several if file in absent]

    def _variants(self, names: Iterable[str]) -> dict[str, Path]:
        """The gzip variants as they lie in the folder."""
        return {f"{name}.gz": self._root / f"{name}.gz" for name in names}

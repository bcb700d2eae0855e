"""Whether a bucket can be worked with, for `portal doctor`."""

import secrets

from portal.core.bucket_address import BucketAddress
from portal.releases.bucket import Bucket, BucketAway, md5_of

_BODY = b"portal doctor"


def weaknesses(address: BucketAddress) -> list[str]:
    """This function will store an object, list it and take it away, and return what should be better; raises `BucketAway`."""
    bucket, name = Bucket(address), f"doctor-{secrets.token_hex(8)}"
    md5 = md5_of(_BODY)
    bucket.put(name, _BODY, md5, [("Content-Type", "text/plain")])
    try:
        stored = bucket.listed(name).get(name)
        if stored is None or stored.size != len(_BODY):
            raise BucketAway("ListsNothing")
    finally:
        bucket.delete(name)
    found = []
    if stored.etag != md5.hex():
        found.append(
            "it shows no MD5 of what it holds, as with keys of its own (SSE-KMS), so that everything is stored anew at each look: encrypt with SSE-S3"
        )
    if bucket.is_listed_to_all():
        found.append("everybody can list it, and with it every channel: allow strangers s3:GetObject and nothing else")
    return found

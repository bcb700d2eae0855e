"""The address of a bucket of an S3-compatible store, as one setting holds it: s3://KEY:SECRET@HOST[:PORT]/BUCKET[/PREFIX]?region=..."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from portal.core.settings_values import is_loopback, parse_switch

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_OPTIONS = ("region", "tls", "addressing", "ca")
_FORM = "must be s3://KEY:SECRET@HOST/BUCKET or s3://KEY:SECRET@HOST:PORT/BUCKET/PREFIX, with ?region=... where the store has regions"


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """Where published files are also written; the secret shows up in no text of it."""

    endpoint: str
    key: str
    secret: str = field(repr=False)
    bucket: str
    prefix: str
    region: str
    virtual: bool
    ca_file: Path | None = None

    def __str__(self) -> str:
        return f"{self.endpoint}/{self.bucket}/{self.prefix}"


def parse_bucket_url(text: str) -> BucketAddress:
    """This function will return the address of a bucket; `prefix` is empty or ends with a slash.

    Options: `region` (us-east-1), `tls` (1; 0 on this machine alone), `addressing` (virtual: BUCKET.HOST, or path: HOST/BUCKET, which
    addresses without a name have by default), `ca` (a file with the authority of the store's certificate).
    """
    parts = _split(text)
    host, options = parts.hostname or "", _options(parts.query)
    bucket, _, prefix = parts.path.strip("/").partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise ValueError(
            f"{_FORM}; the BUCKET is missing, or its name is none: 3 to 63 small letters, digits, dots and hyphens"
        )
    if prefix and not _PREFIX.fullmatch(prefix):
        raise ValueError(
            "may have letters, digits, dots, hyphens and underscores in its PREFIX, with / between its parts"
        )
    virtual = _is_virtual(options.get("addressing"), host)
    return BucketAddress(
        endpoint=f"{_scheme(options.get('tls'), host)}://{parts.netloc.rpartition('@')[2].lower()}",
        key=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
        bucket=bucket,
        prefix=f"{prefix}/" if prefix else "",
        region=options.get("region", "us-east-1"),
        virtual=virtual,
        ca_file=Path(options["ca"]).expanduser().absolute() if "ca" in options else None,
    )


def _split(text: str) -> SplitResult:
    """The parts of a text that is an address with key and secret. What the library says of a wrong one would quote the secret."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError(f"{_FORM}; write / + @ and : in KEY and SECRET as %2F %2B %40 and %3A") from None
    if parts.scheme != "s3" or not parts.hostname or parts.fragment:
        raise ValueError(f"{_FORM}; write / + @ and : in KEY and SECRET as %2F %2B %40 and %3A")
    if not parts.username or not parts.password:
        raise ValueError(f"{_FORM}; KEY and SECRET are missing, without which nothing can be written there")
    return parts


def _options(query: str) -> dict[str, str]:
    given = parse_qs(query, keep_blank_values=True)
    unknown = sorted(given.keys() - set(_OPTIONS))
    if unknown or any(len(values) > 1 or not values[0] for values in given.values()):
        raise ValueError(
            f"may end with {', '.join(_OPTIONS)}, each once and with a value, as in ?region=eu-central-1&addressing=path"
        )
    return {name: values[0] for name, values in given.items()}


def _scheme(tls: str | None, host: str) -> str:
    try:
        encrypted = parse_switch(tls or "1")
    except ValueError:
        raise ValueError("must say tls=1 or tls=0") from None
    if not encrypted and not is_loopback(host):
        raise ValueError(
            "says tls=0 for a store on another machine, so that anybody on the way could change what boxes get: take it out"
        )
    return "https" if encrypted else "http"


def _is_virtual(addressing: str | None, host: str) -> bool:
    nameless = _is_address(host) or host == "localhost"
    if addressing not in {None, "path", "virtual"}:
        raise ValueError("must say addressing=virtual (BUCKET.HOST) or addressing=path (HOST/BUCKET)")
    if addressing == "virtual" and nameless:
        raise ValueError("says addressing=virtual, which needs a host with a name: write addressing=path")
    return not nameless if addressing is None else addressing == "virtual"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True

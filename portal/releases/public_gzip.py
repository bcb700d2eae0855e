"""The gzip variant that lies beside a document."""

import gzip
import struct
import zlib

_TRAILER = struct.Struct("<II")


def gzip_of(data: bytes) -> bytes:
    """This function will compress bytes so that equal bytes give equal files: no time and no name in the header."""
    return gzip.compress(data, 9, mtime=0)


def gzip_holds(squeezed: bytes, data: bytes) -> bool:
    """This function will say whether a gzip file ends with checksum and length of exactly these bytes (RFC 1952, 2.3.1).

    A file cut short, of another document or of none fails; nothing is decompressed.
    """
    return squeezed[-_TRAILER.size :] == _TRAILER.pack(zlib.crc32(data), len(data) & 0xFFFFFFFF)

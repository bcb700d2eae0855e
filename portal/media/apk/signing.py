"""The signature of an app, verified by ourselves: APK Signature Scheme v2 and v3 (source.android.com/docs/security/features/apksigning).

The signature covers every byte of the file but its own block. The scheme of the archive's entries (v1) counts for nothing here: it
leaves bytes uncovered.
"""

import hashlib
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from portal.media.apk.archive import Layout
from portal.media.limits import APKS

_MAGIC: Final = b"APK Sig Block 42"
_V2, _V3, _V31 = 0x7109871A, 0xF05368C0, 0x1B93AD61
_ROTATED, _STRIPPED = 0x3BA06F8C, 0xBEEFF00D
_CHUNK: Final = 1 << 20
_END_DIRECTORY: Final = 16  # where the end record names the directory


class Unsigned(Exception):
    """There is no signature of scheme v2 or v3."""


class BadSignature(Exception):
    """The signature does not hold: something was changed after it, or it was never right."""


class OtherSignature(Exception):
    """The signature is of a kind that the portal does not take: several signers, or a rotated key."""


@dataclass(frozen=True)
class Algorithm:
    """One signature algorithm: the digest of contents and message, and how a public key checks it."""

    digest: str
    pad: Any  # None for ECDSA

    @property
    def hash(self) -> hashes.HashAlgorithm:
        """The digest as cryptography names it."""
        return hashes.SHA256() if self.digest == "sha256" else hashes.SHA512()


def _pss(digest: hashes.HashAlgorithm, salt: int) -> padding.PSS:
    return padding.PSS(padding.MGF1(digest), salt)


# From weak to strong; the strongest one that is there counts, as on Android.
_ALGORITHMS: Final[Mapping[int, Algorithm]] = {
    0x0103: Algorithm("sha256", padding.PKCS1v15()),
    0x0201: Algorithm("sha256", None),
    0x0101: Algorithm("sha256", _pss(hashes.SHA256(), 32)),
    0x0104: Algorithm("sha512", padding.PKCS1v15()),
    0x0202: Algorithm("sha512", None),
    0x0102: Algorithm("sha512", _pss(hashes.SHA512(), 64)),
}


class _Reader:
    """Length-prefixed parts, one after another."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    @property
    def left(self) -> int:
        return len(self.data) - self.at

    def take(self, length: int) -> bytes:
        if length < 0 or length > self.left:
            raise BadSignature("a part does not fit")
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def part(self) -> "_Reader":
        return _Reader(self.take(self.number()))

    def parts(self) -> Iterator["_Reader"]:
        for _ in range(APKS.signature_parts):
            if not self.left:
                return
            yield self.part()
        raise BadSignature("too many parts")


@dataclass(frozen=True)
class _Signer:
    certificate: bytes
    algorithm: int
    digest: bytes
    attributes: Mapping[int, bytes]


def verify(file: BinaryIO, layout: Layout) -> str:
    """This function will return the SHA-256 of the certificate that signed the whole file, 64 hex digits.

    Raises `Unsigned`, `BadSignature`, `OtherSignature`. Every scheme that is there has to hold, all by the same certificate.
    """
    start, blocks = _blocks(file, layout)
    schemes = [(scheme, blocks[scheme]) for scheme in (_V3, _V2) if scheme in blocks]
    if not schemes:
        raise Unsigned
    if _V31 in blocks:
        raise OtherSignature("a rotated key")
    signers = [(scheme, _signer(value, scheme)) for scheme, value in schemes]
    for scheme, signer in signers:
        if _ROTATED in signer.attributes:
            raise OtherSignature("a rotated key")
        if scheme == _V2 and _V3 not in blocks and signer.attributes.get(_STRIPPED, b"")[:4] == b"\x03\0\0\0":
            raise BadSignature("the signature of scheme v3 was taken away")
        if _contents(file, layout, start, _ALGORITHMS[signer.algorithm].digest) != signer.digest:
            raise BadSignature("the contents are not those that were signed")
    certificates = {signer.certificate for _, signer in signers}
    if len(certificates) != 1:
        raise OtherSignature("two schemes by two keys")
    return hashlib.sha256(certificates.pop()).hexdigest()


def _blocks(file: BinaryIO, layout: Layout) -> tuple[int, Mapping[int, bytes]]:
    """This function will return where the block of signatures begins, and its parts by id."""
    foot = 8 + len(_MAGIC)
    if layout.directory < foot + 8:
        raise Unsigned
    file.seek(layout.directory - foot)
    tail = file.read(foot)
    if tail[8:] != _MAGIC:
        raise Unsigned
    (size,) = struct.unpack("<Q", tail[:8])
    start = layout.directory - size - 8
    if size > APKS.signature_bytes or size < foot or start < 0:
        raise BadSignature("a block of absurd length")
    file.seek(start)
    block = file.read(size + 8)
    if block[:8] != tail[:8]:
        raise BadSignature("a block with two lengths")
    return start, dict(_pairs(block[8:-foot]))


def _pairs(data: bytes) -> Iterator[tuple[int, bytes]]:
    at, seen = 0, set()
    while at < len(data):
        if at + 12 > len(data):
            raise BadSignature("a pair does not fit")
        (length,) = struct.unpack_from("<Q", data, at)
        if length < 4 or at + 8 + length > len(data):  # noqa: PLR2004 - the id of a pair
            raise BadSignature("a pair does not fit")
        (key,) = struct.unpack_from("<I", data, at + 8)
        if key in seen:
            raise BadSignature("a scheme twice")
        seen.add(key)
        yield key, data[at + 12 : at + 8 + length]
        at += 8 + length


def _signer(value: bytes, scheme: int) -> _Signer:
    """This function will return the one signer of a scheme's block, its signature over the signed part verified."""
    outer = _Reader(value)
    signers = list(outer.part().parts())
    if outer.left or not signers:
        raise BadSignature("a block without a signer")
    if len(signers) != 1:
        raise OtherSignature("several signers")
    one = signers[0]
    signed = one.take(one.number())
    if scheme == _V3:
        one.take(8)  # for which versions of Android, said again inside
    signatures = {part.number(): part.take(part.number()) for part in one.part().parts()}
    key = one.take(one.number())
    algorithm = next((each for each in reversed(list(_ALGORITHMS)) if each in signatures), None)
    if algorithm is None:
        raise OtherSignature("no algorithm that the portal knows")
    _check(key, algorithm, signatures[algorithm], signed)
    return _read_signed(signed, scheme, algorithm, list(signatures), key)


def _read_signed(signed: bytes, scheme: int, algorithm: int, listed: Sequence[int], key: bytes) -> _Signer:
    inner = _Reader(signed)
    digests = {part.number(): part.take(part.number()) for part in inner.part().parts()}
    certificates = [part.data for part in inner.part().parts()]
    if scheme == _V3:
        inner.take(8)
    attributes = {part.number(): part.take(part.left) for part in inner.part().parts()}
    if list(digests) != list(listed) or not certificates:
        raise BadSignature("digests and signatures do not go together")
    if _public_key(certificates[0]) != key:
        raise BadSignature("the certificate is of another key")
    return _Signer(certificates[0], algorithm, digests[algorithm], attributes)


def _public_key(certificate: bytes) -> bytes:
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise BadSignature("a certificate that cannot be read") from wrong


def _check(key: bytes, algorithm: int, signature: bytes, signed: bytes) -> None:
    how = _ALGORITHMS[algorithm]
    try:
        public = serialization.load_der_public_key(key)
        if isinstance(public, rsa.RSAPublicKey) and how.pad is not None:
            public.verify(signature, signed, how.pad, how.hash)
        elif isinstance(public, ec.EllipticCurvePublicKey) and how.pad is None:
            public.verify(signature, signed, ec.ECDSA(how.hash))
        else:
            raise BadSignature("a key of another kind than its signature")
    except (InvalidSignature, ValueError, UnsupportedAlgorithm) as wrong:
        raise BadSignature("the signature does not hold") from wrong


def _contents(file: BinaryIO, layout: Layout, start: int, digest: str) -> bytes:
    """This function will return the digest over what the signature covers: entries, directory, end record, in pieces of 1 MiB."""
    file.seek(layout.end)
    end = bytearray(file.read(layout.size - layout.end))
    end[_END_DIRECTORY : _END_DIRECTORY + 4] = struct.pack("<I", start)  # as if there were no block
    pieces = hashlib.new(digest)
    count = 0
    found = bytearray()
    for first, length in ((0, start), (layout.directory, layout.end - layout.directory)):
        file.seek(first)
        for at in range(0, length, _CHUNK):
            found += _piece(digest, file.read(min(_CHUNK, length - at)))
            count += 1
    found += _piece(digest, bytes(end))
    pieces.update(b"\x5a" + struct.pack("<I", count + 1) + found)
    return pieces.digest()


def _piece(digest: str, data: bytes) -> bytes:
    return hashlib.new(digest, b"\xa5" + struct.pack("<I", len(data)) + data).digest()

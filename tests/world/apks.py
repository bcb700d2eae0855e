"""Small Android apps made in code: the archive, its binary manifest and resources, and signatures of schemes v2 and v3."""

import hashlib
import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from PIL import Image

V2, V3 = 0x7109871A, 0xF05368C0
ECDSA_SHA256, RSA_SHA256 = 0x0201, 0x0103
_LABEL, _ICON, _NAME, _CODE, _VERSION = 0x01010001, 0x01010002, 0x01010003, 0x0101021B, 0x0101021C
_STRING, _REFERENCE, _NUMBER = 0x03, 0x01, 0x10


@dataclass(frozen=True)
class Key:
    """A signing key with its certificate."""

    private: Any
    certificate: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.certificate).hexdigest()

    @property
    def public(self) -> bytes:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return bytes(self.private.public_key().public_bytes(serialization.Encoding.DER, form))

    def sign(self, data: bytes) -> tuple[int, bytes]:
        """This function will return the algorithm and the signature over `data`."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return RSA_SHA256, self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return ECDSA_SHA256, self.private.sign(data, ec.ECDSA(hashes.SHA256()))


@cache
def key(name: str = "developer", *, is_rsa: bool = False) -> Key:
    """This function will return the key of a developer, made once."""
    private: Any = rsa.generate_private_key(65537, 2048) if is_rsa else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2060, 1, 1, tzinfo=UTC))
        .sign(private, hashes.SHA256())
    )
    return Key(private, made.public_bytes(serialization.Encoding.DER))


@dataclass(frozen=True)
class App:
    """What an app says of itself; `name` is a reference into the resources with a Chinese and an English word."""

    package: str = "cn.com.example.school"
    code: int = 3
    version: str = "1.2.0"
    name: str = "翼校通"
    english: str = "School"
    permissions: tuple[str, ...] = ("android.permission.INTERNET",)
    icon: bytes | None = field(default=None)
    entries: tuple[tuple[str, bytes], ...] = (("classes.dex", b"dex\n035\0" + bytes(200)),)
    split: str | None = None


def icon() -> bytes:
    """This function will return a small picture."""
    file = io.BytesIO()
    Image.new("RGB", (96, 96), (30, 120, 90)).save(file, "PNG")
    return file.getvalue()


def apk(app: App | None = None, signer: Key | None = None, *, schemes: Sequence[int] = (V2, V3)) -> bytes:
    """This function will return a signed app."""
    return signed(unsigned(app or App()), signer or key(), schemes=schemes)


def unsigned(app: App) -> bytes:
    """This function will return an app's archive without any signature."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("AndroidManifest.xml", manifest(app)), ("resources.arsc", resources(app)), *app.entries):
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data)
        if app.icon is not None:
            archive.writestr(zipfile.ZipInfo("res/icon.png", (2024, 1, 1, 0, 0, 0)), app.icon)
    return file.getvalue()


def signed(
    data: bytes, signer: Key, *, schemes: Sequence[int] = (V2, V3), change: Callable[[bytes], bytes] | None = None
) -> bytes:
    """This function will put the block of signatures before the directory; `change` alters the signed part after signing."""
    directory = struct.unpack("<I", data[-6:-2])[0]
    contents, entries, end = data[:directory], data[directory:-22], data[-22:]
    digest = _digest((contents, entries, end))
    pairs = b""
    for scheme in schemes:
        value = _scheme(scheme, signer, digest, change, has_v3=V3 in schemes)
        pairs += struct.pack("<QI", len(value) + 4, scheme) + value
    size = struct.pack("<Q", len(pairs) + 24)
    block = size + pairs + size + b"APK Sig Block 42"
    return contents + block + entries + end[:16] + struct.pack("<I", directory + len(block)) + end[20:]


def _scheme(scheme: int, signer: Key, digest: bytes, change: Callable[[bytes], bytes] | None, *, has_v3: bool) -> bytes:
    algorithm, _ = signer.sign(b"")
    range_ = struct.pack("<II", 24, 0x7FFFFFFF) if scheme == V3 else b""
    stripping = lp(struct.pack("<II", 0xBEEFF00D, 3)) if scheme == V2 and has_v3 else b""
    inner = lp(lp(struct.pack("<I", algorithm) + lp(digest))) + lp(lp(signer.certificate)) + range_ + lp(stripping)
    _, signature = signer.sign(inner)
    inner = change(inner) if change else inner
    one = lp(inner) + range_ + lp(lp(struct.pack("<I", algorithm) + lp(signature))) + lp(signer.public)
    return lp(lp(one))


def _digest(sections: Sequence[bytes]) -> bytes:
    pieces = [section[at : at + (1 << 20)] for section in sections for at in range(0, len(section), 1 << 20)]
    each = b"".join(hashlib.sha256(b"\xa5" + struct.pack("<I", len(piece)) + piece).digest() for piece in pieces)
    return hashlib.sha256(b"\x5a" + struct.pack("<I", len(pieces)) + each).digest()


def lp(data: bytes) -> bytes:
    """This function will put the length of `data` before it."""
    return struct.pack("<I", len(data)) + data


def _pool(strings: Sequence[str]) -> bytes:
    offsets, data = b"", b""
    for text in strings:
        offsets += struct.pack("<I", len(data))
        raw = text.encode()
        data += bytes([len(text), len(raw)]) + raw + b"\0"
    data += bytes(-len(data) % 4)
    head = 28
    size = head + len(offsets) + len(data)
    return struct.pack("<HHIIIIII", 1, head, size, len(strings), 0, 0x100, head + len(offsets), 0) + offsets + data


def manifest(app: App) -> bytes:
    """This function will return the binary manifest of an app."""
    ids = [_LABEL, _ICON, _NAME, _CODE, _VERSION]
    strings = [
        "label",
        "icon",
        "name",
        "versionCode",
        "versionName",
        "package",
        "split",
        "manifest",
        "uses-permission",
        "application",
    ]
    values = [app.package, app.version, *app.permissions, *([app.split] if app.split else [])]
    pool = [*strings, "http://schemas.android.com/apk/res/android", *values]
    at = {text: index for index, text in reversed(list(enumerate(pool)))}
    android = at["http://schemas.android.com/apk/res/android"]

    def attribute(name: str, kind: int, number: int) -> bytes:
        namespace = 0xFFFFFFFF if name in {"package", "split"} else android
        raw = number if kind == _STRING else 0xFFFFFFFF
        return struct.pack("<IIIHBBI", namespace, at[name], raw, 8, 0, kind, number)

    def start(name: str, *attributes: bytes) -> bytes:
        body = struct.pack("<IIIIHHHHHH", 1, 0xFFFFFFFF, 0xFFFFFFFF, at[name], 20, 20, len(attributes), 0, 0, 0)
        body += b"".join(attributes)
        return struct.pack("<HHI", 0x0102, 16, len(body) + 8) + body

    def stop(name: str) -> bytes:
        return struct.pack("<HHIIIII", 0x0103, 16, 24, 1, 0xFFFFFFFF, 0xFFFFFFFF, at[name])

    top = [
        attribute("versionCode", _NUMBER, app.code),
        attribute("versionName", _STRING, at[app.version]),
        attribute("package", _STRING, at[app.package]),
        *([attribute("split", _STRING, at[app.split])] if app.split else []),
    ]
    body = start("manifest", *top)
    for name in app.permissions:
        body += start("uses-permission", attribute("name", _STRING, at[name])) + stop("uses-permission")
    shown = [attribute("label", _REFERENCE, 0x7F010000)]
    if app.icon is not None:
        shown.append(attribute("icon", _REFERENCE, 0x7F020000))
    body += start("application", *shown) + stop("application") + stop("manifest")
    map_ = struct.pack("<HHI", 0x0180, 8, 8 + 4 * len(ids)) + struct.pack(f"<{len(ids)}I", *ids)
    inner = _pool(pool) + map_ + body
    return struct.pack("<HHI", 3, 8, 8 + len(inner)) + inner


def resources(app: App) -> bytes:
    """This function will return a table with the app's name in Chinese and otherwise, and its icon."""
    pool = _pool([app.name, app.english, "res/icon.png"])
    types, keys = _pool(["string", "drawable"]), _pool(["name", "icon"])

    def entry(type_: int, string: int, language: bytes = b"\0\0", density: int = 0) -> bytes:
        config = struct.pack("<II2s2sBBH", 28, 0, language, b"\0\0", 0, 0, density) + bytes(12)
        head = 20 + len(config)
        value = struct.pack("<HHI", 8, 0, type_ - 1) + struct.pack("<HBBI", 8, 0, _STRING, string)
        size = head + 4 + len(value)
        return (
            struct.pack("<HHIBBHII", 0x0201, head, size, type_, 0, 0, 1, head + 4)
            + config
            + struct.pack("<I", 0)
            + value
        )

    def spec(type_: int) -> bytes:
        return struct.pack("<HHIBBHI", 0x0202, 16, 20, type_, 0, 0, 1) + struct.pack("<I", 0)

    body = types + keys + spec(1) + entry(1, 1) + entry(1, 0, b"zh") + spec(2) + entry(2, 2, density=320)
    head = 288
    name = app.package.encode("utf-16-le")[:254].ljust(256, b"\0")
    package = struct.pack("<HHII", 0x0200, head, head + len(body), 0x7F) + name
    package += struct.pack("<IIIII", head, 2, head + len(types), 2, 0) + body
    return struct.pack("<HHII", 2, 12, 12 + len(pool) + len(package), 1) + pool + package


def bomb(size: int = 600 << 20) -> bytes:
    """This function will return a signed app with an entry of `size` zeros, made in little memory."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("AndroidManifest.xml", manifest(App()))
        with archive.open("assets/zero", "w", force_zip64=False) as entry:
            for _ in range(size >> 20):
                entry.write(bytes(1 << 20))
    return signed(file.getvalue(), key())


def other(app: App | None = None, **more: Any) -> App:
    """This function will return the app changed in some respects."""
    return replace(app or App(), **more)

"""Apps read and verified by ourselves: what is taken is what it says, and every altered byte is found."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.errors import Refused
from portal.media.apk.reading import Apk, read_apk
from tests.world import apks
from tests.world.apks import V2, V3, App

WHOLE = apks.apk(App(icon=apks.icon()), schemes=(V3,))  # one scheme: with two, either alone covers the contents


def read(data: bytes, folder: Path) -> Apk:
    path = folder / "app.apk"
    path.write_bytes(data)
    return read_apk(path)


def code_of(data: bytes, folder: Path) -> str:
    with pytest.raises(Refused) as refused:
        read(data, folder)
    return refused.value.code


@pytest.mark.parametrize("schemes", [(V2,), (V3,), (V2, V3)])
@pytest.mark.parametrize("is_rsa", [False, True])
def test_an_app_is_what_it_says_and_whose_signature_it_bears(
    schemes: tuple[int, ...], is_rsa: bool, tmp_path: Path
) -> None:
    signer = apks.key("school", is_rsa=is_rsa)
    permissions = ("android.permission.INTERNET", "android.permission.CAMERA")

    apk = read(apks.apk(App(icon=apks.icon(), permissions=permissions), signer, schemes=schemes), tmp_path)

    assert apk == Apk(
        package="cn.com.example.school",
        version_code=3,
        version_name="1.2.0",
        name="翼校通",
        permissions=tuple(sorted(permissions)),
        min_sdk=1,
        signer_sha256=signer.sha256,
        icon=apks.icon(),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(WHOLE) - 1), bit=st.integers(0, 7))
def test_no_bit_can_be_turned(at: int, bit: int, tmp_path: Path) -> None:
    data = bytearray(WHOLE)
    data[at] ^= 1 << bit

    assert code_of(bytes(data), tmp_path).startswith("apk_")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.integers(1, len(WHOLE) - 1))
def test_no_end_can_be_cut_off(length: int, tmp_path: Path) -> None:
    assert code_of(WHOLE[:length], tmp_path).startswith("apk_")


def test_signed_part_that_was_changed_after_signing(tmp_path: Path) -> None:
    """The digest of other contents under the old signature: the check of contents alone would pass it."""
    plain = apks.unsigned(apks.other(code=9))
    honest = apks.signed(plain, apks.key())
    forged = apks.signed(plain, apks.key(), change=lambda inner: inner[:-1] + bytes([inner[-1] ^ 1]))

    assert read(honest, tmp_path).version_code == 9
    assert code_of(forged, tmp_path) == "apk_signature"


def test_somebody_else_s_key_beside_a_good_certificate(tmp_path: Path) -> None:
    """Signed by a stranger, with the certificate of the real developer in the signed part."""
    stranger = apks.key("stranger")
    posing = apks.Key(stranger.private, apks.key().certificate)

    assert code_of(apks.apk(signer=posing), tmp_path) == "apk_signature"


def test_a_stripped_stronger_signature_is_missed(tmp_path: Path) -> None:
    both = apks.apk()
    pairs_at = both.index(struct.pack("<I", V3))
    renamed = both[:pairs_at] + struct.pack("<I", 0x12345678) + both[pairs_at + 4 :]

    assert code_of(renamed, tmp_path) == "apk_signature"


def test_two_keys_for_two_schemes(tmp_path: Path) -> None:
    plain = apks.unsigned(App())
    one, other = apks.signed(plain, apks.key("a"), schemes=(V2,)), apks.signed(plain, apks.key("b"), schemes=(V3,))
    first, second = (data[_block(data) : struct.unpack("<I", data[-6:-2])[0]] for data in (one, other))
    pairs = first[8:-24] + second[8:-24]
    size = struct.pack("<Q", len(pairs) + 24)
    block = size + pairs + size + b"APK Sig Block 42"
    directory = struct.unpack("<I", plain[-6:-2])[0]
    both = plain[:directory] + block + plain[directory:-6] + struct.pack("<I", directory + len(block)) + plain[-2:]

    assert code_of(both, tmp_path) in {"apk_signer_kind", "apk_signature"}


def _block(data: bytes) -> int:
    directory = struct.unpack("<I", data[-6:-2])[0]
    return directory - struct.unpack("<Q", data[directory - 24 : directory - 16])[0] - 8


def _archive(*entries: tuple[str, bytes], comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data)
        archive.comment = comment
    return file.getvalue()


def _overlapping() -> bytes:
    """Two entries of the directory that share one entry's bytes."""
    data = _archive(("a", b"x" * 100), ("b", b"y" * 100))
    directory = struct.unpack("<I", data[-6:-2])[0]
    second = data.index(b"PK\x01\x02", directory + 1)
    return data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :]


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "apk_empty"),
    "a picture": (apks.icon, "apk_type"),
    "a page": (lambda: b"<html>" * 100, "apk_type"),
    "unsigned": (lambda: apks.unsigned(App()), "apk_unsigned"),
    "a plain archive": (lambda: apks.signed(_archive(("a.txt", b"x")), apks.key()), "apk_broken"),
    "a part of an app": (lambda: apks.apk(apks.other(split="config.zh")), "apk_split"),
    "no version": (lambda: apks.apk(apks.other(code=0)), "apk_manifest"),
    "a package that is none": (lambda: apks.apk(apks.other(package="school")), "apk_manifest"),
    "a manifest of text": (
        lambda: apks.signed(_archive(("AndroidManifest.xml", b"<manifest/>")), apks.key()),
        "apk_broken",
    ),
    "a bomb": (lambda: apks.bomb(64 << 20), "apk_bomb"),
    "entries that overlap": (lambda: apks.signed(_overlapping(), apks.key()), "apk_bomb"),
    "a name that climbs": (lambda: apks.signed(_archive(("../../etc/passwd", b"x")), apks.key()), "apk_broken"),
    "a name from the root": (lambda: apks.signed(_archive(("/etc/passwd", b"x")), apks.key()), "apk_broken"),
    "something behind the end": (lambda: WHOLE + b"x", "apk_broken"),
    "a comment": (lambda: _archive(("a", b"x"), comment=b"PK\x05\x06"), "apk_broken"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_app_is_refused(name: str, tmp_path: Path) -> None:
    make, expected = BAD[name]

    assert code_of(make(), tmp_path) == expected


def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    """Android installs one of them and a reader shows the other."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = _archive(
            ("AndroidManifest.xml", apks.manifest(App())), ("AndroidManifest.xml", apks.manifest(apks.other(code=99)))
        )

    assert code_of(apks.signed(data, apks.key()), tmp_path) == "apk_broken"


def test_words_of_a_stranger_are_one_line(tmp_path: Path) -> None:
    apk = read(apks.apk(apks.other(name="校\u202e园\n通", version="1\t2")), tmp_path)

    assert (apk.name, apk.version_name) == ("校 园 通", "1 2")

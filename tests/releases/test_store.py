"""The public folder: what lies in it is whole, in the contract's places, and never ahead of what it points to."""

import errno
import gzip
import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.core import faults
from portal.core.files import TEMPORARY_PREFIX, DiskFull
from portal.releases import store
from portal.releases.expected import expected_asset, expected_document, expected_pointer, expected_signed_pointer
from portal.releases.store import NewAsset, NewPointer, PublicFolder, WrongBytes

CHANNEL = "0123456789abcdef" * 2
POINTS = [name for name in faults.declared() if name.startswith("public.")]
SIGNED = b"signed"
IN_ORDER = ["linked", "copied", "document", "pointer"]

CHILD = """
import hashlib, json, sys
from pathlib import Path
from portal.releases.store import PublicFolder

root, *steps = sys.argv[1:]
folder, channel = PublicFolder(Path(root) / "pub"), "0123456789abcdef" * 2
sources = {"linked": Path(root) / "linked", "copied": Path(root) / "copied"}
for name, mode in (("linked", 0o644), ("copied", 0o600)):
    sources[name].write_bytes(name.encode())
    sources[name].chmod(mode)
assets = [hashlib.sha256(name.encode()).hexdigest() for name in sources]
document = json.dumps({"assets": assets}).encode()
release = hashlib.sha256(document).hexdigest()
for step in steps:
    if step in sources:
        folder.put_asset(hashlib.sha256(step.encode()).hexdigest(), "png", sources[step])
    elif step == "document":
        folder.put_document(release, document)
    elif step == "pointer":
        folder.put_pointer(channel, json.dumps({"release": release}).encode(), 1_700_000_000, b"signed")
    elif step == "removal":
        folder.remove_channel(channel)
"""


def publish(root: Path, steps: list[str], point: str = "") -> int:
    environment = {**os.environ, faults.VARIABLE: point, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", CHILD, str(root), *steps]
    return subprocess.run(command, env=environment, check=False, timeout=60).returncode


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def is_whole(path: Path) -> bool:
    return path.is_file() and sha256(path.read_bytes()) == path.name.partition(".")[0]


def dangling(pub: Path) -> list[str]:
    """What the pointers of a folder promise and a box would not find, or not find whole."""
    promised = []
    for pointer in pub.glob("channels/*/current.json"):
        document = pub / "releases" / f"{json.loads(pointer.read_bytes())['release']}.json"
        promised.append(document)
        if is_whole(document):
            assert gzip.decompress(Path(f"{document}.gz").read_bytes()) == document.read_bytes()
            promised += [pub / "assets" / f"{asset}.png" for asset in json.loads(document.read_bytes())["assets"]]
    return [path.name for path in promised if not is_whole(path)]


def files_of(pub: Path) -> list[str]:
    return sorted(str(path.relative_to(pub)) for path in pub.rglob("*") if path.is_file())


def source(folder: Path, data: bytes, mode: int = 0o644) -> Path:
    path = folder / "source"
    path.write_bytes(data)
    path.chmod(mode)
    return path


def publish_and_remove(root: Path) -> None:
    folder = PublicFolder(root / "pub")
    for mode in (0o644, 0o600):
        data = f"of mode {mode}".encode()
        folder.put_asset(sha256(data), "png", source(root, data, mode))
        (root / "source").unlink()
    folder.put_document(sha256(b"{}"), b"{}")
    folder.put_pointer(CHANNEL, b"{}", 1_700_000_000, SIGNED)
    folder.remove_channel(CHANNEL)


@pytest.fixture
def pub(tmp_path: Path) -> Path:
    return tmp_path / "pub"


@pytest.fixture
def folder(pub: Path) -> PublicFolder:
    return PublicFolder(pub)


def test_files_lie_in_the_places_of_the_contract(folder: PublicFolder, pub: Path, tmp_path: Path) -> None:
    picture, document = b"picture", b"{}"

    folder.put_asset(sha256(picture), "png", source(tmp_path, picture))
    folder.put_document(sha256(document), document)
    folder.put_pointer(CHANNEL, b"{}", 1_700_000_000, SIGNED)
    folder.put_schema("pointer-1", b"{}")
    folder.put_schema("zone-1", b"{}")

    assert files_of(pub) == sorted(
        [
            f"assets/{sha256(picture)}.png",
            f"channels/{CHANNEL}/current.json",
            f"channels/{CHANNEL}/current.jws",
            f"releases/{sha256(document)}.json",
            f"releases/{sha256(document)}.json.gz",
            "schema/pointer-1.json",
            "schema/zone-1.json",
        ]
    )


def test_asset_shares_its_bytes_with_its_source(folder: PublicFolder, pub: Path, tmp_path: Path) -> None:
    origin = source(tmp_path, b"video")

    folder.put_asset(sha256(b"video"), "mp4", origin)

    assert (pub / "assets" / f"{sha256(b'video')}.mp4").samefile(origin)


def test_asset_only_its_owner_may_read_is_copied_readable(folder: PublicFolder, pub: Path, tmp_path: Path) -> None:
    origin = source(tmp_path, b"video", mode=0o600)

    folder.put_asset(sha256(b"video"), "mp4", origin)

    published = pub / "assets" / f"{sha256(b'video')}.mp4"
    assert published.read_bytes() == b"video"
    assert not published.samefile(origin)
    assert stat.S_IMODE(published.stat().st_mode) == 0o644


def test_asset_torn_before_is_replaced_without_touching_the_other_file(
    folder: PublicFolder, pub: Path, tmp_path: Path
) -> None:
    published = pub / "assets" / f"{sha256(b'video')}.mp4"
    published.parent.mkdir(parents=True)
    published.write_bytes(b"vid")

    folder.put_asset(sha256(b"video"), "mp4", source(tmp_path, b"video"))

    assert published.read_bytes() == b"video"
    assert files_of(pub) == [f"assets/{published.name}"]


def test_asset_of_other_bytes_is_refused(folder: PublicFolder, pub: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongBytes):
        folder.put_asset(sha256(b"video"), "mp4", source(tmp_path, b"something else"))

    assert files_of(pub) == []


def test_document_of_other_bytes_is_refused(folder: PublicFolder, pub: Path) -> None:
    with pytest.raises(WrongBytes):
        folder.put_document(sha256(b"{}"), b"[]")

    assert files_of(pub) == []


def test_document_is_written_once(folder: PublicFolder, pub: Path) -> None:
    folder.put_document(sha256(b"{}"), b"{}")
    before = {path: path.stat().st_ino for path in pub.rglob("*.*")}

    folder.put_document(sha256(b"{}"), b"{}")

    assert {path: path.stat().st_ino for path in pub.rglob("*.*")} == before


@pytest.mark.parametrize("name", ["{}.json", "{}.json.gz"])
@pytest.mark.parametrize("torn", [b"", b"\x00"], ids=["empty", "short"])
def test_document_torn_before_is_written_again(folder: PublicFolder, pub: Path, name: str, torn: bytes) -> None:
    data = json.dumps({"text": "欢迎" * 100}).encode()
    folder.put_document(sha256(data), data)
    (pub / "releases" / name.format(sha256(data))).write_bytes(torn)

    folder.put_document(sha256(data), data)

    assert (pub / "releases" / f"{sha256(data)}.json").read_bytes() == data
    assert gzip.decompress((pub / "releases" / f"{sha256(data)}.json.gz").read_bytes()) == data


def test_gzip_variant_of_equal_bytes_is_equal(tmp_path: Path) -> None:
    data = b'{"schema":"zone/1"}'
    for name in ("one", "other"):
        PublicFolder(tmp_path / name).put_document(sha256(data), data)

    one, other = ((tmp_path / name / "releases" / f"{sha256(data)}.json.gz").read_bytes() for name in ("one", "other"))

    assert one == other
    assert one[4:8] == bytes(4)


def test_pointer_carries_the_time_it_is_given(folder: PublicFolder, pub: Path) -> None:
    carried = folder.put_pointer(CHANNEL, b"{}", 1_700_000_000, SIGNED)

    status = (pub / "channels" / CHANNEL / "current.json").stat()
    assert (carried, status.st_mtime_ns) == (1_700_000_000, 1_700_000_000_000_000_000)


@pytest.mark.parametrize("asked", [1_700_000_000, 1_600_000_000], ids=["same second", "earlier"])
def test_pointer_with_new_bytes_is_always_a_second_later(folder: PublicFolder, pub: Path, asked: int) -> None:
    folder.put_pointer(CHANNEL, b"first", 1_700_000_000, SIGNED)

    carried = folder.put_pointer(CHANNEL, b"other", asked, SIGNED)

    path = pub / "channels" / CHANNEL / "current.json"
    assert (carried, int(path.stat().st_mtime), path.read_bytes()) == (1_700_000_001, 1_700_000_001, b"other")


def test_signed_pointer_is_written_before_the_one_for_tools(
    folder: PublicFolder, pub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.put_pointer(CHANNEL, b"old", 1_700_000_000, b"old signed")
    monkeypatch.setenv(faults.VARIABLE, "public.5-signed-pointer.renamed" + faults.DISK_FULL)

    with pytest.raises(DiskFull):
        folder.put_pointer(CHANNEL, b"new", 1_700_000_009, b"new signed")

    place = pub / "channels" / CHANNEL
    assert ((place / "current.jws").read_bytes(), (place / "current.json").read_bytes()) == (b"new signed", b"old")
    assert (place / "current.jws").stat().st_mtime == 1_700_000_009


def test_pointer_signed_anew_is_dated_later_too(folder: PublicFolder, pub: Path) -> None:
    folder.put_pointer(CHANNEL, b"{}", 1_700_000_000, b"signed")

    folder.put_pointer(CHANNEL, b"{}", 1_700_000_000, b"signed with another key")

    assert (pub / "channels" / CHANNEL / "current.jws").stat().st_mtime == 1_700_000_001


def test_list_of_keys_lies_signed_and_for_tools_with_gzip_beside(folder: PublicFolder, pub: Path) -> None:
    folder.put_key_set(b"{}", b"signed")
    inodes = {path.name: path.stat().st_ino for path in pub.iterdir()}
    folder.put_key_set(b"{}", b"signed")

    assert files_of(pub) == ["keys.json", "keys.json.gz", "keys.jws", "keys.jws.gz"]
    assert gzip.decompress((pub / "keys.jws.gz").read_bytes()) == b"signed"
    assert {path.name: path.stat().st_ino for path in pub.iterdir()} == inodes


def test_list_that_nobody_signed_leaves_the_signed_one(folder: PublicFolder, pub: Path) -> None:
    folder.put_key_set(b"1", b"signed 1")

    folder.put_key_set(b"2", None)

    assert ((pub / "keys.json").read_bytes(), (pub / "keys.jws").read_bytes()) == (b"2", b"signed 1")


def test_pointer_with_the_same_bytes_is_left_alone(folder: PublicFolder, pub: Path) -> None:
    folder.put_pointer(CHANNEL, b"{}", 1_700_000_000, SIGNED)
    inode = (pub / "channels" / CHANNEL / "current.json").stat().st_ino

    carried = folder.put_pointer(CHANNEL, b"{}", 1_700_000_000, SIGNED)

    assert (carried, (pub / "channels" / CHANNEL / "current.json").stat().st_ino) == (1_700_000_000, inode)


def test_document_and_its_variant_are_forced_with_one_look_at_their_folder(
    folder: PublicFolder, pub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.put_document(sha256(b"{}"), b"{}")
    forced: list[bool] = []
    real = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: (forced.append(Path(f"/proc/self/fd/{descriptor}").is_dir()), real(descriptor))
    )

    folder.put_document(sha256(b"{ }"), b"{ }")

    assert forced == [False, False, True]


def test_channel_that_cannot_be_written_keeps_no_other_from_its_pointer(folder: PublicFolder, pub: Path) -> None:
    channels = [f"{number:032x}" for number in range(40)]
    (pub / "channels").mkdir(parents=True)
    for channel in (channels[20], channels[7]):
        (pub / "channels" / channel).write_bytes(b"a file where the folder must be")

    with pytest.raises(OSError, match=channels[7]):
        folder.put_pointers(NewPointer(channel, b"{}", 1_700_000_000, SIGNED) for channel in channels)

    assert len(list(pub.glob("channels/*/current.json"))) == 38


def test_many_files_at_once_are_all_there_when_it_returns(folder: PublicFolder, pub: Path, tmp_path: Path) -> None:
    channels = [f"{number:032x}" for number in range(40)]
    documents = {sha256(data): data for data in (b"%d" % number for number in range(40))}
    assets = [tmp_path / f"asset {number}" for number in range(40)]
    for path in assets:
        path.write_bytes(path.name.encode())

    folder.put_assets(NewAsset(sha256(path.name.encode()), "png", path) for path in assets)
    folder.put_documents(documents)
    carried = folder.put_pointers(NewPointer(channel, channel.encode(), 1_700_000_000, SIGNED) for channel in channels)

    expected = [expected_asset(sha256(path.name.encode()), "png", len(path.name)) for path in assets]
    expected += [expected_document(name, len(data)) for name, data in documents.items()]
    expected += [expected_pointer(channel, channel.encode(), 1_700_000_000) for channel in channels]
    expected += [expected_signed_pointer(channel, SIGNED, 1_700_000_000) for channel in channels]
    assert carried == [1_700_000_000] * 40
    assert folder.missing(expected, read_assets=True) == []
    assert len(files_of(pub)) == 40 + 80 + 80


def test_many_files_at_once_tell_a_full_disk(folder: PublicFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(faults.VARIABLE, "public.6-pointer.synced" + faults.DISK_FULL)

    with pytest.raises(DiskFull):
        folder.put_pointers([NewPointer(f"{number:032x}", b"{}", 1_700_000_000, SIGNED) for number in range(20)])


def test_nothing_at_once_is_nothing(folder: PublicFolder, pub: Path) -> None:
    assert folder.put_pointers([]) == []
    assert files_of(pub) == []


def test_removed_channel_leaves_nothing_and_removing_it_again_is_fine(folder: PublicFolder, pub: Path) -> None:
    other = "f" * 32
    folder.put_pointer(CHANNEL, b"{}", 1_700_000_000, SIGNED)
    folder.put_pointer(other, b"{}", 1_700_000_000, SIGNED)

    folder.remove_channel(CHANNEL)
    folder.remove_channel(CHANNEL)

    assert [path.name for path in (pub / "channels").iterdir()] == [other]


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "a" * 31 + "/", "０" * 64],
)
def test_names_outside_the_contract_are_refused(folder: PublicFolder, pub: Path, tmp_path: Path, name: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: folder.put_asset(name, "png", source(tmp_path, b"")),
        lambda: folder.put_asset(sha256(b""), name, source(tmp_path, b"")),
        lambda: folder.put_pointer(name, b"{}", 0, SIGNED),
        lambda: folder.put_schema(name, b"{}"),
        lambda: folder.remove_channel(name),
        lambda: expected_document(name, 0),
    ]

    for call in calls:
        with pytest.raises(ValueError, match="not a"):
            call()

    assert files_of(pub) == []


def test_missing_names_what_is_absent_torn_or_older(folder: PublicFolder, pub: Path, tmp_path: Path) -> None:
    documents = [f'{{"number":{number}}}'.encode() for number in range(4)]
    for data in documents[:3]:
        folder.put_document(sha256(data), data)
    folder.put_asset(sha256(b"picture"), "png", source(tmp_path, b"picture"))
    folder.put_pointer(CHANNEL, b"pointer", 1_700_000_000, SIGNED)
    (pub / "releases" / f"{sha256(documents[1])}.json").write_bytes(b'{"number":9}')
    (pub / "releases" / f"{sha256(documents[2])}.json.gz").unlink()

    whole = [expected_document(sha256(documents[0]), 12), expected_asset(sha256(b"picture"), "png", 7)]
    whole += [
        expected_pointer(CHANNEL, b"pointer", 1_700_000_000),
        expected_pointer(CHANNEL, b"pointer", 1_600_000_000),
        expected_signed_pointer(CHANNEL, SIGNED, 1_700_000_000),
    ]
    lacking = [expected_document(sha256(data), 12) for data in documents[1:]]
    lacking += [
        expected_pointer(CHANNEL, b"another", 1_700_000_000),
        expected_pointer(CHANNEL, b"pointer", 1_700_000_001),
        expected_signed_pointer(CHANNEL, b"another", 1_700_000_000),
    ]
    lacking += [expected_asset(sha256(b"picture"), "png", 8), expected_pointer("f" * 32, b"pointer", 1_700_000_000)]
    assert folder.missing([*whole, *lacking]) == lacking


def test_missing_reads_assets_when_asked(folder: PublicFolder, pub: Path, tmp_path: Path) -> None:
    folder.put_asset(sha256(b"picture"), "png", source(tmp_path, b"picture", mode=0o600))
    (pub / "assets" / f"{sha256(b'picture')}.png").write_bytes(b"pixture")
    expected = [expected_asset(sha256(b"picture"), "png", 7)]

    assert folder.missing(expected) == []
    assert folder.missing(expected, read_assets=True) == expected


def test_leftovers_of_killed_writers_go_and_nothing_else(folder: PublicFolder, pub: Path) -> None:
    folder.put_pointer(CHANNEL, b"{}", 1_700_000_000, SIGNED)
    for place in ("", "channels", f"channels/{CHANNEL}"):
        (pub / place / f"{TEMPORARY_PREFIX}old").write_bytes(b"")
        os.utime(pub / place / f"{TEMPORARY_PREFIX}old", (0, 0))
    (pub / f"{TEMPORARY_PREFIX}young").write_bytes(b"")

    removed = folder.remove_leftovers(3600)

    assert removed == 3
    assert files_of(pub) == [
        f"{TEMPORARY_PREFIX}young",
        f"channels/{CHANNEL}/current.json",
        f"channels/{CHANNEL}/current.jws",
    ]


def test_every_step_to_disk_has_its_numbered_point() -> None:
    steps = ("written", "synced", "renamed", "durable")
    writes = [
        "public.1-asset-copy",
        "public.2-gzip",
        "public.3-document",
        "public.5-signed-pointer",
        "public.6-pointer",
    ]

    assert sorted(POINTS) == sorted(
        [
            "public.1-asset.1-source-synced",
            "public.1-asset.2-linked",
            "public.1-asset.3-durable",
            *(f"{write}.{step}" for write in writes for step in steps),
            "public.4-channel.1-made",
            "public.7-removal.1-pointers",
            "public.7-removal.2-folder",
        ]
    )


@pytest.mark.parametrize("point", POINTS)
def test_kill_at_any_point_leaves_no_pointer_ahead_and_the_next_run_finishes(tmp_path: Path, point: str) -> None:
    steps = [*IN_ORDER, "removal"] if "removal" in point else IN_ORDER

    killed = publish(tmp_path, steps, point)
    after_kill = dangling(tmp_path / "pub")
    finished = publish(tmp_path, steps)

    assert (killed, after_kill, finished) == (-signal.SIGKILL, [], 0)
    assert dangling(tmp_path / "pub") == []
    assert len(list(tmp_path.glob("pub/channels/*/current.json"))) == ("removal" not in point)
    assert len(list(tmp_path.glob("pub/assets/*.png"))) == 2


@pytest.mark.parametrize(
    ("steps", "point"),
    [
        (["pointer", "linked", "copied", "document"], "public.3-document.written"),
        (["document", "pointer", "linked", "copied"], "public.1-asset.1-source-synced"),
    ],
    ids=["before the document", "before the assets"],
)
def test_pointer_written_too_early_is_caught(tmp_path: Path, steps: list[str], point: str) -> None:
    killed = publish(tmp_path, steps, point)

    assert killed == -signal.SIGKILL
    assert dangling(tmp_path / "pub") != []


@pytest.mark.parametrize("point", POINTS)
def test_full_disk_at_any_point_is_told_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setenv(faults.VARIABLE, point + faults.DISK_FULL)

    with pytest.raises(DiskFull):
        publish_and_remove(tmp_path)

    assert list(tmp_path.rglob(f"{TEMPORARY_PREFIX}*")) == []
    assert [path.name for path in tmp_path.glob("pub/*/*.*") if path.suffix != ".gz" and not is_whole(path)] == []


def test_trouble_of_the_disk_that_is_not_fullness_stays_what_it_is(
    folder: PublicFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_name: str) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(store, "fault_point", failing)

    with pytest.raises(OSError, match="broken"):
        folder.put_pointer(CHANNEL, b"{}", 0, SIGNED)

"""The installation's scanner: what it says counts, whatever else happens refuses, and nothing of it or of the file stays behind."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from portal.core.database import Database
from portal.media import scanning
from portal.media.apk.commands import take_app
from portal.media.commands import add_image
from portal.media.intake import take_file
from portal.media.scanning import KeptOut, Verdict, verdict_on
from portal.media.states import Purpose
from tests.media.conftest import Space
from tests.media.pictures import drawing, encoded
from tests.media.test_commands import events, held
from tests.world.scanner import KNOWS_THE_MARK, MARK, no_scanner, scan_with

__all__ = ["no_scanner"]

pytestmark = pytest.mark.usefixtures("no_scanner")
PHOTO = encoded(drawing(900, 600), "JPEG")


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(PHOTO)
    return path


@pytest.fixture
def database(sqlite: Database) -> Database:
    """No statement here depends on the database."""
    return sqlite


def test_without_a_scanner_every_file_passes(upload: Path) -> None:
    scanning.configure(None)

    assert verdict_on(upload) is Verdict.CLEAN


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ("exit 0", Verdict.CLEAN),
        ("exit 1", Verdict.FOUND),
        ("exit 2", Verdict.UNCHECKED),
        ("exit 127", Verdict.UNCHECKED),
        ("kill -9 $$", Verdict.UNCHECKED),
        ("head -c 100000 /dev/zero; exit 0", Verdict.CLEAN),
    ],
)
def test_its_code_is_its_word(upload: Path, tmp_path: Path, script: str, verdict: Verdict) -> None:
    scan_with(tmp_path, script)

    assert verdict_on(upload) is verdict


def test_program_that_is_not_there_lets_nothing_pass(upload: Path, tmp_path: Path) -> None:
    scanning.configure(str(tmp_path / "gone"))

    assert verdict_on(upload) is Verdict.UNCHECKED


def test_one_that_does_not_end_is_ended_with_all_that_it_started(
    upload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "SCANS", replace(scanning.SCANS, seconds=0.5))
    scan_with(tmp_path, f"sleep 60 & echo $! > {tmp_path}/child; wait")
    began = time.monotonic()

    verdict = verdict_on(upload)

    child = int((tmp_path / "child").read_text())
    assert (verdict, time.monotonic() - began < 5) == (Verdict.UNCHECKED, True)
    assert not _runs(child)


def _runs(process: int) -> bool:
    """Whether a process runs; one that has ended may wait for its parent to notice."""
    for _ in range(50):
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return False
        except OSError:
            return False
        time.sleep(0.05)
    return True


def test_whoever_finds_it_busy_for_too_long_is_refused(
    upload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "SCANS", replace(scanning.SCANS, seconds=0.1))
    scan_with(tmp_path, "exit 0")

    for _ in range(scanning.SCANS.at_once):
        assert scanning._turns.acquire(blocking=False)  # noqa: SLF001 - as other requests hold them
    try:
        busy = verdict_on(upload)
    finally:
        for _ in range(scanning.SCANS.at_once):
            scanning._turns.release()  # noqa: SLF001

    assert (busy, verdict_on(upload)) == (Verdict.UNCHECKED, Verdict.CLEAN)


def test_it_sees_nothing_of_ours_and_nothing_of_the_strangers_words(
    hotel: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SMTP_URL", "smtps://portal:secret@mail.example.com")
    scan_with(tmp_path, f'{{ env; echo "$@"; pwd; }} > {tmp_path}/seen; exit 0')

    with hotel.work() as ctx:
        add_image(ctx, PHOTO, "--help; rm -rf $HOME .jpg", Purpose.ITEM)

    seen = (tmp_path / "seen").read_text()
    assert [word for word in ("secret", "PORTAL_", "--help", "rm -rf", str(Path.home())) if word in seen] == []


def test_arguments_come_before_the_file(upload: Path, tmp_path: Path) -> None:
    scan_with(tmp_path, f'echo "$@" > {tmp_path}/seen')
    scanning.configure(f"{tmp_path}/scanner --fdpass '--config=/a b'")

    verdict_on(upload)

    assert (tmp_path / "seen").read_text().strip() == f"--fdpass --config=/a b {upload}"


@pytest.mark.parametrize(("script", "why", "code"), [("exit 1", "found", 422), ("exit 2", "unchecked", 503)])
def test_picture_that_does_not_pass_leaves_a_record_alone(
    hotel: Space, tmp_path: Path, script: str, why: str, code: int
) -> None:
    scan_with(tmp_path, script)
    before = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("portal-scan-*"))  # noqa: S108 - where the copies would lie

    with pytest.raises(KeptOut) as refused, hotel.work() as ctx:
        add_image(ctx, PHOTO, "大堂.jpg", Purpose.ITEM)

    assert (refused.value.status, refused.value.verdict) == (code, why)
    assert (held(hotel), events()) == ([], ["media.file_kept_out"])
    assert set(Path(os.environ.get("TMPDIR", "/tmp")).glob("portal-scan-*")) == before  # noqa: S108


def test_film_is_scanned_once_though_it_has_to_be_converted(
    hotel: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan_with(tmp_path, f"echo x >> {tmp_path}/calls; exit 0")
    path = tmp_path / "film.mkv"
    path.write_bytes(b"\x1aE\xdf\xa3" + bytes(2000))

    with hotel.work() as ctx:
        take_file(ctx, path, "film.mkv", Purpose.ITEM)

    assert (tmp_path / "calls").read_text().count("x") == 1


def test_film_and_app_that_do_not_pass_are_not_opened(
    hotel: Space, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("portal.media.commands.prepare_video", lambda *_: opened.append("film"))
    monkeypatch.setattr("portal.media.conversion.commands.look_at", lambda *_: opened.append("film"))
    monkeypatch.setattr("portal.media.apk.commands.read_apk", lambda *_: opened.append("app"))
    scan_with(tmp_path, KNOWS_THE_MARK)
    film, app = tmp_path / "film.mp4", tmp_path / "menu.apk"
    film.write_bytes(clip.read_bytes() + MARK)
    app.write_bytes(b"PK\x03\x04" + MARK)

    with hotel.work() as ctx:
        taken = take_file(ctx, film, "film.mp4", Purpose.ITEM)
    with pytest.raises(KeptOut), hotel.work() as ctx:
        take_app(ctx, app, "menu.apk")

    assert (taken.accepted, opened) == (False, [])
    assert events() == ["media.file_kept_out"] * 2

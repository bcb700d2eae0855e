"""Takes what the demo's boxes are said to have sent as pictures of their screens, from the television of a running demo.

`make run` in one terminal, `python -m tools.demo_screens http://localhost:8000 instance/demo.json` in another: for each enterprise with boxes its
desktop, its zone, the ads that run, and what it rests on, as JPEG beside the demo's other pictures. Needs a Chromium.
"""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from portal.cli.demo import reading
from tools import services

FOLDER: Final = reading.FOLDER / "screens"
_SIZE: Final = {"width": 1280, "height": 720}
_KEPT: Final = (960, 540)
_QUALITY: Final = 74
_PAUSE: Final = 1_500
_SHOTS: Final = (
    ("desktop", "tv.player.home()", 1),
    ("zone", "tv.player.open({screen: 'zone'})", 1),
    ("ads", "tv.player.open({screen: 'ads'})", 3),
    ("rest", "tv.player.open({screen: 'rotation'})", 3),
)
_APART: Final = 11_000


def main() -> int:
    """This function will take the pictures and print how many there are."""
    base, told = sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    channels = {one["name"]: one["channels"][0]["channel"] for one in told["tenants"]}
    FOLDER.mkdir(exist_ok=True)
    taken = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=services.browser_path(), args=["--no-sandbox"])
        for source in reading.tenants():
            if "box" in source:
                page = browser.new_page(viewport=_SIZE)
                page.goto(f"{base}/tv/?channel={channels[source['tenant']['name']]}")
                where = source["member"][0]["username"].partition("@")[2]
                for name, data in _taken(page):
                    (FOLDER / f"{where}-{name}.jpg").write_bytes(data)
                    taken += 1
                page.close()
        browser.close()
    sys.stdout.write(f"{taken} pictures in {FOLDER}\n")
    return 0


def _taken(page: Page) -> Iterator[tuple[str, bytes]]:
    page.wait_for_function("() => globalThis.tv?.player?.document")
    page.wait_for_timeout(_PAUSE)
    document: dict[str, Any] = page.evaluate("() => tv.player.document")
    empty = {"zone": not document["zone"]["columns"], "ads": not document["ads"]["playlists"]}
    for name, act, times in _SHOTS:
        if empty.get("zone" if name == "rest" else name):
            continue
        page.evaluate(f"async () => {{ tv.player.home(); {act}; await tv.player.settled; }}")
        for number in range(1, times + 1):
            page.wait_for_timeout(_PAUSE if number == 1 else _APART)
            yield f"{name}-{number}", _small(page.screenshot())


def _small(data: bytes) -> bytes:
    target = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").resize(_KEPT, Image.Resampling.LANCZOS).save(
        target, "JPEG", quality=_QUALITY
    )
    return target.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())

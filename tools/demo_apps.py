"""Makes the demo's apps: `python -m tools.demo_apps` writes `portal/cli/demo_data/apps/`.

They are installation files as far as the portal and a box's package manager read them (manifest, names, icon, permissions, signature of schemes v2 and v3)
and do nothing. Both versions of one app carry the same signature, so they are made together; the key is thrown away.
"""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from portal.core.settings import PROJECT_ROOT
from tests.world.apks import App, apk, key

FOLDER = PROJECT_ROOT / "portal" / "cli" / "demo_data" / "apps"

_INTERNET = "android.permission.INTERNET"
_NETWORK = "android.permission.ACCESS_NETWORK_STATE"
_CONCIERGE = "com.example.yunqi.concierge"
_DIVING = "com.example.yunqi.diving"


def icon(ground: str, mark: str) -> bytes:
    """This function will draw an icon: two waves under a disc."""
    picture = Image.new("RGB", (384, 384), ground)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((132, 68, 252, 188), fill=mark)
    for top in (208, 272):
        pen.arc((40, top, 192, top + 96), 180, 360, fill=mark, width=22)
        pen.arc((192, top - 22, 344, top + 74), 0, 180, fill=mark, width=22)
    file = BytesIO()
    picture.resize((96, 96), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def main() -> None:
    """This function will write the files anew, under new keys."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    blue, teal = icon("#12455c", "#f2d398"), icon("#0b6b6a", "#e8f6f4")
    concierge = {"package": _CONCIERGE, "name": "云栖管家", "english": "Yunqi Concierge", "icon": blue}
    made = {
        "concierge-1.apk": App(code=104, version="1.4.0", permissions=(_INTERNET,), **concierge),
        "concierge-2.apk": App(
            code=200, version="2.0.0", permissions=(_INTERNET, _NETWORK, "android.permission.RECORD_AUDIO"), **concierge
        ),
        "diving-1.apk": App(_DIVING, 7, "1.0.6", "潜水预约", "Diving", (_INTERNET,), teal),
    }
    for name, app in made.items():
        Path(FOLDER / name).write_bytes(apk(app, key("Yunqi demo")))


if __name__ == "__main__":
    main()

"""How many page codes an off-the-shelf OCR reads: Tesseract, told the alphabet, in both of its modes for one line."""

import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

from PIL import Image

from bench.harness import report
from portal.accounts.captcha import drawing, rules
from tools.services import program

PICTURES = 500
MOST_PERCENT = 20.0
_MODES = ("7", "8")  # one line of text, one word
_LARGER = 3


def main() -> int:
    """This function will print the share of page codes that were read, and return 1 where it is over the bound."""
    tesseract = program("tesseract")
    if tesseract is None:
        print("captcha: tesseract is not installed (apt-get install tesseract-ocr)")
        return 1
    with ThreadPoolExecutor(2) as pool:
        read = sum(pool.map(lambda _: is_read(tesseract, rules.new_drawn_code()), range(PICTURES)))
    percent = 100 * read / PICTURES
    report(
        "page codes read by OCR", percent, "%", percent / MOST_PERCENT, bound=f"{MOST_PERCENT:g}%", pictures=PICTURES
    )
    return 0 if percent <= MOST_PERCENT else 1


def is_read(tesseract: str, code: str) -> bool:
    """This function will tell whether one of the modes reads the picture of `code` as `code`."""
    picture = Image.open(BytesIO(drawing.draw(code)))
    with tempfile.TemporaryDirectory(prefix="portal-captcha-") as folder:
        path = Path(folder) / "code.png"
        picture.resize((picture.width * _LARGER, picture.height * _LARGER)).save(path)
        return any(_reading(tesseract, path, mode) == code for mode in _MODES)


def _reading(tesseract: str, path: Path, mode: str) -> str:
    command = [tesseract, str(path), "-", "--psm", mode, "-c", f"tessedit_char_whitelist={rules.LETTERS}"]
    environ = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    # Some pictures make it stop with a signal: then it has read nothing.
    said = subprocess.run(command, capture_output=True, text=True, check=False, env=environ).stdout
    return "".join(said.split()).upper()


if __name__ == "__main__":
    raise SystemExit(main())

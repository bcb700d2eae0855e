"""Lighthouse at the four pages where people spend their day: the sign-in, the dashboard, the slots on the television, the review desk.

`python -m bench.lighthouse` ends with 1 when a score is below its bound. The pages are the demo's, measured as at a desk and as on a phone;
of the scores of several runs the median counts. Lighthouse comes from npm at the first run, into the folder for caches.
"""

import http.client
import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from bench.harness import WrongAnswer, report
from bench.typing import PORTAL, running
from tools.services import browser_path

VERSION = "12.8.2"  # the last for Node 18 to 21
RUNS = 3
LEAST = {"accessibility": 100, "best-practices": 95, "performance": 90}
FORMS = {"desk": ("--preset=desktop",), "phone": ()}
EDITOR, REVIEWER = "wangke@yunqi", "guqing"
_SECONDS = 180
_TRIES = 3


def main() -> int:
    """This function will print each score and return 1 where one is below its bound."""
    program, low = installed(), 0
    with running() as (url, environ):
        for name, username, path in pages(environ):
            for form, arguments in FORMS.items():
                cookie = "" if username is None else cookie_of(username, environ)
                address = led_to(f"{url}{path}", cookie)
                rounds = [scores(program, address, cookie, arguments) for _ in range(RUNS)]
                for category, least in LEAST.items():
                    found = statistics.median(one[category] for one in rounds)
                    report(f"{category} of {name}, {form}", found, "of 100", bound=least, runs=RUNS)
                    low += found < least
    return 1 if low else 0


def pages(environ: Mapping[str, str]) -> list[tuple[str, str | None, str]]:
    """This function will return the pages, with whose they are and where they stand."""
    told = json.loads((Path(environ["PORTAL_INSTANCE_DIR"]) / "demo.json").read_text(encoding="utf-8"))
    home = next(f"/e/{one['enterprise_id']}" for one in told["tenants"] if one["name"].startswith("云栖"))
    return [
        ("the sign-in", None, "/sign-in"),
        ("the dashboard", EDITOR, home),
        ("the slots", EDITOR, f"{home}/content/slots/"),
        ("the review desk", REVIEWER, "/center/review"),
    ]


def installed() -> Path:
    """This function will return Lighthouse's program, fetched from npm where this account has none yet; it says what is missing."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise WrongAnswer("Lighthouse needs Node.js 18.20 or newer with npm (Debian: apt install nodejs npm).")
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zone-portal" / f"lighthouse-{VERSION}"
    program = folder / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fetched = subprocess.run(
            [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--no-save", f"lighthouse@{VERSION}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if fetched.returncode != 0:
            raise WrongAnswer(f"npm could not fetch Lighthouse {VERSION}: {fetched.stderr.strip()[-400:]}")
    return program


def cookie_of(username: str, environ: Mapping[str, str]) -> str:
    """This function will return the header of a new session of a demo account."""
    told = subprocess.run(
        [*PORTAL, "demo", "session", username], env=dict(environ), check=True, capture_output=True, text=True
    )
    return told.stdout.partition("Cookie: ")[2].split()[0]


def led_to(url: str, cookie: str) -> str:
    """This function will return where an address leads in one step, as the desk does to what waits first: Lighthouse takes no cookie along."""
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=30)) as connection:
        connection.request("GET", parts.path, headers={"Cookie": cookie} if cookie else {})
        return urljoin(url, connection.getresponse().getheader("Location", url))


def scores(program: Path, url: str, cookie: str, arguments: tuple[str, ...]) -> Mapping[str, float]:
    """This function will run Lighthouse once and return its scores of 100; raises `WrongAnswer` where it saw another page."""
    headers = json.dumps({"Cookie": cookie} if cookie else {})
    command = [
        str(program), url, "--quiet", "--output=json", "--output-path=stdout", f"--extra-headers={headers}",
        "--chrome-flags=--headless=new --no-sandbox", f"--only-categories={','.join(LEAST)}", *arguments,
    ]  # fmt: skip
    told = _run(command, {**os.environ, "CHROME_PATH": browser_path() or ""})
    if not told["finalDisplayedUrl"].startswith(url):
        raise WrongAnswer(f"{url} led to {told['finalDisplayedUrl']}")
    return {name: told["categories"][name]["score"] * 100 for name in LEAST}


def _run(command: Sequence[str], environ: Mapping[str, str]) -> dict[str, Any]:
    """What Lighthouse found; a trace that it failed to record, as it now and then does, is recorded anew."""
    for _ in range(_TRIES):
        done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False, timeout=_SECONDS)
        if done.returncode == 0:
            found: dict[str, Any] = json.loads(done.stdout)
            return found
    raise WrongAnswer(f"Lighthouse ended with {done.returncode}: {done.stderr.strip()[-400:]}")


if __name__ == "__main__":
    raise SystemExit(main())

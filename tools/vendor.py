"""Fetch the front-end packages that the portal ships under ``static/vendor/``.

Run ``python -m tools.vendor`` to fetch them anew and rewrite the manifest. Nothing is fetched while the portal runs:
the files are committed, and a test compares each with the SHA-256 that the manifest states.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.icons import build

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"


@dataclass(frozen=True)
class Package:
    """One npm package: its exact version and the files taken from it, as (path inside, name under static/vendor).

    A file that is `bundled` is the entry of several ES modules, which esbuild joins into one.
    """

    name: str
    version: str
    files: tuple[tuple[str, str], ...]
    bundled: bool = False

    @property
    def short(self) -> str:
        """This name will mark the package's licence file: the npm name without its scope's punctuation."""
        return self.name.removeprefix("@").replace("/", "-")


# Tabler's JavaScript is left out on purpose: menus are <details>, dialogs are <dialog>, and nothing else needs it.
PACKAGES = (
    Package("@tabler/core", "1.6.1", (("dist/css/tabler.min.css", "tabler.min.css"),)),
    Package("htmx.org", "2.0.11", (("dist/htmx.min.js", "htmx.min.js"),)),
    Package("sortablejs", "1.15.7", (("modular/sortable.esm.js", "sortable.esm.js"),)),
    Package("@simplewebauthn/browser", "14.0.0", (("esm/index.js", "simplewebauthn.esm.js"),), bundled=True),
    Package("hls.js", "1.7.4", (("dist/hls.light.min.mjs", "hls.light.mjs"),)),
    Package("@tabler/icons", "3.51.0", ()),
)
ESBUILD = "esbuild@0.25.12"


def pack(package: Package, folder: Path) -> Path:
    """This function will fetch the package with ``npm pack`` and return the folder of its unpacked files."""
    done = subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    archive = folder / done.stdout.strip().splitlines()[-1]
    target = folder / package.short
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "package"


def sha256(path: Path) -> str:
    """This function will return the SHA-256 of a file's bytes as 64 hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def describe(package: Package, source: Path) -> dict[str, object]:
    """This function will return the package's entry in the manifest, after its files have been copied."""
    licence = f"licences/{package.short}.txt"
    return {
        "name": package.name,
        "version": package.version,
        "licence": json.loads((source / "package.json").read_text(encoding="utf-8"))["license"],
        # A package without a licence file states its licence in the head of the file itself.
        "licence_file": licence if (VENDOR / licence).exists() else None,
        "files": {name: sha256(VENDOR / name) for _, name in package.files},
    }


def copy(package: Package, source: Path) -> None:
    """This function will copy the package's files and its licence below ``static/vendor/``."""
    for inside, name in package.files:
        if package.bundled:
            bundle(package, source / inside, VENDOR / name)
        else:
            (VENDOR / name).write_bytes((source / inside).read_bytes())
    licences = VENDOR / "licences"
    licences.mkdir(parents=True, exist_ok=True)
    for licence in ("LICENSE", "LICENSE.md"):
        if (source / licence).exists():
            (licences / f"{package.short}.txt").write_bytes((source / licence).read_bytes())


def bundle(package: Package, entry: Path, target: Path) -> None:
    """This function will join the ES modules that ``entry`` imports into one file, with esbuild."""
    banner = f"/* {package.name} {package.version}; joined from its ES modules */"
    options = ["--bundle", "--format=esm", "--minify", f"--banner:js={banner}", f"--outfile={target}"]
    subprocess.run(["npx", "--yes", ESBUILD, str(entry), *options], check=True, capture_output=True)


def main() -> None:
    """This function will fetch every package, write the manifest, and build the icon sprite."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    entries = []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            source = pack(package, Path(folder))
            copy(package, source)
            entries.append(describe(package, source))
            if package.name == "@tabler/icons":
                build(source / "icons")
    text = json.dumps({"packages": entries}, indent=2, ensure_ascii=False)
    (VENDOR / "manifest.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

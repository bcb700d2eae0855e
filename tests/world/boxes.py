"""The boxes that docs/ shows to box makers, made to fetch from this process's public folder, also by somebody in between."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from portal.core import clock
from portal.core.settings import PROJECT_ROOT
from portal.releases.site import site

PATH = PROJECT_ROOT / "docs" / "box.py"
FULL_PATH = PROJECT_ROOT / "docs" / "box_full.py"
Between = Callable[[str, bytes], bytes]


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


box = _load(PATH)
with patch.dict(sys.modules, box=box):  # as Python finds it beside the other
    full = _load(FULL_PATH)
Rejected: type[Exception] = box.Rejected


class TestBox(full.FullBox):  # type: ignore[name-defined, misc]
    """A box whose line leads to the public folder; `between` may change what comes by a path."""

    __test__ = False

    def __init__(self, enterprise_id: str, channel: str, root: dict[str, str], folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__("", folder)
        self.remember(root=root, channel=channel, enterprise_id=enterprise_id)
        self.between: Between = lambda _path, data: data
        self.missing: bytes | None = None

    def fetch(self, url: str) -> bytes:
        """This function will read a path of the contract."""
        found = site().root / url.removeprefix("/pub/")
        if not found.exists() and self.missing is not None:
            return self.missing  # what somebody in the line puts where nothing is
        return self.between(url, found.read_bytes())

    def poll(self) -> Any:
        """This function will poll at the moment that the tests' clock shows."""
        self.remember(now=clock.now().isoformat())
        return super().poll()

    def rejection(self) -> str | None:
        """This function will poll and return the code of the fault that the box reports, or None where it took what came."""
        try:
            self.poll()
        except Rejected as rejected:
            return str(rejected.args[0])
        return None

    def texts(self) -> list[str]:
        """This function will return the words of the marquees that the box shows after a poll."""
        shown: dict[str, Any] = self.poll()
        return sorted(line["text"] for line in shown["marquee"])

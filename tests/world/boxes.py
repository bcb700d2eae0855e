"""The box that docs/box.py shows to box makers, made to fetch from this process's public folder, also by somebody in between."""

import importlib.util
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from portal.core import clock
from portal.core.settings import PROJECT_ROOT
from portal.releases.site import site

PATH = PROJECT_ROOT / "docs" / "box.py"
Between = Callable[[str, bytes], bytes]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_box", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


box = _load()
Rejected: type[Exception] = box.Rejected


class TestBox(box.Box):  # type: ignore[name-defined, misc]
    """A box whose line leads to the public folder; `between` may change what comes by a path."""

    __test__ = False

    def __init__(
        self, channel: str, root: dict[str, str], folder: Path, now: Callable[[], datetime] = clock.now
    ) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__("", folder, now)
        self.remember(root=root, channel=channel)
        self.between: Between = lambda _path, data: data
        self.missing: bytes | None = None

    def fetch(self, path: str) -> bytes:
        """This function will read a path of the contract."""
        found = site().root / path.removeprefix("/pub/")
        if not found.exists() and self.missing is not None:
            return self.missing  # what somebody in the line puts where nothing is
        return self.between(path, found.read_bytes())

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

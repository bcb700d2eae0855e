"""A library of its own, and videos that boxes cannot play, made once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.media.conversion import jobs
from tests.media import videos
from tests.media.conftest import clip, hotel, shop, store

__all__ = ["clip", "hotel", "shop", "store"]


@pytest.fixture(autouse=True)
def unfinished(tmp_path: Path) -> Iterator[Path]:
    jobs.stopping.clear()
    yield tmp_path / "unfinished"
    jobs.stopping.clear()


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of VP8 and Vorbis in WebM."""
    path = tmp_path_factory.mktemp("video") / "film.webm"
    return videos.make(path, "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis")

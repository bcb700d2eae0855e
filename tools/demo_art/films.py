"""The films of the demo data: scenes that move, and slide shows of stills with slow pans and cross-fades."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

SIZE = (1280, 720)
FPS = 24
FADE = 0.5  # seconds of cross-fade between two slides
ZOOM = 0.10  # how far a slide is enlarged while it is shown


@dataclass(frozen=True)
class Film:
    """One film: its file's name, its title and either a moving scene or slides."""

    name: str
    title: str
    seconds: int
    scene: str = ""
    slides: tuple[str, ...] = ()


FILMS = (
    Film("hotel/dawn", "湖上日出", 6, scene="hotel/dawn"),
    Film("hotel/welcome", "云栖欢迎你", 8, slides=("hotel/lobby", "hotel/suite", "hotel/breakfast", "hotel/spring")),
    Film("barracks/run", "迎着朝霞的五公里", 6, scene="barracks/run"),
    Film("barracks/convoy", "盘山车队", 6, scene="barracks/convoy"),
    Film("factory/safety", "三分钟安全课", 7, slides=("factory/helmet", "factory/training", "factory/fire")),
    Film("factory/menu", "本周食谱", 8, slides=("factory/menu-board", "factory/lunch", "factory/noodles")),
    Film("shop/ad-run", "云步三代", 5, scene="shop/ad-run"),
    Film("shop/runner", "城市晨跑", 6, scene="shop/runner"),
    Film("hospital/beat", "心跳与血压", 5, scene="hospital/beat"),
    Film("hospital/exercise", "坐姿康复操", 6, scene="hospital/exercise"),
)


def view_of(still: Image.Image, progress: float, index: int) -> Image.Image:
    """This function will return the part of a still seen at a progress of 0 to 1, odd slides moving in, even ones out."""
    zoom = ZOOM * (progress if index % 2 else 1 - progress)
    dx, dy = still.width * zoom / 2, still.height * zoom / 2
    shift = still.width * 0.02 * (progress - 0.5) * (1 if index % 2 else -1)
    shift = max(-dx, min(dx, shift))
    box = (dx + shift, dy, still.width - dx + shift, still.height - dy)
    return still.resize(SIZE, Image.Resampling.BICUBIC, box=box)


def frames_of_slides(film: Film, pictures: Path) -> Iterator[bytes]:
    """This function will yield the frames of a slide show as JPEG bytes; the stills must have been drawn before."""
    stills = [Image.open(pictures / f"{name}.jpg").convert("RGB") for name in film.slides]
    each = film.seconds / len(stills)
    for number in range(film.seconds * FPS):
        now = number / FPS
        index = min(int(now / each), len(stills) - 1)
        inside = now - index * each
        frame = view_of(stills[index], inside / (each + FADE), index)
        if index and inside < FADE:
            before = view_of(stills[index - 1], (inside + each) / (each + FADE), index - 1)
            frame = Image.blend(before, frame, inside / FADE)
        buffer = io.BytesIO()
        frame.save(buffer, "JPEG", quality=94)
        yield buffer.getvalue()

"""Draw the demo data's pictures and films anew, from the scenes in tools/demo_art, with an installed Chromium.

    python tools/draw_demo.py                     every drawn picture, logo, icon, film and media.toml
    python tools/draw_demo.py hotel/lake shop/    only scenes whose name starts so
    python tools/draw_demo.py --traced            the path-traced pictures too (about a minute each on two cores)

Needs the development requirements (playwright, pillow, imageio-ffmpeg), Chromium and the Noto CJK fonts.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import imageio_ffmpeg
from demo_art.films import FILMS, FPS, SIZE, Film, frames_of_slides
from demo_art.traced_list import TRACED, Traced
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, Page, sync_playwright

ART = Path(__file__).parent / "demo_art"
DATA = Path(__file__).parent.parent / "portal" / "cli" / "demo_data"
STATIC = Path(__file__).parent.parent / "static"
OPERATOR = "operator/"
STILL, WIDE, TILE = (1280, 720), (1920, 1080), (852, 486)
QUALITY = 82
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--allow-file-access-from-files",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
ENCODER = f"-v error -y -f image2pipe -c:v mjpeg -framerate {FPS} -i - -f lavfi"
# JPEG frames are of full range; televisions expect limited range and BT.709.
COLOURS = (
    "-vf scale=in_range=pc:out_range=tv:out_color_matrix=bt709,format=yuv420p,"
    "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
)
OUTPUT = (
    f"-shortest -c:v libx264 -profile:v main -level 3.1 {COLOURS} -crf 27 -preset slow -g {FPS * 2} "
    "-c:a aac -b:a 64k -ac 2 -map_metadata -1 -movflags +faststart"
)
# A quiet major chord that swells and fades, so that a viewer hears that the sound works and is not startled.
TONE = "aevalsrc='0.035*(sin(261.6*2*PI*t)+sin(329.6*2*PI*t)+sin(392*2*PI*t))*(0.7+0.3*sin(1.2*PI*t))':s=44100"


def target_of(name: str, suffix: str) -> Path:
    """This function will return where a scene's picture stands: the operator's tiles apart from the tenants' pictures."""
    path = STATIC / name if name.startswith(OPERATOR) else DATA / f"pictures/{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(path.name + suffix)


def save_mark(shot: bytes, target: Path) -> None:
    """This function will save a logo or icon as PNG, cut to what is drawn plus a margin of 4 pixels."""
    picture = Image.open(io.BytesIO(shot)).convert("RGBA")
    left, top, right, bottom = picture.getbbox() or (0, 0, *picture.size)
    picture.crop((max(0, left - 4), top, min(picture.width, right + 4), bottom)).save(target, optimize=True)


def save_photo(shot: bytes, target: Path) -> None:
    """This function will save a screenshot as a progressive JPEG without metadata."""
    Image.open(io.BytesIO(shot)).convert("RGB").save(target, quality=QUALITY, optimize=True, progressive=True)


def draw_stills(page: Page, chosen: Callable[[str], bool]) -> dict[str, str]:
    """This function will draw every chosen scene at the size of its use and return the titles of all scenes by their file."""
    scenes = page.evaluate("Object.entries(SCENES).map(([name, {draw, ...rest}]) => ({name, ...rest}))")
    titles = {}
    for scene in scenes:
        name, mark = scene["name"], bool(scene.get("mark"))
        target = target_of(name, ".png" if mark else ".jpg")
        if target.is_relative_to(DATA):
            titles[target.relative_to(DATA).as_posix()] = scene["title"]
        if not chosen(name):
            continue
        width, height = scene["size"] if mark else TILE if scene.get("tile") else WIDE if scene.get("wide") else STILL
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("(name) => draw(name)", name)
        page.wait_for_timeout(60)
        (save_mark if mark else save_photo)(page.screenshot(omit_background=mark, timeout=120_000), target)
    return titles


def animated_frames(page: Page, film: Film) -> Iterator[bytes]:
    """This function will yield the frames of a scene that moves with t, as JPEG bytes."""
    page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
    count = film.seconds * FPS
    for index in range(count):
        page.evaluate("([name, t]) => draw(name, t)", [film.scene, index / count])
        yield page.screenshot(type="jpeg", quality=94, timeout=120_000)


def encode(frames: Iterator[bytes], target: Path) -> None:
    """This function will encode frames as MP4 (H.264 main profile, yuv420p, AAC), playable while it loads."""
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *ENCODER.split(), "-i", TONE, *OUTPUT.split(), str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for frame in frames:
            process.stdin.write(frame)
        process.stdin.close()
    if process.returncode:
        raise SystemExit(f"ffmpeg refused {target.name}")


def draw_films(page: Page, chosen: Callable[[str], bool]) -> dict[str, str]:
    """This function will draw every chosen film and return the titles of all films by their file."""
    titles = {}
    for film in FILMS:
        target = DATA / "videos" / f"{film.name}.mp4"
        titles[target.relative_to(DATA).as_posix()] = film.title
        if chosen(film.name):
            encode(frames_of_slides(film, DATA / "pictures") if film.slides else animated_frames(page, film), target)
    return titles


def draw_traced(browser: Browser, picture: Traced) -> None:
    """This function will path-trace one picture with WebGL, smooth what noise is left and save it."""
    width, height = WIDE if picture.flat else (960, 540)
    page = browser.new_page(viewport={"width": width, "height": height})
    address = (ART / "traced" / "studio.html").as_uri()
    page.goto(
        f"{address}?scene={picture.scene}&w={width}&h={height}&spp={4 if picture.flat else 14}", timeout=1_800_000
    )
    shot = Image.open(io.BytesIO(page.screenshot(timeout=1_800_000))).convert("RGB")
    page.close()
    keep_traced(shot, picture)


def keep_traced(shot: Image.Image, picture: Traced) -> None:
    """This function will smooth a traced picture, bring it to the size of its use and save it as JPEG."""
    size = WIDE if picture.wide else STILL
    if not picture.flat:
        shot = denoised(shot.filter(ImageFilter.MedianFilter(3)))
    shot = shot.resize(size, Image.Resampling.LANCZOS)
    shot.save(target_of(picture.name, ".jpg"), quality=QUALITY, optimize=True, progressive=True)


def denoised(shot: Image.Image) -> Image.Image:
    """This function will return the picture with its grain removed by non-local means."""
    buffer = io.BytesIO()
    shot.save(buffer, "PNG")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "image2pipe", "-c:v", "png", "-i", "-"]
    command += ["-vf", "nlmeans=s=5:p=5:r=11", "-f", "image2pipe", "-c:v", "png", "-"]
    done = subprocess.run(command, input=buffer.getvalue(), capture_output=True, check=True)
    return Image.open(io.BytesIO(done.stdout)).convert("RGB")


def draw_readme(page: Page) -> None:
    """This function will draw readme.jpg, three televisions with the tenants' own pictures, for the project's front page."""
    page.set_viewport_size({"width": 1600, "height": 900})
    page.goto((ART / "readme.html").as_uri(), wait_until="networkidle")
    save_photo(page.screenshot(timeout=120_000), DATA / "readme.jpg")


def write_titles(titles: dict[str, str]) -> None:
    """This function will write media.toml: the title that the media library shows, by file."""
    lines = ["# Written by tools/draw_demo.py: the title of every file, as the media library shows it.", "", "[titles]"]
    lines += [f'"{path}" = "{title}"' for path, title in sorted(titles.items())]
    (DATA / "media.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """This function will draw what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="beginnings of scene names; none means all")
    parser.add_argument("--traced", action="store_true", help="draw the path-traced pictures too")
    asked = parser.parse_args()

    def chosen(name: str) -> bool:
        return not asked.names or any(name.startswith(begin) for begin in asked.names)

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGS)
        page = browser.new_page()
        page.goto((ART / "page.html").as_uri())
        titles = {target_of(p.name, ".jpg").relative_to(DATA).as_posix(): p.title for p in TRACED}
        for picture in TRACED if asked.traced else ():
            if chosen(picture.name):
                draw_traced(browser, picture)
        titles |= draw_stills(page, chosen) | draw_films(page, chosen)
        write_titles(titles)
        draw_readme(page)
        browser.close()


if __name__ == "__main__":
    main()

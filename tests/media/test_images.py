"""Pictures: what is refused, by which words, and what becomes of the others."""

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageOps

from portal.core.errors import Refused
from portal.media.headers import Header, read_header
from portal.media.images import Crop, PreparedImage, prepare_image
from portal.media.limits import IMAGES, ORIGINAL_EDGE, SHAPES
from portal.media.states import Purpose
from tests.media import pictures
from tests.media.pictures import decoded, drawing, encoded, near

PIXELS_TOO_MANY = "image_too_many_pixels"
WHOLE_JPEG = encoded(drawing(640, 480), "JPEG")
WHOLE_PNG = encoded(drawing(640, 480))


def frames(format_: str) -> bytes:
    first, second = drawing(64, 64), ImageOps.invert(drawing(64, 64))
    return encoded(first, format_, save_all=True, append_images=[second], duration=100)


REFUSED = {
    "nothing": (b"", "image_empty"),
    "a text": ("今日菜单：红烧肉".encode() * 20, "image_type_unknown"),
    "a page": (b"<!doctype html><script>alert(1)</script>" * 9, "image_type_unknown"),
    "a program": (b"MZ" + bytes(2000), "image_type_unknown"),
    "a PDF": (b"%PDF-1.7" + bytes(2000), "image_type_unknown"),
    "a BMP": (encoded(drawing(64, 64), "BMP"), "image_foreign"),
    "a TIFF": (encoded(drawing(64, 64), "TIFF"), "image_foreign"),
    "a text that begins like a BMP": (b"BMW " * 200, "image_type_unknown"),
    "an SVG": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "image_svg"),
    "an iPhone's HEIC": (b"\0\0\0\x18ftypheic" + bytes(200), "image_heic"),
    "an AVIF": (encoded(drawing(64, 64), "AVIF"), "image_heic"),
    "a file of too many bytes": (WHOLE_PNG + bytes(IMAGES.bytes), "image_too_many_bytes"),
    "a PNG of 50,000 x 50,000": (pictures.png_claiming(50_000, 50_000), PIXELS_TOO_MANY),
    "a PNG of 2^31 - 1 squared": (pictures.png_claiming(2**31 - 1, 2**31 - 1), PIXELS_TOO_MANY),
    "a PNG with one edge too long": (pictures.png_claiming(12_001, 20), PIXELS_TOO_MANY),
    "a JPEG of 65,535 squared": (pictures.jpeg_claiming(65_535, 65_535), PIXELS_TOO_MANY),
    "a WebP of 16,383 squared": (pictures.webp_claiming(16_383, 16_383), PIXELS_TOO_MANY),
    "a WebP of 2^24 squared": (pictures.webp_claiming(1 << 24, 1 << 24), PIXELS_TOO_MANY),
    "a GIF whose frame outgrows its screen": (pictures.gif_claiming(60_000, 60_000), PIXELS_TOO_MANY),
    "a picture of two pixels a side": (encoded(drawing(2, 2)), "image_too_small"),
    "a line": (encoded(drawing(200, 15)), "image_too_small"),
    "a PNG of no height": (pictures.png_claiming(64, 0), "image_broken"),
    "a JPEG cut in the middle": (WHOLE_JPEG[: len(WHOLE_JPEG) // 2], "image_broken"),
    "a JPEG cut in its header": (WHOLE_JPEG[:40], "image_broken"),
    "a PNG cut in the middle": (WHOLE_PNG[: len(WHOLE_PNG) // 2], "image_broken"),
    "a PNG cut in its header": (WHOLE_PNG[:20], "image_broken"),
    "a PNG with a bit turned": (WHOLE_PNG[:60] + bytes([WHOLE_PNG[60] ^ 255]) + WHOLE_PNG[61:], "image_broken"),
    "a WebP cut in the middle": (encoded(drawing(640, 480), "WEBP")[:200], "image_broken"),
    "a GIF cut in the middle": (encoded(drawing(640, 480, "P"), "GIF")[:900], "image_broken"),
    "a JPEG of fill bytes only": (b"\xff\xd8" + b"\xff" * 1_000_000, "image_broken"),
    "a moving GIF": (frames("GIF"), "image_animated"),
    "a moving PNG": (frames("PNG"), "image_animated"),
    "a moving WebP": (frames("WEBP"), "image_animated"),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("purpose", [Purpose.SLOT_LARGE, Purpose.LOGO])
def test_prepare_image_refuses_with_a_code_and_what_to_do(data: bytes, code: str, purpose: Purpose) -> None:
    with pytest.raises(Refused) as refusal:
        prepare_image(data, purpose)

    sentence = str(refusal.value.message)
    assert refusal.value.code == code
    assert refusal.value.status == 422
    assert re.search(r"请.+。$", sentence), "it says what to do"
    assert "%(" not in sentence


def test_prepare_image_names_the_size_that_is_too_large() -> None:
    with pytest.raises(Refused, match="50000×50000"):
        prepare_image(pictures.png_claiming(50_000, 50_000), Purpose.ITEM)


@pytest.mark.parametrize(
    "bomb",
    [
        pictures.png_claiming(50_000, 50_000),
        pictures.jpeg_claiming(65_535, 65_535),
        pictures.webp_claiming(16_383, 16_383),
    ],
    ids=["PNG", "JPEG", "WebP"],
)
def test_prepare_image_judges_the_size_before_any_decoder_sees_the_file(
    bomb: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoder(*arguments: object, **options: object) -> None:
        raise AssertionError("it was opened")

    monkeypatch.setattr(Image, "open", decoder)

    with pytest.raises(Refused) as refusal:
        prepare_image(bomb, Purpose.AD)

    assert refusal.value.code == PIXELS_TOO_MANY


BOMBS = """
import resource, sys
from portal.media.images import prepare_image
from portal.media.states import Purpose
from portal.core.errors import Refused
from tests.media import pictures
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for bomb in (
    pictures.png_claiming(50_000, 50_000), pictures.jpeg_claiming(65_535, 65_535), pictures.webp_claiming(16_383, 16_383),
    pictures.gif_claiming(60_000, 60_000),
):
    try:
        prepare_image(bomb, Purpose.AD)
    except Refused:
        continue
    sys.exit("not refused")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_prepare_image_refuses_bombs_without_taking_memory() -> None:
    root = Path(__file__).parents[2]

    ended = subprocess.run([sys.executable, "-c", BOMBS], cwd=root, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < 32 << 10  # KiB


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF"])
def test_prepare_image_takes_four_formats_by_content(format_: str) -> None:
    made = prepare_image(encoded(drawing(640, 360), format_), Purpose.ITEM)

    shown = decoded(made.main.data)
    assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (640, 360))
    assert near(shown.getpixel((100, 100)), (255, 0, 0))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "PA", "RGBA", "I;16", "CMYK", "YCbCr"])
def test_prepare_image_takes_every_pixel_mode(mode: str) -> None:
    source = drawing(64, 64, "L" if mode == "I;16" else mode)
    if mode == "I;16":
        source = source.convert("I").point(lambda value: value * 257).convert("I;16")
    format_ = {"CMYK": "JPEG", "YCbCr": "JPEG", "PA": "PNG"}.get(mode, "PNG")
    if mode == "PA":
        source = source.convert("RGBA")

    made = prepare_image(encoded(source, format_), Purpose.ITEM)

    shown = decoded(made.main.data)
    assert shown.mode == "RGB"
    assert near(shown.getpixel((50, 50)), (255, 255, 255))


def test_prepare_image_scales_sixteen_bit_grey_instead_of_clipping_it() -> None:
    grey = Image.new("I;16", (64, 64), 128 * 257)

    made = prepare_image(encoded(grey), Purpose.ITEM)

    assert near(decoded(made.main.data).getpixel((10, 10)), (128, 128, 128), tolerance=2)


def test_prepare_image_keeps_transparency_as_png() -> None:
    logo = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    logo.paste((200, 0, 0, 255), (0, 0, 300, 200))

    made = prepare_image(encoded(logo), Purpose.LOGO)

    shown = decoded(made.main.data)
    assert (shown.format, shown.mode, shown.size) == ("PNG", "RGBA", (360, 120))
    assert shown.getpixel((10, 60)) == (200, 0, 0, 255)
    assert shown.getpixel((350, 60)) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("purpose", "alpha", "type_"),
    [
        (Purpose.ITEM, None, "image/jpeg"),
        (Purpose.ITEM, 255, "image/jpeg"),
        (Purpose.ITEM, 128, "image/png"),
        (Purpose.LOGO, None, "image/png"),
        (Purpose.ICON, 255, "image/png"),
        (Purpose.SLOT_SMALL, 0, "image/png"),
    ],
)
def test_prepare_image_makes_png_of_art_and_transparency_and_jpeg_of_the_rest(
    purpose: Purpose, alpha: int | None, type_: str
) -> None:
    source = drawing(400, 400)
    if alpha is not None:
        source.putalpha(alpha)

    made = prepare_image(encoded(source), purpose)

    assert made.main.rendition.type == type_


SIZES = [
    (Purpose.SLOT_LARGE, (2000, 2000), [(852, 486), (568, 324)]),
    (Purpose.SLOT_MIDDLE, (2000, 2000), [(414, 231), (276, 154)]),
    (Purpose.SLOT_SMALL, (2000, 2000), [(326, 190), (217, 127)]),
    (Purpose.ICON, (300, 200), [(96, 96), (64, 64)]),
    (Purpose.LOGO, (720, 720), [(120, 120), (80, 80)]),
    (Purpose.LOGO, (3600, 400), [(360, 40), (240, 27)]),
    (Purpose.FRAME, (3840, 2160), [(1920, 1080), (1280, 720)]),
    (Purpose.AD, (1920, 1080), [(1920, 1080), (1280, 720)]),
    (Purpose.ITEM, (1080, 1920), [(608, 1080), (405, 720)]),
    (Purpose.ITEM, (1600, 900), [(1600, 900), (1280, 720)]),
    (Purpose.ITEM, (800, 600), []),
    (Purpose.SLOT_LARGE, (426, 600), []),
]


@pytest.mark.parametrize(("purpose", "size", "expected"), SIZES)
def test_prepare_image_makes_a_variant_for_each_screen(
    purpose: Purpose, size: tuple[int, int], expected: list[tuple[int, int]]
) -> None:
    made = prepare_image(encoded(drawing(*size)), purpose)

    variants = [each.rendition for each in made.variants]
    assert [(each.width, each.height) for each in variants] == expected
    assert [decoded(each.data).size for each in made.variants] == expected
    assert variants[:1] == ([made.main.rendition] if expected else [])


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("size", [(16, 16), (16, 3000), (3000, 16), (300, 200)])
def test_prepare_image_never_enlarges_nor_outgrows_its_place(purpose: Purpose, size: tuple[int, int]) -> None:
    shape = SHAPES[purpose]

    made = prepare_image(encoded(drawing(*size)), purpose)

    main = made.main.rendition
    assert main.width <= min(size[0], shape.width)
    assert main.height <= min(size[1], shape.height)


def test_prepare_image_cuts_around_the_middle() -> None:
    wide = Image.new("RGB", (3000, 486), "black")
    wide.paste((255, 255, 255), (1074, 0, 1926, 486))

    made = prepare_image(encoded(wide), Purpose.SLOT_LARGE)

    shown = decoded(made.main.data)
    assert shown.size == (852, 486)
    assert all(near(shown.getpixel((x, 240)), (255, 255, 255)) for x in (4, 426, 847))


def test_prepare_image_turns_the_picture_as_its_exif_says_and_drops_it() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side: turn by 90 degrees clockwise
    exif[0x010F] = "Geheim GmbH"
    exif.get_ifd(0x8825)[1] = "N"

    made = prepare_image(encoded(drawing(640, 320), "JPEG", exif=exif.tobytes(), comment=b"Geheim"), Purpose.ITEM)

    shown = decoded(made.main.data)
    assert shown.size == (320, 640)
    assert near(shown.getpixel((10, 10)), (0, 0, 255))
    for file in made.files.values():
        assert len(decoded(file.data).getexif()) == 0
        assert b"Geheim" not in file.data


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_prepare_image_converts_the_colours_of_a_profile_to_srgb(mode: str) -> None:
    source = drawing(64, 64, mode)

    made = prepare_image(encoded(source, icc_profile=pictures.profile_with_red_and_blue_swapped()), Purpose.LOGO)

    shown = decoded(made.main.data)
    assert "icc_profile" not in shown.info
    assert near(shown.getpixel((10, 10)), (0, 0, 255), tolerance=2)
    assert near(shown.getpixel((10, 50)), (255, 0, 0), tolerance=2)


@pytest.mark.parametrize(
    "profile", [b"no profile at all", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()]
)
def test_prepare_image_takes_the_plain_colours_where_the_profile_is_wrong(profile: bytes) -> None:
    made = prepare_image(encoded(drawing(64, 64), icc_profile=profile), Purpose.LOGO)

    assert decoded(made.main.data).getpixel((10, 10)) == (255, 0, 0)


def test_prepare_image_drops_what_hides_behind_the_picture() -> None:
    polyglot = WHOLE_JPEG + b"<script>alert(1)</script>PK\x03\x04"

    made = prepare_image(polyglot, Purpose.ITEM)

    assert all(b"<script>" not in file.data for file in made.files.values())


def test_prepare_image_takes_the_first_picture_of_a_telephones_jpeg() -> None:
    data = encoded(drawing(640, 480), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64), "black")])

    made = prepare_image(data, Purpose.ITEM)

    assert made.main.rendition.width == 640


def test_prepare_image_keeps_a_larger_original_within_bounds() -> None:
    made = prepare_image(encoded(drawing(8000, 4000), "JPEG"), Purpose.SLOT_SMALL)

    original = made.original.rendition
    assert (original.width, original.height) == (ORIGINAL_EDGE, ORIGINAL_EDGE // 2)
    assert original.sha256 not in {each.rendition.sha256 for each in made.variants}


def test_prepare_image_crops_another_place_from_the_original() -> None:
    small = prepare_image(encoded(drawing(2000, 1500)), Purpose.SLOT_SMALL)

    large = prepare_image(small.original.data, Purpose.SLOT_LARGE)

    assert (large.main.rendition.width, large.main.rendition.height) == (852, 486)


def test_prepare_image_gives_the_same_bytes_for_the_same_upload() -> None:
    data = encoded(drawing(1000, 700), "WEBP")

    first, second = prepare_image(data, Purpose.AD), prepare_image(data, Purpose.AD)

    assert isinstance(first, PreparedImage)
    assert first == second


@pytest.mark.parametrize(
    ("data", "header"),
    [
        (encoded(drawing(300, 200)), Header("PNG", 300, 200)),
        (encoded(drawing(300, 200), "JPEG"), Header("JPEG", 300, 200)),
        (encoded(drawing(300, 200), "JPEG", progressive=True), Header("JPEG", 300, 200)),
        (encoded(drawing(300, 200, "P"), "GIF"), Header("GIF", 300, 200)),
        (encoded(drawing(300, 200), "WEBP"), Header("WEBP", 300, 200)),
        (encoded(drawing(300, 200), "WEBP", lossless=True), Header("WEBP", 300, 200)),
        (encoded(drawing(300, 200), "WEBP", exif=Image.Exif()), Header("WEBP", 300, 200)),
        (b"", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"RIFF\x00\x00\x00\x00WEBPXXXX" + bytes(40), None),
        (b"\xff\xd8\xff\xe0\x00\x00" * 100, None),
    ],
)
def test_read_header_reads_the_size_without_decoding(data: bytes, header: Header | None) -> None:
    assert read_header(data) == header


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF"])
def test_read_header_answers_for_every_beginning_of_a_file(format_: str) -> None:
    data = encoded(drawing(64, 64), format_)

    answers = {read_header(data[:length]) for length in range(min(len(data), 800))}

    assert answers - {None} <= {Header(format_, 64, 64)}


@pytest.mark.parametrize(
    ("crop", "box"),
    [
        (Crop(0, 0, 1), (0, 0, 960, 540)),
        (Crop(0.5, 0.5, 0.25), (480, 360, 720, 495)),
        (Crop(0.9, 0.9, 0.5), (480, 450, 960, 720)),
        (Crop(0, 0, 0), (0, 0, 19, 11)),
    ],
)
def test_part_of_a_picture_lies_inside_it_in_the_ratio_of_its_place(crop: Crop, box: tuple[int, int, int, int]) -> None:
    assert crop.box((960, 720), SHAPES[Purpose.FRAME]) == box


def test_part_that_was_chosen_is_what_boxes_show() -> None:
    left = Image.new("RGB", (800, 450), (255, 0, 0))
    left.paste((0, 0, 255), (400, 0, 800, 450))
    file = BytesIO()
    left.save(file, "PNG")

    prepared = prepare_image(file.getvalue(), Purpose.FRAME, Crop(0.5, 0.25, 0.5))

    with Image.open(BytesIO(prepared.main.data)) as shown:
        pixel = shown.convert("RGB").getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert (pixel[2] > 200, pixel[0] < 50) == (True, True)
    assert prepared.original.rendition.sha256 == prepare_image(file.getvalue(), Purpose.FRAME).original.rendition.sha256

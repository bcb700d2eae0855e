"""A bad data file stops the start with a sentence that names file and entry."""

import shutil
from pathlib import Path

import pytest

from portal.catalog.catalogue import DATA, load
from portal.catalog.files import CatalogueError

BASIC = 'code = "7360110000400020"\n'

# file, what to replace (once), by what, the sentence
PLANTED = [
    ("offerings.toml", BASIC, 'code = "7360110000400021"\n', "code 7360110000400021: it stands there twice"),
    (
        "offerings.toml",
        'sub_product = { code = "353240250000000000022"',
        'sub_product = { code = "353240250000000000023"',
        "code 353240250000000000023: it stands there twice",
    ),
    (
        "offerings.toml",
        "settlement = 11.00",
        "settlement = 11.01",
        "offering 7360110000400021: its settlement price is 11.01, the rule gives 11.00",
    ),
    ("offerings.toml", "price = 28.00", "price = 22.99", "offering 7360110000400021: its price is below its floor"),
    (
        "offerings.toml",
        'box_type = "fusion"',
        'box_type = "round"',
        "offering 7360110000400011: there is no box type round",
    ),
    (
        "offerings.toml",
        'features = ["base", "wifi"]',
        'features = ["base", "live"]',
        "offering 7360110000400011: a feature in it can be had by a grant only",
    ),
    (
        "offerings.toml",
        'features = ["base", "wifi"]',
        'features = ["wifi"]',
        "offering 7360110000400011: a feature in it lacks one that it requires",
    ),
    (
        "offerings.toml",
        'features = ["base"]',
        'features = ["base"]\nfirst_sale_on = { 99 = 2016-07-11 }',
        "offering 7360110000400020: it names an unknown province",
    ),
    (
        "offerings.toml",
        'offering = "7360110000400020"',
        'offering = "7360110000400099"',
        "group_purchase: there is no offering 7360110000400099",
    ),
    ("offerings.toml", "{ boxes = 30,", "{ boxes = 60,", "group_purchase: its tiers do not rise in boxes"),
    ("offerings.toml", "share = 0.85 }", "share = 0.92 }", "group_purchase: its tiers do not fall in price"),
    (
        "offerings.toml",
        "included_value = 216.00",
        "included_value = 215.00",
        "group_purchase: its included value is not its months at the price",
    ),
    (
        "offerings.toml",
        "box_price = 449.00",
        "box_price = 200.00",
        "group_purchase: a box costs less than the service included in it",
    ),
    ("features.toml", 'code = "ads"', 'code = "adverts"', "feature adverts: the portal knows no such feature"),
    (
        "features.toml",
        'requires = ["base"]\nlimitable',
        'requires = ["apps"]\nlimitable',
        "feature apps: it requires itself",
    ),
    ("features.toml", 'code = "item"', 'code = "column"', "code column: it stands there twice"),
    ("provinces.toml", 'code = "12"', 'code = "11"', "code 11: it stands there twice"),
    ("provinces.toml", 'zh = "天津"', 'zh = "北京"', "province 北京: it stands there twice"),
    ("provinces.toml", '"唐山"', '"石家庄"', "city 石家庄: it stands there twice"),
    ("industries.toml", 'code = "1101",', 'code = "1109",', "industry 1101001: its parent 1101 is missing"),
    ("industries.toml", 'code = "1101001"', 'code = "110100"', "industry 110100: a code has 2, 4 or 7 digits"),
    ("industries.toml", 'code = "1101001"', 'code = "110100x"', "industry 110100x: a code has 2, 4 or 7 digits"),
    (
        "industries.toml",
        '      { code = "1403000"',
        '      { code = "1404001"',
        "industry 1403: nothing stands below it, and orders need level 3",
    ),
    (
        "business.toml",
        'code = "city"',
        'code = "town"',
        "scope city: it is missing, or the portal knows no such scope",
    ),
    ("business.toml", 'zh = "酒店"', 'zh = "教育"', "type 教育: it stands there twice"),
]

# file, what to replace, by what, how the sentence begins (pydantic words the rest)
MISSHAPEN = [
    ("offerings.toml", "price = 28.00", "price = -1.00", "offering 7360110000400021, price: "),
    ("offerings.toml", "price = 28.00", "price = 28.001", "offering 7360110000400021, price: "),
    ("offerings.toml", "price = 28.00", 'price = "28"', "offering 7360110000400021, price: "),
    ("offerings.toml", 'features = ["base"]', 'features = ["base", "dance"]', "offering 7360110000400020, features: "),
    ("offerings.toml", 'features = ["base"]', 'features = ["base", "base"]', "offering 7360110000400020, features: "),
    ("offerings.toml", "floor = 23.00\n", "", "offering 7360110000400021, floor: "),
    ("offerings.toml", "floor = 23.00\n", "floor = 23.00\ncolour = 1\n", "offering 7360110000400021, colour: "),
    ("offerings.toml", "share = 0.95 }", "share = 0.0 }", "group_purchase, tiers, 0, share: "),
    ("features.toml", '[[feature]]\ncode = "base"\n', "[[feature]]\n", "feature number 1, code: "),
    ("limits.toml", "slot_positions = 10", "slot_positions = 0", "slot_positions: "),
    ("limits.toml", "slot_positions = 10", "slot_positions = 10.0", "slot_positions: "),
    ("provinces.toml", "first_sale_on = 2016-08-01", "first_sale_on = true", "province 11, first_sale_on: "),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "data"
    shutil.copytree(DATA, copied)
    return copied


def replace_once(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def test_shipped_files_load_from_any_folder(folder: Path) -> None:
    assert len(load(folder).offerings) == 9


@pytest.mark.parametrize(("file", "old", "new", "sentence"), PLANTED, ids=[each[3] for each in PLANTED])
def test_contradiction_is_named_with_its_file(folder: Path, file: str, old: str, new: str, sentence: str) -> None:
    # the first block of the prices names the basic package too, so that its own entry comes second
    if old == BASIC:
        old, new = "[[offering]]\n" + old, "[[offering]]\n" + new
    replace_once(folder / file, old, new)

    with pytest.raises(CatalogueError) as caught:
        load(folder)

    assert str(caught.value) == f"{file}: {sentence}"


@pytest.mark.parametrize(
    ("file", "old", "new", "beginning"), MISSHAPEN, ids=[f"{each[3]}{each[2]!r}" for each in MISSHAPEN]
)
def test_misshapen_entry_is_named_with_its_file(folder: Path, file: str, old: str, new: str, beginning: str) -> None:
    replace_once(folder / file, old, new)

    with pytest.raises(CatalogueError) as caught:
        load(folder)

    assert str(caught.value).startswith(f"{file}: {beginning}")


def test_file_that_is_no_toml_is_named(folder: Path) -> None:
    (folder / "limits.toml").write_text("slot_positions =", encoding="utf-8")

    with pytest.raises(CatalogueError, match=r"^limits\.toml: "):
        load(folder)


def test_missing_file_is_named(folder: Path) -> None:
    (folder / "business.toml").unlink()

    with pytest.raises(CatalogueError, match=r"^business\.toml: "):
        load(folder)


def test_undescribed_feature_is_named(folder: Path) -> None:
    path = folder / "features.toml"
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    path.write_text("\n\n".join(each for each in blocks if 'code = "power"' not in each), encoding="utf-8")

    with pytest.raises(CatalogueError) as caught:
        load(folder)

    assert str(caught.value) == "features.toml: feature power: it is not described"

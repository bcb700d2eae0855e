"""Names of files."""

import pytest

from portal.media.limits import NAME_CHARACTERS
from portal.media.rules import clean_name


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("大堂.png", "大堂.png"),
        ("C:\\Users\\li\\大堂.png", "大堂.png"),
        ("../../etc/passwd", "passwd"),
        ("e\u0301te.jpg", "\u00e9te.jpg"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie: x.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\x00b\u200b.png", "ab.png"),
        ("half\ud800.png", "half.png"),
        ("  two   words .png ", "two words .png"),
        ("<script>.png", "<script>.png"),
        ("", "未命名"),
        ("folder/", "未命名"),
        ("\u200b", "未命名"),
    ],
)
def test_clean_name_makes_a_name_fit_to_be_shown(given: str, shown: str) -> None:
    assert clean_name(given) == shown


def test_clean_name_keeps_beginning_and_ending_of_a_long_name() -> None:
    name = clean_name("𠮷" * 300 + "-2026.png")

    assert len(name) == NAME_CHARACTERS
    assert name.startswith("𠮷" * 90)
    assert name.endswith("-2026.png")

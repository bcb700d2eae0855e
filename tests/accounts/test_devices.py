"""What a browser says of itself, in two words."""

import pytest

from portal.accounts.devices import device

_WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)
_PHONE = (
    "Mozilla/5.0 (Linux; Android 14; ALN-AL00) AppleWebKit/537.36 Chrome/114.0 Mobile Safari/537.36 MicroMessenger/8.0"
)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (_WINDOWS, "Chrome · Windows"),
        (_WINDOWS + " Edg/130.0", "Edge · Windows"),
        (_PHONE, "微信 · Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari · iOS",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox · Linux"),
        ("curl/8.5.0", "curl"),
        ("<script>alert(1)</script> and a long tail of words", "<script>alert(1)</script> and a long tai"),
        ("", ""),
    ],
)
def test_device_is_named_in_two_words(agent: str, words: str) -> None:
    assert device(agent) == words

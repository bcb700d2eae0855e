"""What a browser says of itself, in two words: `Chrome · Windows`. Only for people to recognise their own by; it proves nothing."""

import re

# The first that fits counts: most browsers claim to be several.
_BROWSERS = (
    ("MicroMessenger/", "微信"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    (r"HarmonyOS|OpenHarmony", "HarmonyOS"),
    (r"Android", "Android"),
    (r"iPhone|iPad", "iOS"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"CrOS", "ChromeOS"),
    (r"Linux|X11", "Linux"),
)
_LONGEST = 40


def device(user_agent: str) -> str:
    """This function will return browser and system that a User-Agent names, or its beginning where it names none."""
    browser = next((name for part, name in _BROWSERS if part in user_agent), "")
    system = next((name for pattern, name in _SYSTEMS if re.search(pattern, user_agent)), "")
    return " · ".join(filter(None, (browser, system))) or user_agent[:_LONGEST]

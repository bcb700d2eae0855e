"""The features that a package or a grant opens."""

from enum import StrEnum


class Feature(StrEnum):
    """One thing that a tenant can have; names, requirements and packages stand in `data/features.toml`."""

    BASE = "base"
    WIFI = "wifi"
    APPS = "apps"
    LOGO = "logo"
    SLOTS = "slots"
    MARQUEE = "marquee"
    SPLASH = "splash"
    ZONE = "zone"
    ADS = "ads"
    LIVE = "live"
    POWER = "power"

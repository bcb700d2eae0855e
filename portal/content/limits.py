"""The limits and defaults of content, in one place: the product's documented numbers (from the catalogue) and what fits on a TV."""

from typing import Final

from portal.catalog.catalogue import catalogue
from portal.core.html import MAX_CHARACTERS

_PRODUCT: Final = catalogue().limits

SLOT_POSITIONS: Final = _PRODUCT.slot_positions
SLOT_TITLE_CHARACTERS: Final = 8
SLOT_SUBTITLE_CHARACTERS: Final = 16

FRAME_POSITIONS: Final = _PRODUCT.splash_frames
FRAME_SECONDS: Final = _PRODUCT.splash_frame_seconds

COLUMN_TITLE_CHARACTERS: Final = 12
ITEM_TITLE_CHARACTERS: Final = 30
ITEM_HTML_CHARACTERS: Final = MAX_CHARACTERS
ORDER_MAX: Final = 9_999

MARQUEE_CHARACTERS: Final = 200
PRIORITY_MAX: Final = _PRODUCT.marquee_priority_max

PLAYLIST_TITLE_CHARACTERS: Final = 30
PLAYLIST_ITEMS: Final = 100
CAPTION_CHARACTERS: Final = 40

SECONDS_MIN: Final = 3
SECONDS_MAX: Final = 600
ITEM_SECONDS: Final = 12
"""How long the rotation of the zone shows an item, unless somebody says otherwise."""
AD_SECONDS: Final = 10
"""How long a picture of a playlist stands, unless somebody says otherwise."""

ZONE_IDLE_SECONDS: Final = _PRODUCT.zone_idle_seconds
ADS_IDLE_SECONDS: Final = _PRODUCT.ads_idle_seconds

ADDRESS_CHARACTERS: Final = 2_000
APP_NAME_CHARACTERS: Final = 50
APP_PACKAGE_CHARACTERS: Final = 255
PERMISSIONS: Final = 200
PERMISSION_CHARACTERS: Final = 200
VERSION_NAME_CHARACTERS: Final = 100
VERSION_CODE_MAX: Final = 2**53 - 1

WINDOWS: Final = 50
"""Windows that one object may have."""

"""The zone document (`zone/1`) as models: the shape that the compiler must meet and the JSON Schema that boxes get.

The models are closed, so that the compiler is held to the contract; the schema given to boxes is open, since a box ignores fields that it
does not know. What a schema cannot say, `checking.py` does.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from portal.catalog.features import Feature
from portal.content.actions import Action
from portal.content.fields import Id, Sha256
from portal.content.limits import FRAME_POSITIONS, PRIORITY_MAX, SLOT_POSITIONS
from portal.content.marquee.rules import Edge, Speed
from portal.content.zone.rules import ItemKind

ABSENT: Final[Any] = None
"""The default of a field that is left out where it does not apply; null is refused."""

_TIME: Final = r"^([01]\d|2[0-3]):[0-5]\d$"
_END: Final = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"
_DATE: Final = r"^\d{4}-\d{2}-\d{2}$"
_ADDRESS: Final = r"^(https?://[^/]|/[^/])"
_MEDIA_TYPE: Final = r"^(image|video|application)/[a-z0-9.+-]+$"

EnterpriseNumber = Annotated[str, Field(pattern=r"^[1-9][0-9]{11}$", description="The enterprise ID, 12 digits.")]
Address = Annotated[
    str, Field(pattern=_ADDRESS, description="Absolute, or path-absolute: resolved against the pointer's own address.")
]
Natural = Annotated[int, Field(ge=1)]
FeatureCode = Annotated[str, Field(json_schema_extra={"examples": [feature.value for feature in Feature]})]


class Part(BaseModel):
    """A part of a document: closed and strict."""

    model_config = ConfigDict(extra="forbid", strict=True)


class WindowPart(Part):
    """A time window: dates inclusive, times half-open [start, end); several are a union, none is always."""

    first: Annotated[str, Field(alias="from", pattern=_DATE)] = ABSENT
    until: Annotated[str, Field(pattern=_DATE)] = ABSENT
    days: Annotated[
        list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, json_schema_extra={"uniqueItems": True})
    ] = ABSENT
    start: Annotated[str, Field(pattern=_TIME)] = ABSENT
    end: Annotated[str, Field(pattern=_END)] = ABSENT
    tz: Literal["Asia/Shanghai"]


Windows = list[WindowPart]


class EnterprisePart(Part):
    """Whose zone it is."""

    id: EnterpriseNumber
    name: Annotated[str, Field(min_length=1)]


class SlotPart(Part):
    """A slot of the desktop's first page; positions are sorted and unique, the others show the operator's recommendation."""

    position: Annotated[int, Field(ge=1, le=SLOT_POSITIONS)]
    title: str
    subtitle: str
    image: Sha256
    action: Action


class DesktopPart(Part):
    """The desktop."""

    logo: Sha256 | None
    slots: Annotated[list[SlotPart], Field(max_length=SLOT_POSITIONS)]


class FramePart(Part):
    """A splash frame."""

    image: Sha256
    seconds: Natural


class SplashPart(Part):
    """What shows before the desktop."""

    frames: Annotated[list[FramePart], Field(max_length=FRAME_POSITIONS)]


class ItemPart(Part):
    """An item; `seconds` null is a video to its end. `html` has few elements and classes, no links, images or styles."""

    id: Id
    kind: ItemKind
    title: str
    html: str | None
    asset: Sha256 | None
    seconds: Natural | None
    windows: Windows


class SecondColumnPart(Part):
    """A column of the second level."""

    id: Id
    title: str
    items: list[ItemPart]


class ColumnPart(Part):
    """A column of the first level."""

    id: Id
    title: str
    icon: Sha256 | None
    columns: list[SecondColumnPart]


class ZonePart(Part):
    """The zone, which rotates after `idle_seconds` without a key."""

    idle_seconds: Natural
    columns: list[ColumnPart]


class MarqueePart(Part):
    """A running message."""

    id: Id
    text: str
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
    speed: Speed
    edge: Edge
    priority: Annotated[int, Field(ge=0, le=PRIORITY_MAX)]
    windows: Windows


class PlaylistItemPart(Part):
    """An image with text or a short video."""

    id: Id
    kind: Literal["image", "video"]
    asset: Sha256
    caption: str
    seconds: Natural | None


class PlaylistPart(Part):
    """A playlist."""

    id: Id
    items: Annotated[list[PlaylistItemPart], Field(min_length=1)]


class EntryPart(Part):
    """Which playlist runs when, and how important."""

    id: Id
    playlist: Id
    priority: Annotated[int, Field(ge=0, le=PRIORITY_MAX)]
    windows: Windows


class AdsPart(Part):
    """The ad loop; `marquee` are the ids of the messages that lie over it."""

    idle_seconds: Natural
    playlists: list[PlaylistPart]
    schedule: list[EntryPart]
    default: Id | None
    marquee: list[Id]


class AppPart(Part):
    """An app to install or upgrade."""

    package: str
    version_code: Natural
    version_name: str
    name: str
    icon: Sha256 | None
    asset: Sha256
    signer_sha256: Sha256


class VariantPart(Part):
    """An asset in another size."""

    sha256: Sha256
    bytes: Natural
    type: Annotated[str, Field(pattern=_MEDIA_TYPE)]
    url: Address
    width: Natural
    height: Natural


class AssetPart(Part):
    """A file that the document names; a box takes the largest variant not wider than its screen."""

    sha256: Sha256
    bytes: Natural
    type: Annotated[str, Field(pattern=_MEDIA_TYPE)]
    url: Address
    width: Natural = ABSENT
    height: Natural = ABSENT
    seconds: Natural = ABSENT
    poster: Sha256 = ABSENT
    variants: list[VariantPart]


class ZoneDocument(Part):
    """Everything that the boxes of a group show."""

    schema_: Annotated[Literal["zone/1"], Field(alias="schema")]
    enterprise: EnterprisePart
    lang: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
    features: list[FeatureCode]
    desktop: DesktopPart
    splash: SplashPart
    zone: ZonePart
    marquee: list[MarqueePart]
    ads: AdsPart
    apps: list[AppPart]
    power: Windows
    assets: list[AssetPart]

"""The compiler: from a manifest, features and a box group to the zone document (`zone/1`).

Pure, and equal content gives equal bytes: nothing here knows the time, the group's name or the release's number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.catalog.features import Feature
from portal.content.limits import ADS_IDLE_SECONDS, ZONE_IDLE_SECONDS
from portal.core.canonical import canonical
from portal.core.ids import GroupId
from portal.releases import parts
from portal.releases.assets import AssetInfo, Named
from portal.releases.selection import Manifest, select

SCHEMA: Final = "zone/1"
DEFAULT_LANGUAGE: Final = "zh-CN"


@dataclass(frozen=True, slots=True)
class Enterprise:
    """The header of a document: the enterprise ID as typed (12 digits) and the name shown."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a tenant may show: features of package and grants, the packages a grant limits apps to (None = any).

    A tenant that has ended or is suspended has the feature `base` and nothing else.
    """

    features: frozenset[Feature]
    app_packages: frozenset[str] | None = None


def compile_document(
    enterprise: Enterprise,
    entitled: Entitlement,
    manifest: Manifest,
    group_path: Sequence[GroupId],
    assets: Mapping[str, AssetInfo],
    lang: str = DEFAULT_LANGUAGE,
) -> dict[str, Any]:
    """This function will return the zone document of the group at the end of `group_path` (root first) as what JSON can hold.

    `manifest` maps object ids to the revision on air, `assets` SHA-256 to descriptions; raises `MissingAsset` for a file without one.
    Left out: what features do not grant, what is hidden or aimed elsewhere, and then what has lost its place by it: a column without its
    parent, an item without its column, a schedule entry without its playlist, an empty or unused playlist. A slot whose action opens
    something that is left out falls out as a whole, since a slot must have an action: its position shows the operator's recommendation,
    also where a group above has a slot for it. Empty columns stay.
    """
    selection = select(manifest, entitled.features, group_path, entitled.app_packages)
    named = Named(assets)
    columns = parts.zone_columns(selection, named)
    apps = parts.apps(selection, named)
    reach = parts.Reach.of(columns, apps, entitled.features)
    return {
        "schema": SCHEMA,
        "enterprise": {"id": enterprise.id, "name": enterprise.name},
        "lang": lang,
        "features": sorted(feature.value for feature in entitled.features),
        "desktop": {"logo": parts.logo(selection, named), "slots": parts.slots(selection, reach, named)},
        "splash": {"frames": parts.frames(selection, named)},
        "zone": {"idle_seconds": ZONE_IDLE_SECONDS, "columns": columns},
        "marquee": parts.marquee(selection),
        "ads": {"idle_seconds": ADS_IDLE_SECONDS, **parts.ads(selection, entitled.features, named)},
        "apps": apps,
        "power": parts.power(selection),
        "assets": named.to_json(),
    }


def document_bytes(document: Mapping[str, Any]) -> bytes:
    """This function will return `document` as the canonical JSON (RFC 8785) that boxes fetch; its SHA-256 is its name."""
    return canonical(document)

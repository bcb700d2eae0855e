"""The whole catalogue, read and checked once."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from portal.catalog import checks, files
from portal.catalog.entries import (
    ActionEntry,
    Boxes,
    Coded,
    CustomerClass,
    FeatureEntry,
    GroupPurchase,
    Industry,
    Limits,
    Offering,
    Province,
)
from portal.catalog.features import Feature

DATA = Path(__file__).parent / "data"


class UnknownCode(LookupError):
    """A code that the catalogue does not have."""


@dataclass(frozen=True)
class Catalogue:
    """All entries by their code, in the order of the files."""

    product: Coded
    offerings: Mapping[str, Offering]
    box_types: Mapping[str, Coded]
    features: Mapping[Feature, FeatureEntry]
    actions: Mapping[str, ActionEntry]
    services: Mapping[str, Coded]
    group_purchase: GroupPurchase
    provinces: Mapping[str, Province]
    announced_target: Decimal
    industries: Mapping[str, Industry]
    business_types: Mapping[str, Coded]
    scopes: Mapping[str, Coded]
    customer_classes: Mapping[str, CustomerClass]
    limits: Limits
    boxes: Boxes

    def offering(self, code: str) -> Offering:
        """This function will return the offering `code`; raises `UnknownCode`."""
        try:
            return self.offerings[code]
        except KeyError:
            raise UnknownCode(f"there is no offering {code}") from None

    @property
    def summed_target(self) -> Decimal:
        """What the provinces' targets add up to, in units of 10,000 boxes; it differs from the announced one."""
        return sum((province.target for province in self.provinces.values()), Decimal())

    def industry_path(self, code: str) -> tuple[Industry, ...]:
        """This function will return the code's entries from the first level down to itself; raises `UnknownCode`."""
        if code not in self.industries:
            raise UnknownCode(f"there is no industry {code}")
        industry = self.industries[code]
        above = self.industry_path(industry.parent_code) if industry.parent_code else ()
        return (*above, industry)


def load(folder: Path) -> Catalogue:
    """This function will read and check the data files in `folder`; raises `CatalogueError` naming file and entry."""
    features = files.read(folder, "features.toml", files.FeaturesFile)
    offerings = files.read(folder, "offerings.toml", files.OfferingsFile)
    provinces = files.read(folder, "provinces.toml", files.ProvincesFile)
    industries = files.read(folder, "industries.toml", files.IndustriesFile)
    business = files.read(folder, "business.toml", files.BusinessFile)
    limits = files.read(folder, "limits.toml", Limits)
    boxes = files.read(folder, "boxes.toml", Boxes)
    checks.check_features(features)
    checks.check_provinces(provinces)
    checks.check_offerings(offerings, features, provinces)
    checks.check_industries(industries)
    checks.check_business(business)
    checks.check_boxes(boxes, offerings)
    return Catalogue(
        product=offerings.product,
        offerings={entry.code: entry for entry in offerings.offering},
        box_types={entry.code: entry for entry in offerings.box_type},
        features={entry.feature: entry for entry in features.feature},
        actions={entry.code: entry for entry in features.action},
        services={entry.code: entry for entry in features.service},
        group_purchase=offerings.group_purchase,
        provinces={entry.code: entry for entry in provinces.province},
        announced_target=provinces.announced_target,
        industries={entry.code: entry for entry in industries.industry},
        business_types={entry.code: entry for entry in business.type},
        scopes={entry.code: entry for entry in business.scope},
        customer_classes={entry.code: entry for entry in business.customer_class},
        limits=limits,
        boxes=boxes,
    )


@cache
def catalogue() -> Catalogue:
    """This function will return the portal's catalogue, read at the first call; raises `CatalogueError`.

    The factory calls it while it starts, so that a bad file stops the start.
    """
    return load(DATA)

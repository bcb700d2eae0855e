"""What must hold between the entries of the data files, beyond the shape of each."""

from collections import Counter
from collections.abc import Iterable

from portal.catalog.entries import STANDARD_BOX, Boxes, Coded
from portal.catalog.features import Feature
from portal.catalog.files import (
    BusinessFile,
    CatalogueError,
    FeaturesFile,
    IndustriesFile,
    OfferingsFile,
    ProvincesFile,
)
from portal.catalog.pricing import settlement_price
from portal.catalog.scopes import Scope


def check_features(file: FeaturesFile) -> None:
    """This function will raise `CatalogueError` unless every feature is described once and nothing requires itself."""
    for rows in (file.feature, file.action, file.service):
        _codes_differ("features.toml", rows)
    described = {entry.code for entry in file.feature}
    for unknown in sorted(described - set(Feature)):
        raise CatalogueError("features.toml", f"feature {unknown}", "the portal knows no such feature")
    for missing in sorted(set(Feature) - described):
        raise CatalogueError("features.toml", f"feature {missing}", "it is not described")
    for entry in file.feature:
        if entry.feature in entry.requires:
            raise CatalogueError("features.toml", f"feature {entry.code}", "it requires itself")


def check_offerings(file: OfferingsFile, features: FeaturesFile, provinces: ProvincesFile) -> None:
    """This function will raise `CatalogueError` where an offering contradicts the features, the prices or itself."""
    for rows in (file.offering, file.box_type):
        _codes_differ("offerings.toml", rows)
    _codes_differ("offerings.toml", [offering.sub_product for offering in file.offering])
    requires = {entry.feature: entry.requires for entry in features.feature}
    by_grant_only = {entry.feature for entry in features.feature if entry.by_grant_only}
    box_types = {entry.code for entry in file.box_type}
    province_codes = {entry.code for entry in provinces.province}
    for offering in file.offering:
        due = settlement_price(offering.floor, file.settlement)
        problems = {
            f"its settlement price is {offering.settlement}, the rule gives {due}": offering.settlement != due,
            "its price is below its floor": offering.price < offering.floor,
            "its floor is below its settlement price": offering.floor < offering.settlement,
            f"there is no box type {offering.box_type}": offering.box_type not in box_types,
            "a feature in it can be had by a grant only": bool(offering.features & by_grant_only),
            "a feature in it lacks one that it requires": any(
                not requires[feature] <= offering.features for feature in offering.features
            ),
            "it names an unknown province": not set(offering.first_sale_on) <= province_codes,
        }
        _raise_first("offerings.toml", f"offering {offering.code}", problems)
    _check_group_purchase(file)


def _check_group_purchase(file: OfferingsFile) -> None:
    group = file.group_purchase
    offering = next((each for each in file.offering if each.code == group.offering), None)
    if offering is None:
        raise CatalogueError("offerings.toml", "group_purchase", f"there is no offering {group.offering}")
    boxes = [tier.boxes for tier in group.tiers]
    shares = [tier.share for tier in group.tiers]
    problems = {
        "its tiers do not rise in boxes": boxes != sorted(set(boxes)),
        "its tiers do not fall in price": shares != sorted(set(shares), reverse=True),
        "its included value is not its months at the price": group.included_value
        != group.included_months * offering.price,
        "a box costs less than the service included in it": group.box_price < group.included_value,
    }
    _raise_first("offerings.toml", "group_purchase", problems)


def check_provinces(file: ProvincesFile) -> None:
    """This function will raise `CatalogueError` where a province or a city stands twice."""
    _codes_differ("provinces.toml", file.province)
    _values_differ("provinces.toml", "province", (province.name.zh for province in file.province))
    _values_differ("provinces.toml", "city", (city for province in file.province for city in province.cities))


def check_industries(file: IndustriesFile) -> None:
    """This function will raise `CatalogueError` where a code stands twice, has no known length or lacks its parent."""
    _codes_differ("industries.toml", file.industry)
    codes = {industry.code for industry in file.industry}
    for industry in file.industry:
        problems = {
            "a code has 2, 4 or 7 digits": industry.level == 0 or not industry.code.isdecimal(),
            f"its parent {industry.parent_code} is missing": industry.level > 1 and industry.parent_code not in codes,
        }
        _raise_first("industries.toml", f"industry {industry.code}", problems)
    parents = {industry.parent_code for industry in file.industry}
    for industry in file.industry:
        if industry.level in (1, 2) and industry.code not in parents:
            raise CatalogueError(
                "industries.toml", f"industry {industry.code}", "nothing stands below it, and orders need level 3"
            )


def check_business(file: BusinessFile) -> None:
    """This function will raise `CatalogueError` where a code or a name stands twice or a scope is unknown or missing."""
    for rows in (file.type, file.scope, file.customer_class):
        _codes_differ("business.toml", rows)
    for code in sorted({entry.code for entry in file.scope} ^ set(Scope)):
        raise CatalogueError("business.toml", f"scope {code}", "it is missing, or the portal knows no such scope")
    _values_differ("business.toml", "type", (entry.name.zh for entry in file.type))


def _raise_first(file: str, entry: str, problems: dict[str, bool]) -> None:
    for sentence, present in problems.items():
        if present:
            raise CatalogueError(file, entry, sentence)


def _codes_differ(file: str, rows: Iterable[Coded]) -> None:
    _values_differ(file, "code", (row.code for row in rows))


def _values_differ(file: str, what: str, values: Iterable[str]) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            raise CatalogueError(file, f"{what} {value}", "it stands there twice")


def check_boxes(file: Boxes, offerings: OfferingsFile) -> None:
    """This function will raise `CatalogueError` where a type of box is none that an offering could ask for."""
    known = {entry.code for entry in offerings.box_type}
    for code in (STANDARD_BOX, *(kind.code for kind in file.box_type)):
        if code not in known:
            raise CatalogueError("boxes.toml", f"box_type {code}", "offerings.toml knows no such type")

"""The shapes of the data files as a whole, and reading one file; what is wrong is said with file and entry."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, ValidationError

from portal.catalog.entries import (
    ActionEntry,
    Coded,
    CustomerClass,
    Entry,
    FeatureEntry,
    GroupPurchase,
    Industry,
    Money,
    Offering,
    Province,
    SettlementRule,
    as_tuple,
)


class CatalogueError(Exception):
    """A data file that must not be used; the sentence names the file and the entry. It stops the start."""

    def __init__(self, file: str, entry: str, problem: str) -> None:
        super().__init__(f"{file}: {entry}: {problem}" if entry else f"{file}: {problem}")


T = TypeVar("T")
Rows = Annotated[tuple[T, ...], BeforeValidator(as_tuple), Field(min_length=1)]


class FeaturesFile(Entry):
    """`features.toml`"""

    feature: Rows[FeatureEntry]
    action: Rows[ActionEntry]
    service: Rows[Coded]


class OfferingsFile(Entry):
    """`offerings.toml`"""

    product: Coded
    settlement: SettlementRule
    group_purchase: GroupPurchase
    box_type: Rows[Coded]
    offering: Rows[Offering]


class ProvincesFile(Entry):
    """`provinces.toml`"""

    announced_target: Money
    province: Rows[Province]


class IndustriesFile(Entry):
    """`industries.toml`"""

    industry: Rows[Industry]


class BusinessFile(Entry):
    """`business.toml`"""

    type: Rows[Coded]
    scope: Rows[Coded]
    customer_class: Rows[CustomerClass]


File = TypeVar("File", bound=Entry)


def read(folder: Path, name: str, shape: type[File]) -> File:
    """This function will read one data file; decimals are exact.

    Raises `CatalogueError` where the file is missing, is no TOML or does not have the shape.
    """
    try:
        text = (folder / name).read_text(encoding="utf-8")
        content = tomllib.loads(text, parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(name, "", str(error)) from error
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise CatalogueError(name, _entry_name(content, first["loc"]), first["msg"]) from error


def _entry_name(content: dict[str, Any], location: tuple[int | str, ...]) -> str:
    """Words for a place in a file: `offering 7360110000400020, price` rather than `offering.0.price`."""
    table, *rest = location
    rows = content.get(str(table))
    if not (rest and isinstance(rest[0], int) and isinstance(rows, list)):
        return ", ".join(map(str, location))
    row = rows[rest[0]]
    label = row.get("code", f"number {rest[0] + 1}") if isinstance(row, dict) else f"number {rest[0] + 1}"
    return ", ".join([f"{table} {label}", *map(str, rest[1:])])

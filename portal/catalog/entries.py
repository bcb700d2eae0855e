"""The entries of the catalogue's data files: frozen, strictly typed, without unknown fields."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from portal.catalog.features import Feature
from portal.core.messages import Name


def as_tuple(value: object) -> object:
    """This function will turn TOML's lists into tuples, which a frozen entry needs, and leave anything else alone."""
    return tuple(value) if isinstance(value, list) else value


def _features(value: object) -> object:
    """TOML knows only text; a strict model wants the members."""
    if not isinstance(value, list):
        return value
    for unknown in set(map(str, value)) - set(Feature):
        raise ValueError(f"there is no feature {unknown}")
    return frozenset(Feature(str(each)) for each in _distinct(value))


def _distinct(values: Iterable[object]) -> list[object]:
    listed = list(values)
    if len(set(map(str, listed))) != len(listed):
        raise ValueError("the same value twice")
    return listed


STANDARD_BOX = "standard"
Code = Annotated[str, Field(pattern=r"^[0-9a-z_]+$")]
Money = Annotated[Decimal, Field(ge=0, decimal_places=2)]
Share = Annotated[Decimal, Field(gt=0, le=1)]
Features = Annotated[frozenset[Feature], BeforeValidator(_features)]


class Entry(BaseModel):
    """The base of all entries."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Label(Entry):
    """A name in Chinese, as the trade prints it, and in English."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def words(self) -> Name:
        """The name as sentences take it that are told later, in whatever language the reader has."""
        return Name(self.zh, self.en)

    def in_language(self, language: str) -> str:
        """This function will return the English name for `en` and its variants, the Chinese one otherwise."""
        return self.words.in_language(language)


class Coded(Entry):
    """A code with its name."""

    code: Code
    name: Label


class FeatureEntry(Coded):
    """A feature, what one has of it, what must be held beside it, and how it can be had."""

    gives: Label
    requires: Features = frozenset()
    by_grant_only: bool = False
    limitable: bool = False

    @property
    def feature(self) -> Feature:
        """The feature that this entry describes."""
        return Feature(self.code)


class ActionEntry(Coded):
    """What a slot may open, and the features without which it cannot."""

    requires: Features = frozenset()


class Offering(Coded):
    """A 销售品: a monthly package for one box, with its price, lowest advised price and settlement price in yuan."""

    sub_product: Coded
    price: Money
    floor: Money
    settlement: Money
    box_type: Code
    features: Features
    first_sale_on: dict[Code, date] = Field(default_factory=dict)
    last_sale_on: date | None = None


class SettlementRule(Entry):
    """The settlement price is `(floor - floor_from) x share + settlement_from`."""

    floor_from: Money
    share: Share
    settlement_from: Money


class Tier(Entry):
    """From `boxes` boxes on, the monthly fee is the price times `share`."""

    boxes: int = Field(gt=0)
    share: Share


class GroupPurchase(Entry):
    """团购: a box bought at `box_price` with `included_months` of service in it, and the tiers that hold afterwards."""

    offering: Code
    box_price: Money
    included_months: int = Field(gt=0)
    included_value: Money
    tiers: Annotated[tuple[Tier, ...], BeforeValidator(as_tuple), Field(min_length=1)]


class Province(Coded):
    """One of the 31 provinces: first day of sale, the year's target in units of 10,000 boxes, its prefecture-level places."""

    first_sale_on: date
    target: Annotated[Decimal, Field(gt=0)]
    cities: Annotated[tuple[str, ...], BeforeValidator(as_tuple)]


_INDUSTRY_LEVELS = {2: 1, 4: 2, 7: 3}  # digits: level


class Industry(Coded):
    """A code of 政企客户分群编码 on one of three levels."""

    @property
    def level(self) -> int:
        """1, 2 or 3; 0 for a code of no known length."""
        return _INDUSTRY_LEVELS.get(len(self.code), 0)

    @property
    def may_be_ordered_under(self) -> bool:
        """Whether an order may carry this code: it needs one of the third level."""
        return self.level == max(_INDUSTRY_LEVELS.values())

    @property
    def parent_code(self) -> str | None:
        """The code one level up, or None on the first."""
        return {1: None, 2: self.code[:2], 3: self.code[:4]}.get(self.level)


class CustomerClass(Coded):
    """A class of customers, and whether it may order."""

    may_order: bool


class Limits(Entry):
    """The documented limits and defaults of the product; times are in the unit that the name ends in."""

    slot_positions: int = Field(gt=0)
    splash_frames: int = Field(gt=0)
    splash_frame_seconds: int = Field(gt=0)
    column_levels: int = Field(gt=0)
    zone_idle_seconds: int = Field(gt=0)
    ads_idle_seconds: int = Field(gt=0)
    marquee_priority_max: int = Field(gt=0)
    recycle_bin_days: int = Field(gt=0)
    kept_releases: int = Field(gt=0)
    kept_release_days: int = Field(gt=0)
    kept_sign_in_attempt_days: int = Field(gt=0)
    kept_ended_session_days: int = Field(gt=0)
    kept_done_outbox_days: int = Field(gt=0)
    certificate_reminder_days: int = Field(gt=0)
    changes_per_month: int = Field(gt=0)
    boxes_per_subscription: int = Field(gt=0)
    monthly_price_max: Money
    subscription_years: int = Field(gt=0)
    renewal_reminder_months: int = Field(gt=0)


class BoxType(Entry):
    """A type of box, and how the names of its models begin."""

    code: Code
    marks: Annotated[tuple[str, ...], BeforeValidator(as_tuple), Field(min_length=1)]


class Boxes(Entry):
    """What boxes are told and held to; times are in the unit that the name ends in."""

    poll_seconds: int = Field(gt=0)
    heartbeat_seconds: int = Field(gt=0)
    jitter_percent: int = Field(ge=0, lt=50)
    offline_after_heartbeats: int = Field(gt=0)
    retry_seconds: int = Field(gt=0)
    waiting_per_enterprise: int = Field(gt=0)
    waiting_hours: int = Field(gt=0)
    refusals_in_10_minutes: int = Field(gt=0)
    refusals_a_day: int = Field(gt=0)
    calls_a_minute: int = Field(gt=0)
    command_minutes: int = Field(gt=0)
    command_rounds: int = Field(gt=0)
    proof_minutes: int = Field(gt=0)
    plays_per_batch: int = Field(gt=0)
    play_ahead_minutes: int = Field(gt=0)
    play_days: int = Field(gt=0)
    kept_play_days: int = Field(gt=0)
    kept_ended_token_days: int = Field(gt=0)
    download_minutes: int = Field(gt=0)
    low_space_bytes: int = Field(gt=0)
    screenshot_width: int = Field(gt=0)
    screenshot_small_width: int = Field(gt=0)
    wall_tiles: int = Field(gt=0)
    kept_screenshots: int = Field(gt=0)
    kept_screenshot_days: int = Field(gt=0)
    box_type: Annotated[tuple[BoxType, ...], BeforeValidator(as_tuple)]

    def type_of(self, model: str) -> str:
        """This function will return the code of the type that a model is of, judged by how its name begins."""
        name = model.strip().casefold()
        for kind in self.box_type:
            if any(name.startswith(mark.casefold()) for mark in kind.marks):
                return kind.code
        return STANDARD_BOX

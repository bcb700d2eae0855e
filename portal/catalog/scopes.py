"""How far a customer reaches."""

from enum import StrEnum


class Scope(StrEnum):
    """客户范围: the whole country, one province, one prefecture-level place; names stand in `data/business.toml`."""

    NATIONAL = "national"
    PROVINCE = "province"
    CITY = "city"

"""A column for money."""

from decimal import Decimal

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

from portal.catalog.money import to_fen


class Fen(TypeDecorator[Decimal]):
    """Yuan in `Decimal`, stored as a whole number of fen, so that every database compares and adds exactly.

    An amount with a fraction of a fen is a fault and raises `ValueError`.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """This function will return the amount in fen."""
        if value is None:
            return None
        if value != to_fen(value):
            raise ValueError(f"an unrounded amount reached the database: {value}")
        return int(value * 100)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """This function will return the amount in yuan with two decimals."""
        return None if value is None else to_fen(Decimal(value) / 100)

"""Money is yuan in `Decimal`, to the fen, rounded half up."""

from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")
_UNCOUNTABLE = Decimal(10**15)  # far above any sum, and far below where rounding to the fen runs out of digits


def to_fen(amount: Decimal) -> Decimal:
    """This function will round `amount`, in yuan, half up to two decimals."""
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)


def is_money(amount: Decimal) -> bool:
    """This function will tell whether `amount` is a sum that can be charged: not negative, countable, whole fen."""
    return amount.is_finite() and 0 <= amount < _UNCOUNTABLE and amount == to_fen(amount)

"""Moments as a person of Asia/Shanghai writes them."""

from datetime import UTC, datetime

from portal.core.clock import SHANGHAI


def moment(text: str) -> datetime:
    """This function will read a moment such as `2026-11-22 10:00` of Asia/Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)

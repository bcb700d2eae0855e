"""How an installation job can stand."""

from enum import StrEnum


class JobState(StrEnum):
    """Boxes are bound at once only under an open job (进行中); 已满, 已过期 and 已关闭 let them wait."""

    OPEN = "open"
    FULL = "full"
    EXPIRED = "expired"
    CLOSED = "closed"

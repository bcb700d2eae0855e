"""How a box stands, what it can be told, how it is with it now."""

from enum import StrEnum


class BoxState(StrEnum):
    """A box counts against the licences while it is bound (已绑定); 已解绑 and 已报失 are ends."""

    BOUND = "bound"
    UNBOUND = "unbound"
    STOLEN = "stolen"


class RequestState(StrEnum):
    """A box that came outside an open job waits (待确认) until somebody confirms or rejects it."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class CommandKind(StrEnum):
    """What a box can be told to do: 同步内容, 截屏, 重启."""

    RESYNC = "resync"
    SCREENSHOT = "screenshot"
    RESTART = "restart"


class Reason(StrEnum):
    """Why a bound box does not show what its group has on air."""

    NEVER = "never"
    OFFLINE = "offline"
    SIGNATURE = "signature"
    REJECTED = "rejected"
    DISK = "disk"
    STALE = "stale"
    DOWNLOADING = "downloading"
    FIRMWARE = "firmware"
    UNKNOWN = "unknown"


class Health(StrEnum):
    """How a bound box is, by its heartbeats: 在线, 故障, 离线, or 从未上线 since it was bound."""

    ONLINE = "online"
    FAULTY = "faulty"
    OFFLINE = "offline"
    NEVER = "never"

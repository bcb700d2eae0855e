"""What can go wrong, each with a stable code, an HTTP status and a sentence for the person who met it."""

from collections.abc import Mapping, Sequence

from portal.core.messages import N_, Message


class PortalError(Exception):
    """An error that a person or a client is told about; everything else is a fault of ours."""

    status = 400
    code = "error"

    def __init__(self, message: Message, *, code: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        if code is not None:
            self.code = code


class NotFound(PortalError):
    """There is no such thing, or none that the asker may know of; both answer alike."""

    status = 404
    code = "not_found"

    def __init__(self, message: Message | None = None) -> None:
        super().__init__(message or N_("没有这个页面，或者您看不到它。"))


class Forbidden(PortalError):
    """The asker is known here and may not do this."""

    status = 403
    code = "forbidden"

    def __init__(self, permission: str, message: Message | None = None) -> None:
        super().__init__(message or N_("您的角色没有这项权限。"))
        self.permission = permission


class FeatureNotInPackage(PortalError):
    """The tenant's package does not grant the feature now."""

    status = 403
    code = "feature_not_in_package"

    def __init__(self, feature: str) -> None:
        super().__init__(N_("当前套餐不含这项功能。"))
        self.feature = feature


class Conflict(PortalError):
    """Somebody else was faster: the version or hash named by the asker is not the newest."""

    status = 409
    code = "conflict"

    def __init__(self, message: Message | None = None, *, code: str | None = None) -> None:
        super().__init__(message or N_("这份内容刚被别人改过。"), code=code)


class Refused(PortalError):
    """A rule of the business says no; `code` names the rule."""

    status = 422

    def __init__(self, code: str, message: Message, *, status: int = 422) -> None:
        super().__init__(message, code=code)
        self.status = status


class Invalid(PortalError):
    """One or more fields do not hold what they must; `errors` maps a field's name to its sentences."""

    status = 422
    code = "invalid"

    def __init__(self, errors: Mapping[str, Message | Sequence[Message]]) -> None:
        super().__init__(N_("有几处要改，您填的都还在。"))
        self.errors: dict[str, list[Message]] = {
            field: [found] if isinstance(found, Message) else list(found) for field, found in errors.items()
        }


class ContentAltered(PortalError):
    """Stored content is not what its hash or its approval says: changed behind the portal's back, which no person's work can cause."""

    status = 503
    code = "content_altered"

    def __init__(self, sha256: str) -> None:
        super().__init__(
            N_(
                "有一项内容和保存或审核时记下的不一样，它在数据库里被改动过。什么都没有保存，也没有播出；"
                "这件事已经记录，请联系系统管理员。"
            )
        )
        self.sha256 = sha256


class Unavailable(PortalError):
    """Something the portal stands on does not answer; trying again later may help."""

    status = 503
    code = "unavailable"

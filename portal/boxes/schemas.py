"""What boxes send, strictly: no unknown field, no number as text. Pure; the OpenAPI description is made from it too."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from portal.boxes.errors import Fault, Unfit
from portal.catalog.catalogue import catalogue
from portal.core.messages import N_
from portal.tenants.rules import is_enterprise_id, is_mobile

_LARGEST: Final = 2**53 - 1
_UUID: Final = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
_MOMENT: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|\+00:00)$"
_NO_CONTROLS: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"
_NO_NUL: Final = r"^[^\x00]*$"


def _moment(value: object) -> object:
    """A moment as text; text of another form is left for the check of the type, which then refuses it."""
    if not isinstance(value, str):
        return value
    if len(value) > len("2026-01-01T00:00:00.123456789+00:00") or value[-1:] not in {"Z", "0"} or value[10:11] != "T":
        raise ValueError("this is no moment in UTC")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None or moment.utcoffset():
        raise ValueError("this is no moment in UTC")
    return moment.astimezone(UTC)


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": _MOMENT, "description": "RFC 3339, UTC."}),
]
Uuid = Annotated[
    str, Field(pattern=_UUID, json_schema_extra={"format": "uuid"}), AfterValidator(lambda text: text.lower())
]
Words = Annotated[str, Field(min_length=1, max_length=64, pattern=_NO_CONTROLS)]
Detail = Annotated[str, Field(max_length=500, pattern=_NO_NUL)]
Count = Annotated[int, Field(ge=0, le=_LARGEST)]
Typed = Annotated[str, Field(max_length=64)]


class Body(BaseModel):
    """The base of what boxes send."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Lookup(Body):
    """查询: whose enterprise ID and phone number these are."""

    enterprise_id: Annotated[
        Typed, Field(description="12 digits, the last one a check digit.", examples=["352846102937"])
    ]
    installer_phone: Annotated[Typed, Field(description="11 digits.", examples=["13800138000"])]


class Binding(Lookup):
    """上报: what the box says that it is."""

    serial: Words
    model: Words
    firmware: Words


class ReportedFault(Body):
    """Something that went wrong on the box."""

    code: Words
    detail: Detail
    at: Moment


Screen = Literal["desktop", "zone", "ads", "splash", "live", "app", "off"]


class Heartbeat(Body):
    """How the box is."""

    boot: Annotated[Uuid, Field(description="Another one at each start of the box.")]
    count: Annotated[int, Field(ge=1, le=_LARGEST, description="From 1, since that start.")]
    sequence: Annotated[Count, Field(description="Of the pointer it shows; 0 before the first.")]
    release: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None
    screen: Screen
    uptime_seconds: Count
    free_bytes: Count
    firmware: Words
    faults: Annotated[list[ReportedFault], Field(max_length=20)]


class Play(Body):
    """One thing that was shown, from when and for how long."""

    list: Literal["ads", "zone", "splash", "marquee"]
    id: Words
    started_at: Moment
    seconds: Annotated[int, Field(ge=0, le=86400)]
    completed: bool


class Plays(Body):
    """A batch of plays; it counts once, however often it comes."""

    batch: Uuid
    plays: Annotated[list[Play], Field(max_length=catalogue().boxes.plays_per_batch)]


class Done(Body):
    """What became of a command."""

    ok: bool
    detail: Detail = ""


Shape = TypeVar("Shape", bound=Body)


def fitted(shape: type[Shape], found: dict[str, Any]) -> Shape:
    """This function will return `found` as what a call takes; raises `Unfit` with the place of everything that is wrong."""
    try:
        return shape.model_validate(found)
    except ValidationError as error:
        raise Unfit([Fault(_pointer(each["loc"]), each["msg"]) for each in error.errors()[:_MOST_FAULTS]]) from None


_MOST_FAULTS: Final = 20


def check_typed(lookup: Lookup) -> None:
    """This function will raise `Unfit` where what somebody typed is no enterprise ID or no mobile number; nothing is looked up."""
    if not is_enterprise_id(lookup.enterprise_id):
        words = N_("企业 ID 不对：12 位数字，末位是校验码。")
        raise Unfit([Fault("#/enterprise_id", str(words))], "invalid_enterprise_id", words)
    if not is_mobile(lookup.installer_phone):
        words = N_("手机号码不对：11 位数字。")
        raise Unfit([Fault("#/installer_phone", str(words))], "invalid_phone", words)


def _pointer(place: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901) as a fragment, the way in which RFC 9457 writes one."""
    return "#" + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)

"""The pointer (`pointer/1`): the small file that tells the boxes of a channel which document to show."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import Field

from portal.content.fields import Id, Sha256
from portal.core.canonical import canonical
from portal.releases.schema import Address, EnterpriseNumber, Natural, Part

SCHEMA: Final = "pointer/1"

VALIDITY: Final = timedelta(days=30)
"""How long a signed pointer may be used."""

BYTES_MAX: Final = 1023

Moment = Annotated[
    str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$", json_schema_extra={"format": "date-time"})
]


class PointerGroup(Part):
    """The box group whose feed the channel is."""

    id: Id
    name: str


class Pointer(Part):
    """Which release a channel shows; `previous` is the document shown before, or null."""

    schema_: Annotated[Literal["pointer/1"], Field(alias="schema")]
    enterprise_id: EnterpriseNumber
    channel: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    group: PointerGroup
    sequence: Natural
    release: Sha256
    url: Address
    bytes: Natural
    release_number: Natural
    previous: Sha256 | None
    compiled_at: Moment
    published_at: Moment
    valid_until: Moment


def pointer_bytes(pointer: Pointer) -> bytes:
    """This function will return `pointer` as canonical JSON; raises `ValueError` if it is 1 KB or more, which a box need not read."""
    data = canonical(pointer.model_dump(by_alias=True))
    if len(data) > BYTES_MAX:
        raise ValueError(f"a pointer of {len(data)} bytes")
    return data


def moment_text(moment: datetime) -> str:
    """This function will write `moment` (aware) as the contract does: RFC 3339, UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""The types that payloads are made of: text as people type it, files, ids, addresses. Each folds first and then checks."""

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from portal.content.addresses import live_address_fault, web_address_fault
from portal.content.limits import ADDRESS_CHARACTERS, ORDER_MAX, PRIORITY_MAX, SECONDS_MAX, SECONDS_MIN
from portal.core.messages import N_, Message

_SHA256: Final = r"^[0-9a-f]{64}$"
_UUID7: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_INVISIBLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Payload(BaseModel):
    """What one kind of content holds: frozen, no unknown fields, a number is a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def refusal(message: Message, at: str = "") -> PydanticCustomError:
    """This function will return the error by which a check tells `message` through pydantic; a check of a whole payload names the field `at` fault."""
    return PydanticCustomError("refused", "refused", {"message": message, "at": at})


def _composed(value: object) -> object:
    return _printable(unicodedata.normalize("NFC", value).strip()) if isinstance(value, str) else value


def _narrowed(value: object) -> object:
    return _printable(unicodedata.normalize("NFKC", value).strip()) if isinstance(value, str) else value


def _printable(value: str) -> str:
    if _BIDI.search(value) or any(unicodedata.category(character) in _INVISIBLE for character in value):
        raise refusal(N_("含有不能显示的控制字符或换行，请删去。"))
    return value


def _lower(value: object) -> object:
    narrowed = _narrowed(value)
    return narrowed.lower() if isinstance(narrowed, str) else narrowed


def _web(value: str) -> str:
    if fault := web_address_fault(value):
        raise refusal(fault)
    return value


def _live(value: str) -> str:
    if fault := live_address_fault(value):
        raise refusal(fault)
    return value


LINE: Final = BeforeValidator(_composed)
"""Marks one line of text: composed (NFC), without surrounding blanks, without control characters; lengths are counted in characters."""

CODE: Final = BeforeValidator(_narrowed)
"""Marks one line that machines read: as `LINE`, and full-width letters and digits are folded (NFKC)."""

Sha256 = Annotated[str, Field(pattern=_SHA256)]
"""A file, by the SHA-256 of its main rendition: 64 lower-case hex digits."""

Id = Annotated[str, Field(pattern=_UUID7)]
"""An id: UUIDv7, lower case."""

Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$"), BeforeValidator(_lower)]
Seconds = Annotated[int, Field(ge=SECONDS_MIN, le=SECONDS_MAX)]
Order = Annotated[int, Field(ge=0, le=ORDER_MAX)]
Priority = Annotated[int, Field(ge=0, le=PRIORITY_MAX)]
WebAddress = Annotated[str, Field(max_length=ADDRESS_CHARACTERS), CODE, AfterValidator(_web)]
LiveAddress = Annotated[str, Field(max_length=ADDRESS_CHARACTERS), CODE, AfterValidator(_live)]

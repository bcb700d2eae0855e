"""How confidential content is (密级): an attribute of the object, for the access list alone; boxes never see it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.core.messages import N_, Message


class Class(StrEnum):
    """A class of information, the least confidential first."""

    PUBLIC = "public"
    INTERNAL = "internal"
    SENSITIVE = "sensitive"


CLASS_LABELS: Mapping[Class, Message] = MappingProxyType(
    {Class.PUBLIC: N_("公开"), Class.INTERNAL: N_("内部"), Class.SENSITIVE: N_("敏感")}
)

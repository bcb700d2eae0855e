"""The payload of an app."""

from typing import Annotated

from pydantic import Field

from portal.content.actions import Package
from portal.content.fields import LINE, Payload, Sha256
from portal.content.limits import (
    APP_NAME_CHARACTERS,
    PERMISSION_CHARACTERS,
    PERMISSIONS,
    VERSION_CODE_MAX,
    VERSION_NAME_CHARACTERS,
)

Permission = Annotated[str, Field(max_length=PERMISSION_CHARACTERS), LINE]


class App(Payload):
    """An app that boxes install or upgrade, as read from its APK; `signer_sha256` is the fingerprint of its signing certificate.

    The permissions that it asks for are for the reviewer; boxes read them from the file.
    """

    package: Package
    version_code: Annotated[int, Field(ge=1, le=VERSION_CODE_MAX)]
    version_name: Annotated[str, Field(max_length=VERSION_NAME_CHARACTERS), LINE] = ""
    name: Annotated[str, Field(min_length=1, max_length=APP_NAME_CHARACTERS), LINE]
    icon: Sha256 | None = None
    asset: Sha256
    signer_sha256: Sha256
    permissions: Annotated[tuple[Permission, ...], Field(max_length=PERMISSIONS, strict=False)] = ()

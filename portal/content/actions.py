"""What opens when a viewer presses OK on a slot."""

from typing import Annotated, Literal

from pydantic import Field

from portal.content.fields import CODE, Id, LiveAddress, Payload, Sha256, WebAddress
from portal.content.limits import APP_PACKAGE_CHARACTERS

Package = Annotated[
    str,
    Field(max_length=APP_PACKAGE_CHARACTERS, pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$"),
    CODE,
]
"""The package name of an Android app."""


class OpenColumn(Payload):
    """Open a column of the zone, of either level."""

    open: Literal["column"]
    column: Id


class OpenItem(Payload):
    """Open one item of the zone."""

    open: Literal["item"]
    item: Id


class OpenApp(Payload):
    """Start an app of the tenant."""

    open: Literal["app"]
    package: Package


class OpenUrl(Payload):
    """Open a web page, https only."""

    open: Literal["url"]
    url: WebAddress


class OpenVideo(Payload):
    """Play a video."""

    open: Literal["video"]
    asset: Sha256


class OpenLive(Payload):
    """Play a live channel."""

    open: Literal["live"]
    url: LiveAddress


Action = Annotated[OpenColumn | OpenItem | OpenApp | OpenUrl | OpenVideo | OpenLive, Field(discriminator="open")]

"""Identifiers: UUIDv7 as lower-case text, one `NewType` per thing that is identified."""

import re
from typing import NewType

from uuid6 import uuid7

TenantId = NewType("TenantId", str)
UserId = NewType("UserId", str)
MembershipId = NewType("MembershipId", str)
SessionId = NewType("SessionId", str)
PasskeyId = NewType("PasskeyId", str)
CertificateId = NewType("CertificateId", str)
GroupId = NewType("GroupId", str)
MediaId = NewType("MediaId", str)
ObjectId = NewType("ObjectId", str)
RevisionId = NewType("RevisionId", str)
SubmissionId = NewType("SubmissionId", str)
ReleaseId = NewType("ReleaseId", str)
SubscriptionId = NewType("SubscriptionId", str)
JobId = NewType("JobId", str)
BoxId = NewType("BoxId", str)

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id() -> str:
    """This function will return a new UUIDv7 (RFC 9562) as 36 lower-case characters; later ids sort after earlier ones."""
    return str(uuid7())


def is_id(text: object) -> bool:
    """This function will tell whether `text` is an id as the portal writes it."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None

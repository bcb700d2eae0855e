"""What a box is told so that it can listen at the broker: its own account, and its channel's topic.

The password follows from the installation's secret, the box and the number of its account; so every heartbeat can say it again, and it is stored nowhere.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Final

from portal.boxes.entering import Known
from portal.boxes.queries.feeds import Feed
from portal.core.crypto import vault
from portal.core.ids import BoxId
from portal.releases import push
from portal.releases.broker_accounts import Login, topic

_PURPOSE: Final = "broker password"


def login_of(box_id: BoxId, number: int, channel: str) -> Login:
    """This function will return the account of a box, the `number`th that it has."""
    digest = hmac.digest(vault().key(_PURPOSE), f"{box_id}:{number}".encode(), "sha256")
    return Login(box_id, urlsafe_b64encode(digest).rstrip(b"=").decode(), channel)


def offer_of(known: Known, feed: Feed) -> Mapping[str, str] | None:
    """This function will return what the box is told about the broker, None while that is away or does not know the box as it is now."""
    row = known.row
    if not (row.push_open and row.push_known == row.push_number and row.told == feed.channel and push.is_here()):
        return None
    login = login_of(known.id, row.push_number, feed.channel)
    return {
        "url": push.told_url(),
        "username": login.username,
        "password": login.password,
        "topic": topic(login.channel),
    }

"""What `portal doctor` says of the broker that tells boxes of new pointers."""

from dataclasses import replace

from sqlalchemy import Connection, func, select

from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus
from portal.boxes.states import BoxState
from portal.core.settings import Settings
from portal.releases.broker import Broker, PushFailed
from portal.releases.broker_accounts import may_publish


def weaknesses(settings: Settings, connection: Connection) -> list[str]:
    """This function will return what keeps boxes from being told at once; nothing where all is well, or where no broker is set."""
    if settings.mqtt_url is None:
        return []
    broker = Broker.at(settings.mqtt_url, str(settings.mqtt_ca_file) if settings.mqtt_ca_file else None)
    try:
        return [*_of_accounts(broker), *_of_strangers(broker), *_of_boxes(connection)]
    except (PushFailed, OSError) as away:
        return [f"the broker at {broker.host}, port {broker.port}, does not serve us, so boxes poll: {away}"]


def _of_accounts(broker: Broker) -> list[str]:
    if broker.username is None:
        return ["PORTAL_MQTT_URL names no user: boxes get no accounts at the broker, and poll"]
    with broker.line() as line:
        if may_publish(line, broker.username):
            return []
    return ["the portal may not publish at the broker yet: start its job worker"]


def _of_strangers(broker: Broker) -> list[str]:
    try:
        with replace(broker, username=None, password=None).line():
            return ["the broker lets in whoever comes: set allow_anonymous false"]
    except PushFailed:
        return []


def _of_boxes(connection: Connection) -> list[str]:
    statement = (
        select(func.count())
        .select_from(Box.__table__.join(BoxStatus.__table__, Box.id == BoxStatus.id))
        .where(Box.state == BoxState.BOUND.value, BoxStatus.push_known != BoxStatus.push_number)
    )
    behind = connection.scalar(statement) or 0
    return [f"{behind} boxes have no account at the broker yet, and poll"] if behind else []

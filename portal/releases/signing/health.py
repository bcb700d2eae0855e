"""What is not as it should be with signatures, in sentences for whoever runs the portal."""

import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, or_, select

from portal.releases.models import Pointer
from portal.releases.signing.models import KeySet, RootKey


def weaknesses(connection: Connection, public: Path, at: datetime) -> list[str]:
    """This function will return what an operator has to mend so that boxes accept what they fetch; nothing where all is well."""
    found = []
    if connection.scalar(select(func.count()).select_from(RootKey)) == 0:
        found.append("there is no root key: run `portal keys root FILE`, and move FILE off this machine")
    newest = connection.execute(select(KeySet.version, KeySet.jws).order_by(KeySet.version.desc()).limit(1)).first()
    if newest is not None and newest.jws is None and not found:
        found.append("the list of release keys is not signed: run `portal keys rotate --release --root FILE`")
    if newest is not None and _published(public) > newest.version:
        found.append("boxes have seen a newer list of release keys: run `portal keys rotate --release --root FILE`")
    expired = connection.scalar(select(func.count()).where(or_(Pointer.valid_until <= at, Pointer.jws.is_(None))))
    if expired:
        found.append(
            f"{expired} pointers have expired or bear no signature: start the portal, or look at its job worker"
        )
    return found


def _published(public: Path) -> int:
    try:
        return int(json.loads((public / "keys.json").read_bytes())["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0

"""Leaving messages without the act that they tell of."""

from collections.abc import Callable

import pytest

from portal.core import unit_of_work
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import tenant_session
from portal.core.messages import N_, Name, Words
from portal.notify.commands import tell
from tests.world.cast import House

Say = Callable[..., None]


@pytest.fixture
def say() -> Say:
    """A function that leaves a message of a tenant for a person or a role."""

    def say(house: House, text: Words | Name, **to: str) -> None:
        with tenant_session(house.tenant.id, writes=True) as session:
            ctx = Context(session, COMMAND_LINE, house.tenant)
            tell(ctx, N_("%(words)s。", words=text), key=str(text), **to)
            session.flush()
            # What is told stands beside the act it tells of; here there is none to ask for and to record.
            unit_of_work.work_of(session).changed.clear()
            session.commit()

    return say

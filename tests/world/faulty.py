"""The portal with guards that a test can take out while it runs: each is off only while the file `planted` of its folder names it.

python -m tests.world.faulty serve
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, select

from portal.boxes.commands import admitting, binding, deciding, managing
from portal.boxes.commands.licensing import give_back_licence
from portal.boxes.commands.tokens import end_tokens
from portal.boxes.models.bound import Box
from portal.boxes.states import BoxState
from portal.cli.main import main
from portal.core import clock
from portal.core.ids import BoxId, JobId
from portal.tenants.installing.commands import give_back_place

FILE = "planted"
_PAUSE = 0.2


def _is_planted(name: str) -> bool:
    file = Path(os.environ["PORTAL_INSTANCE_DIR"]) / FILE
    return file.exists() and file.read_text() == name


def _replace(module: Any, guard: str, name: str, fault: Callable[..., Any]) -> None:
    sound = getattr(module, guard)

    def either(*args: Any) -> Any:
        return fault(sound, *args) if _is_planted(name) else sound(*args)

    setattr(module, guard, either)


def _careless(_sound: Callable[..., Any], session: Any, box_id: str, *_: object) -> Any:
    """A box as it is, whatever it is, and nobody else has to wait."""
    found = session.scalar(select(Box).where(Box.id == box_id).execution_options(populate_existing=True))
    time.sleep(_PAUSE)
    return found


def _knotted(_sound: Callable[..., Any], ctx: Any, box: Box, state: BoxState, reason: str) -> None:
    """The licence before the place, where a binding takes the place before the licence."""
    box.state, box.ended_at, box.end_reason = state.value, clock.now(), reason
    ctx.session.flush()
    end_tokens(ctx.session, BoxId(box.id))
    give_back_licence(ctx.session, ctx.tenant_id)
    time.sleep(_PAUSE)
    give_back_place(ctx, JobId(box.job_id or ""))


def _slowly(take: Callable[..., Any], *args: object) -> Any:
    time.sleep(3 * _PAUSE)
    return take(*args)


def _unversioned(flush: Callable[..., Any], *args: object) -> Any:
    """What the rows' versions would find out is not found out either."""
    mapper = inspect(Box)
    kept, mapper.version_id_col = mapper.version_id_col, None
    try:
        return flush(*args)
    finally:
        mapper.version_id_col = kept


def _plant() -> None:
    _replace(admitting, "bound_boxes", "licences", lambda *_: 0)
    _replace(admitting, "take_licence", "licences", lambda take, session, tenant, _: take(session, tenant, 1_000_000))
    _replace(deciding, "one_bound", "careless", _careless)
    _replace(managing, "_bound", "careless", _careless)
    _replace(managing, "_end", "careless", _unversioned)
    _replace(binding, "bound_box", "hurried", _careless)
    _replace(managing, "_end", "knotted", _knotted)
    _replace(admitting, "take_licence", "knotted", _slowly)


if __name__ == "__main__":
    _plant()
    main()

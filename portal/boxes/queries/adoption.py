"""How far what is on air has come (内容到达): bound boxes by what they show and, where they are behind, by why; two queries at any size."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, case, func, literal, select
from sqlalchemy.orm import Session

from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus
from portal.boxes.queries.conditions import (
    Pairs,
    in_province,
    is_in,
    lags,
    of_the_box,
    shown_release,
    trouble_of,
    why,
    with_feed,
)
from portal.boxes.states import BoxState, Reason
from portal.core.ids import GroupId

_MOST_PAIRS: Final = 400
_CURRENT: Final = ""
_ONE_IN: Final = 20


@dataclass(frozen=True)
class Share:
    """Some boxes: how many there are, how many of them show what is on air, and why the others do not."""

    boxes: int
    current: int
    reasons: Mapping[Reason, int]

    @property
    def behind(self) -> int:
        """How many do not show what is on air."""
        return self.boxes - self.current

    @property
    def percent(self) -> int:
        """How many of a hundred show it; a hundred only where all do."""
        return 100 * self.current // self.boxes if self.boxes else 0


@dataclass(frozen=True)
class Cell:
    """Boxes that are alike in everything that a page tells apart; `release` is None where it is not known."""

    tenant_id: str
    model: str
    firmware: str
    reason: Reason | None
    boxes: int
    group_id: str = ""
    release: int | None = None


def adoption_cells(
    session: Session,
    now: datetime,
    *,
    groups: Collection[GroupId] | None = None,
    province: str | None = None,
    everywhere: bool = False,
) -> list[Cell]:
    """This function will count bound boxes by whose they are, what they are, what they show and why they are behind.

    Boxes `everywhere` are not told apart by group and release, which are their enterprises' own.
    """
    whole = groups is None and province is None
    known = (
        () if whole else old_firmware(session)
    )  # of a whole fleet the cells say it themselves, and nobody looks twice
    alike = _alike(now, groups, province).subquery().c
    why_behind = why(now, known, alike.trouble, alike.model, alike.firmware)
    reason = case((lags(alike.sequence), why_behind), else_=literal(_CURRENT)).label("reason")
    keys: list[Any] = [alike.tenant_id, alike.model, alike.firmware, reason]
    if not everywhere:
        keys += [alike.group_id, shown_release(alike.sequence).label("release_shown")]
    statement = with_feed(select(*keys, func.sum(alike.boxes)), alike)
    cells = [_cell(*row) for row in session.execute(statement.group_by(*keys))]
    return _with_old_firmware(cells) if whole else cells


def _alike(now: datetime, groups: Collection[GroupId] | None, province: str | None) -> Select[Any]:
    """Boxes counted by all that they say: what their groups have on air is then looked up for some hundred kinds, not for each box.

    What differs early and is short stands first, for sorting compares from the left.
    """
    keys: tuple[Any, ...] = (
        trouble_of(now).label("trouble"),
        BoxStatus.sequence,
        BoxStatus.firmware,
        Box.model,
        Box.group_id,
        Box.tenant_id,
    )
    counted: Select[Any] = select(*keys, func.count().label("boxes"))
    statement = counted.select_from(Box).join(BoxStatus, of_the_box()).where(is_in(BoxState.BOUND)).group_by(*keys)
    if groups is not None:
        statement = statement.where(Box.group_id.in_(groups))
    if province is not None:
        statement = statement.where(in_province(Box.tenant_id, province))
    return statement


def _with_old_firmware(cells: Sequence[Cell]) -> list[Cell]:
    """That firmware is old is the last reason that is looked for: where nothing else was found, it may be that."""
    old = set(_older(_most_common((each.model, each.firmware, each.boxes) for each in cells)))
    return [
        replace(each, reason=Reason.FIRMWARE)
        if each.reason is Reason.UNKNOWN and (each.model, each.firmware) in old
        else each
        for each in cells
    ]


def _most_common(counted: Iterable[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    boxes: Counter[tuple[str, str]] = Counter()
    for model, firmware, number in counted:
        boxes[model, firmware] += number
    return [(*pair, number) for pair, number in boxes.most_common(_MOST_PAIRS)]


def _cell(tenant: str, model: str, firmware: str, why: str, *rest: Any) -> Cell:
    boxes, place = rest[-1], rest[:-1]
    return Cell(tenant, model, firmware, Reason(why) if why else None, boxes, *place)


def share_of(cells: Iterable[Cell]) -> Share:
    """This function will add cells up."""
    reasons: Counter[Reason] = Counter()
    boxes = current = 0
    for cell in cells:
        boxes += cell.boxes
        if cell.reason is None:
            current += cell.boxes
        else:
            reasons[cell.reason] += cell.boxes
    return Share(boxes, current, reasons)


def shares_by(cells: Iterable[Cell], key: Callable[[Cell], Any]) -> dict[Any, Share]:
    """This function will add cells up by what `key` says of them, those with most boxes behind first."""
    found: dict[Any, list[Cell]] = defaultdict(list)
    for cell in cells:
        found[key(cell)].append(cell)
    shares = {each: share_of(some) for each, some in found.items()}
    return dict(sorted(shares.items(), key=lambda pair: (-pair[1].behind, -pair[1].boxes, str(pair[0]))))


def old_firmware(session: Session) -> Pairs:
    """This function will return the models with those versions of firmware that are older than the newest one in use among the bound boxes.

    In use is what one box of a model in twenty runs: a version that is tried out, or that a stranger made up, makes no fleet old.
    """
    number = func.count(Box.id)
    pairs = select(Box.model, BoxStatus.firmware, number).join(BoxStatus, of_the_box())
    alike = pairs.where(Box.state == BoxState.BOUND.value).group_by(Box.model, BoxStatus.firmware)
    rows = session.execute(alike.order_by(number.desc()).limit(_MOST_PAIRS))
    return _older([(model, firmware, boxes) for model, firmware, boxes in rows])


def _older(found: Sequence[tuple[str, str, int]]) -> Pairs:
    boxes: Counter[str] = Counter()
    for model, _firmware, alike_boxes in found:
        boxes[model] += alike_boxes
    newest: dict[str, tuple[int, ...]] = {}
    for model, firmware, alike_boxes in found:
        if alike_boxes * _ONE_IN >= boxes[model]:
            newest[model] = max(newest.get(model, ()), _version(firmware))
    return tuple((model, firmware) for model, firmware, _ in found if _version(firmware) < newest.get(model, ()))


def _version(firmware: str) -> tuple[int, ...]:
    """`5.2.18` is more than `5.2.9`; what stands between the numbers is not compared. Long rows of digits are a stranger's joke."""
    return tuple(int(number) for number in re.findall(r"\d{1,9}", firmware, re.ASCII)[:8])

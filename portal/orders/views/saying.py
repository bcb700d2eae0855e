"""Consequences in words, as icon and sentence: what is said before an act."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from portal.catalog.catalogue import catalogue
from portal.catalog.features import Feature
from portal.catalog.months import first_of_next_month
from portal.catalog.pricing import first_month
from portal.core import clock
from portal.orders.commands.ordering import Ordered
from portal.orders.rehearsal import Consequences
from portal.orders.rules import terms
from portal.orders.rules.facts import Plan
from portal.orders.states import Terms
from portal.web.formats import money
from portal.web.i18n import language

Line = tuple[str, str]


def features_named(features: Iterable[Feature]) -> str:
    """This function will return the names of features, in the order of the catalogue."""
    wanted = set(features)
    entries = [entry for entry in catalogue().features.values() if entry.feature in wanted]
    return str(_("、")).join(entry.name.in_language(language()) for entry in entries)


def package_name(offering_code: str) -> str:
    """This function will return what a package is called."""
    return catalogue().offering(offering_code).name.in_language(language())


def ordering(found: Consequences[Ordered]) -> list[Line]:
    """This function will say what an order costs now and later, and what it opens."""
    starts_on = clock.business_date(found.at)
    lines = [("calendar", _("马上生效") if starts_on == clock.today() else _at(found.at))]
    if found.after is None:
        return lines
    plan = found.after.plan
    charged = money(found.result.charged)
    if plan.terms is Terms.GROUP_PURCHASE:
        group = catalogue().group_purchase
        lines.append(
            (
                "receipt-yuan",
                _(
                    "团购：%(price)s × %(boxes)d 台 = %(sum)s，含 %(months)d 个月服务",
                    price=money(group.box_price),
                    boxes=plan.boxes,
                    sum=charged,
                    months=group.included_months,
                ),
            )
        )
    else:
        last = first_of_next_month(starts_on) - timedelta(days=1)
        lines.append(
            (
                "receipt-yuan",
                _(
                    "首月按日计费（%(since)s 至 %(until)s，%(days)d 天）：%(price)s × %(boxes)d 台 = %(sum)s",
                    since=starts_on,
                    until=last,
                    days=(last - starts_on).days + 1,
                    price=money(first_month(plan.price, starts_on)),
                    boxes=plan.boxes,
                    sum=charged,
                ),
            )
        )
        lines.append(("coin-yuan", _("次月起每月 %(sum)s", sum=_monthly(plan))))
    renewal = terms.next_renewal(starts_on, starts_on)
    lines.append(("rotate", _("一年一期，%(day)s 自动续订，退订才终止", day=renewal)))
    return lines + _features(found)


def changing(found: Consequences[Any]) -> list[Line]:
    """This function will say what another package, number of boxes or price means from the first of the next month on."""
    lines = [("calendar", _at(found.at)), ("receipt-yuan", _("本月不变，本月加收 %(sum)s", sum=money(Decimal())))]
    if found.before is not None and found.after is not None:
        old, new = found.before.plan, found.after.plan
        lines.append(("coin-yuan", _("每月 %(old)s → %(new)s", old=_monthly(old), new=_monthly(new))))
        if old.boxes > new.boxes:
            lines.append(("device-tv", _("少 %(n)d 台机顶盒", n=old.boxes - new.boxes)))
    return lines + _features(found)


def ending(found: Consequences[Any]) -> list[Line]:
    """This function will say what a cancellation means."""
    return [
        ("calendar", _at(found.at)),
        ("receipt-yuan", _("本月照常使用和计费")),
        *_features(found),
        ("rotate", _("生效以前可以撤回")),
    ]


def resting(found: Consequences[Any]) -> list[Line]:
    """This function will say what suspending or resuming does at once."""
    return [("bolt", _("马上生效，机顶盒约一分钟内换画面")), *_features(found)]


def _features(found: Consequences[Any]) -> list[Line]:
    lines = []
    if found.opens:
        lines.append(("lock-open", _("开放：%(features)s", features=features_named(found.opens))))
    if found.closes:
        closes = features_named(found.closes)
        lines.append(("lock", _("关闭：%(features)s；从屏幕上撤下", features=closes)))
        lines.append(("archive", _("内容、草稿和素材都保留，页面只读；功能恢复时一起回来")))
    if not found.opens and not found.closes:
        lines.append(("check", _("功能不变，屏幕上的画面不变")))
    return lines


def _at(moment: datetime) -> str:
    return str(_("%(day)s 00:00 起生效", day=clock.business_date(moment)))


def _monthly(plan: Plan) -> str:
    text = _(
        "%(price)s × %(boxes)d 台 = %(sum)s",
        price=money(plan.price),
        boxes=plan.boxes,
        sum=money(plan.price * plan.boxes),
    )
    return str(text)

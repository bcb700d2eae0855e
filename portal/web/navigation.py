"""The menu: one table, filtered by what the actor may do and marked by what the tenant's package holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import current_app, request, url_for

from portal.access.acl import Reach
from portal.access.checks import may
from portal.access.permissions import Permission
from portal.access.policy import reach_of
from portal.core.messages import N_, Message
from portal.web.access import mark_of
from portal.web.i18n import translate
from portal.web.state import RequestState, state


@dataclass(frozen=True)
class Entry:
    """One line of the menu's table.

    `values`: what its address needs beside the tenant; `alone`: the other pages of its room do not stand under it.
    """

    label: Message
    endpoint: str | None = None
    icon: str = ""
    badge: str | None = None
    children: tuple["Entry", ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    alone: bool = False


@dataclass(frozen=True)
class Link:
    """One line of the menu as a page shows it; `source` is its label in Chinese, of which every other language is a translation."""

    label: str
    icon: str
    href: str | None
    active: bool = False
    locked: bool = False
    badge: int | None = None
    children: tuple["Link", ...] = field(default=())
    source: str = ""


TENANT_MENU: tuple[Entry, ...] = (
    Entry(N_("工作台"), "dashboard.tenant", "home"),
    Entry(
        N_("内容"),
        icon="layout-dashboard",
        children=(
            Entry(N_("定制 Logo"), "logo.index"),
            Entry(N_("专属推荐位"), "slots.index"),
            Entry(N_("专栏专区"), "zone.index"),
            Entry(N_("跑马灯"), "marquee.index"),
            Entry(N_("开机前导页"), "splash.index"),
            Entry(N_("广告联播"), "ads.index"),
            Entry(N_("企业APP"), "apps.index"),
            Entry(N_("定时开关机"), "power.index"),
            Entry(N_("回收站"), "content.recycle_bin", alone=True),
        ),
    ),
    Entry(N_("媒体库"), "media.index", "photo"),
    Entry(
        N_("发布"),
        icon="send",
        children=(
            Entry(N_("我的送审"), "review.submissions", badge="submissions"),
            Entry(N_("版本记录"), "releases.timeline"),
        ),
    ),
    Entry(
        N_("终端"),
        icon="device-tv",
        children=(
            Entry(N_("机顶盒"), "boxes.index", badge="boxes"),
            Entry(N_("远程监播"), "boxes.wall_page", alone=True),
            Entry(N_("分组"), "groups.index"),
            Entry(N_("交接与装机"), "installation.index"),
        ),
    ),
    Entry(N_("播放统计"), "plays.index", "chart-bar"),
    Entry(N_("套餐与功能"), "package.index", "package"),
    Entry(
        N_("企业设置"),
        icon="settings",
        children=(
            Entry(N_("用户与权限"), "members.index"),
            Entry(N_("用户组"), "member_groups.index"),
            Entry(N_("访问控制"), "tenant_acl.index"),
            Entry(N_("支持会话"), "support.index"),
            Entry(N_("登录安全"), "tenant_security.edit"),
            Entry(N_("操作日志"), "audit.tenant"),
        ),
    ),
)

STAFF_MENU: tuple[Entry, ...] = (
    Entry(N_("工作台"), "dashboard.staff", "home"),
    Entry(N_("审核台"), "desk.queue", "clipboard-check", badge="review"),
    Entry(N_("发布计划"), "releases.plan", "send"),
    Entry(
        N_("企业"),
        icon="building",
        children=(
            Entry(N_("企业名录"), "tenants.index"),
            Entry(N_("全部机顶盒"), "fleet.index"),
            Entry(N_("远程监播"), "fleet.wall_page", alone=True),
            Entry(N_("企业ID申请"), "applications.index", badge="applications"),
            Entry(N_("装维工单"), "all_jobs.index"),
            Entry(N_("客户名录"), "customers.index"),
        ),
    ),
    Entry(N_("销售品目录"), "catalog.index", "package"),
    Entry(
        N_("报表"),
        icon="chart-bar",
        children=(Entry(N_("播放统计"), "all_plays.index"), Entry(N_("装维激励"), "reports.installers")),
    ),
    Entry(
        N_("应用模块管理"),
        icon="shield-lock",
        children=(Entry(N_("模块策略"), "modules.index"), Entry(N_("模块与销售品"), "catalog.of_modules")),
    ),
    Entry(
        N_("系统配置管理"),
        icon="adjustments",
        children=(
            Entry(N_("账号"), "users.index"),
            Entry(N_("管理员任免"), "officers.index"),
            Entry(N_("访问控制"), "acl.index", values=(("acl", "user"),)),
            Entry(N_("用户组"), "user_groups.index"),
            Entry(N_("设置"), "system.settings"),
            Entry(N_("后台工作"), "system.jobs"),
            Entry(N_("存储"), "system.storage"),
            Entry(N_("密钥"), "keys.index"),
            Entry(N_("企业删除"), "deletions.index"),
            Entry(N_("认证级别"), "levels.index"),
            Entry(N_("操作日志"), "audit.index"),
        ),
    ),
    Entry(N_("角色与权限"), "roles.index", "users"),
)


def menu(current: RequestState, badges: Mapping[str, int]) -> tuple[Link, ...]:
    """This function will return the menu of the current page: only what the actor may open, the active line marked."""
    if current.signed_in is None:
        return ()
    table = TENANT_MENU if current.tenant is not None else STAFF_MENU
    links = (_link(entry, current, badges) for entry in table)
    return tuple(link for link in links if link is not None)


def trail(links: tuple[Link, ...]) -> list[tuple[str, str | None]]:
    """This function will return the breadcrumb of the active line: (label, address or None) from the outside in."""
    for link in links:
        for child in link.children:
            if child.active:
                return [(link.label, None), (child.label, child.href)]
        if link.active:
            return [(link.label, link.href)]
    return []


def _link(entry: Entry, current: RequestState, badges: Mapping[str, int]) -> Link | None:
    children = tuple(link for child in entry.children if (link := _link(child, current, badges)) is not None)
    if entry.endpoint is None:
        if not children:
            return None
        is_active = any(link.active for link in children)
        return Link(translate(entry.label), entry.icon, None, is_active, children=children, source=entry.label.text)
    mark = mark_of(current_app, entry.endpoint)
    if not _may_open(current, mark.permission):
        return None
    entitled = current.entitled
    locked = mark.feature is not None and entitled is not None and mark.feature not in entitled.features
    room = entry.endpoint.partition(".")[0]
    active = request.endpoint == entry.endpoint or (
        not entry.alone
        and (request.endpoint or "").partition(".")[0] == room
        and not _has_own_line(request.endpoint or "")
    )
    where: dict[str, Any] = {"enterprise_id": current.tenant.enterprise_id} if current.tenant else dict(entry.values)
    href = url_for(entry.endpoint, **where)
    link = Link(translate(entry.label), entry.icon, href, active, locked, source=entry.label.text)
    return replace(link, badge=badges.get(entry.badge) or None) if entry.badge else link


def _may_open(current: RequestState, permission: Permission | None) -> bool:
    if permission is None:
        return False
    reach = reach_of(current.actor, permission, current.tenant)
    if reach is Reach.BY_LIST and current.tenant == state().tenant:
        return may(state().context(), permission)
    return reach is Reach.HELD


def _has_own_line(endpoint: str) -> bool:
    return any(
        entry.endpoint == endpoint
        for table in (TENANT_MENU, STAFF_MENU)
        for group in table
        for entry in (group, *group.children)
    )

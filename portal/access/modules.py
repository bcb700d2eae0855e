"""The modules of the portal (应用模块), the permissions that belong to each, and what each demands before one enters.

A demand is the policy's default; 应用模块管理 may change it while the portal runs. What belongs to no module needs no more than
somebody who is signed in. A module's demand holds for reading as for writing: reaching important data is what it guards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.access.permissions import Permission
from portal.core.messages import N_, Message


class Module(StrEnum):
    """A part of the portal whose door has a policy of its own."""

    SIGN_IN = "sign_in"
    MODULE_POLICY = "module_policy"
    USERS = "users"
    PUBLISHING = "publishing"
    ROLLING_BACK = "rolling_back"
    ORDERS = "orders"
    GRANTS = "grants"
    KEYS = "keys"
    DELETION = "deletion"
    ACLS = "acls"
    SUPPORT = "support"
    OWN_FACTORS = "own_factors"
    AUDIT_EXPORT = "audit_export"
    PERSONAL_DATA = "personal_data"


class CaptchaPolicy(StrEnum):
    """When a page code (页面校验码) is asked for at a module's door."""

    NEVER = "never"
    AFTER_TROUBLE = "after_trouble"
    ALWAYS = "always"


LEVELS = (2, 3)
LONGEST_MINUTES = 720


@dataclass(frozen=True)
class Demand:
    """What a module's door asks: a page code or none, a level of authentication, and proven how many minutes ago at most.

    Without `minutes` what was proven once holds for the whole session.
    """

    captcha: CaptchaPolicy
    level: int = 2
    minutes: int | None = None


@dataclass(frozen=True)
class Door:
    """A module as people see it, the permissions that lie behind its door, and its default demand."""

    label: Message
    purpose: Message
    default: Demand
    permissions: frozenset[Permission] = frozenset()


_NEVER, _TROUBLE, _ALWAYS = CaptchaPolicy.NEVER, CaptchaPolicy.AFTER_TROUBLE, CaptchaPolicy.ALWAYS

DOORS: Mapping[Module, Door] = MappingProxyType(
    {
        Module.SIGN_IN: Door(N_("登录"), N_("输入用户名和密码"), Demand(_TROUBLE)),
        Module.MODULE_POLICY: Door(
            N_("应用模块管理"),
            N_("修改各模块的校验码和认证级别"),
            Demand(_ALWAYS, minutes=15),
            frozenset({Permission.MODULES_MANAGE}),
        ),
        Module.USERS: Door(
            N_("用户与账号"),
            N_("开通、停用账号，改角色，发一次性链接"),
            Demand(_TROUBLE, minutes=30),
            frozenset(
                {
                    Permission.USERS_MANAGE,
                    Permission.MEMBERS_MANAGE,
                    Permission.OFFICERS_APPOINT,
                    Permission.LEVELS_MANAGE,
                    Permission.TENANT_SECURITY,
                }
            ),
        ),
        Module.PUBLISHING: Door(
            N_("审核与发布"),
            N_("审核决定、发布到机顶盒"),
            Demand(_TROUBLE),
            frozenset({Permission.REVIEW_COMPARE, Permission.REVIEW_DECIDE, Permission.RELEASES_PUBLISH}),
        ),
        Module.ROLLING_BACK: Door(
            N_("回滚与下架"),
            N_("换下正在播出的内容"),
            Demand(_NEVER, minutes=5),
            frozenset({Permission.RELEASES_ROLL_BACK, Permission.RELEASES_TAKE_DOWN}),
        ),
        Module.ORDERS: Door(
            N_("套餐与订购"),
            N_("订购、变更、退订、停复机、审批价格"),
            Demand(_TROUBLE),
            frozenset({Permission.ORDERS_MANAGE, Permission.ORDERS_SUSPEND, Permission.ORDERS_APPROVE_PRICE}),
        ),
        Module.GRANTS: Door(
            N_("深度定制授权"),
            N_("给一家企业套餐以外的功能"),
            Demand(_ALWAYS, minutes=30),
            frozenset({Permission.GRANTS_MANAGE}),
        ),
        Module.KEYS: Door(
            N_("密钥"),
            N_("查看和更换密钥"),
            Demand(_ALWAYS, level=3, minutes=5),
            frozenset({Permission.KEYS_VIEW, Permission.KEYS_ROTATE}),
        ),
        Module.DELETION: Door(
            N_("删除企业"),
            N_("提请、确认删除一家企业"),
            Demand(_ALWAYS, minutes=5),
            frozenset({Permission.TENANT_DELETE, Permission.DELETIONS_CONFIRM}),
        ),
        Module.ACLS: Door(
            N_("访问控制表"),
            N_("修改谁可以做什么"),
            Demand(_ALWAYS, minutes=15),
            frozenset({Permission.ACLS_MANAGE, Permission.TENANT_ACL_MANAGE}),
        ),
        Module.SUPPORT: Door(
            N_("支持会话"),
            N_("进入一家企业的内部页面"),
            Demand(_ALWAYS, minutes=5),
            frozenset({Permission.SUPPORT_OPEN}),
        ),
        Module.OWN_FACTORS: Door(N_("登录方式"), N_("生成自己的恢复代码"), Demand(_NEVER, minutes=15)),
        Module.AUDIT_EXPORT: Door(
            N_("导出操作日志"),
            N_("把操作日志带出系统"),
            Demand(_ALWAYS, minutes=15),
            frozenset({Permission.AUDIT_EXPORT, Permission.TENANT_AUDIT_EXPORT}),
        ),
        Module.PERSONAL_DATA: Door(
            N_("个人信息"),
            N_("查看完整的手机号和联系人"),
            Demand(_ALWAYS, minutes=30),
            frozenset({Permission.INSTALLATION_REVEAL, Permission.REPORTS_EXPORT}),
        ),
    }
)

_MODULE_OF: Mapping[Permission, Module] = MappingProxyType(
    {permission: module for module, door in DOORS.items() for permission in door.permissions}
)


def module_of(permission: Permission | None) -> Module | None:
    """This function will return the module whose door lies before a permission, or None."""
    return _MODULE_OF.get(permission) if permission else None

"""The roles and the layer of administration each belongs to (系统配置管理, 应用模块管理, 业务操作)."""

from enum import StrEnum
from types import MappingProxyType

from portal.core.messages import N_, Message


class Layer(StrEnum):
    """A layer of administration; an account and a permission belong to exactly one."""

    SYSTEM = "system"
    MODULE = "module"
    BUSINESS = "business"


class Role(StrEnum):
    """A role; `SYSTEM` and `CLI` are the portal itself and its command line, never an account's."""

    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"
    APP_ADMIN = "app_admin"
    CENTER_OPERATOR = "center_operator"
    CENTER_REVIEWER = "center_reviewer"
    CENTER_SUPPORT = "center_support"
    PROVINCE = "province"
    TENANT_ADMIN = "tenant_admin"
    TENANT_EDITOR = "tenant_editor"
    GROUP_EDITOR = "group_editor"
    SYSTEM = "system"
    CLI = "cli"


LAYER_OF = MappingProxyType(
    {
        Role.SYSTEM_ADMIN: Layer.SYSTEM,
        Role.SECURITY_ADMIN: Layer.SYSTEM,
        Role.AUDITOR: Layer.SYSTEM,
        Role.APP_ADMIN: Layer.MODULE,
        Role.CENTER_OPERATOR: Layer.BUSINESS,
        Role.CENTER_REVIEWER: Layer.BUSINESS,
        Role.CENTER_SUPPORT: Layer.BUSINESS,
        Role.PROVINCE: Layer.BUSINESS,
        Role.TENANT_ADMIN: Layer.BUSINESS,
        Role.TENANT_EDITOR: Layer.BUSINESS,
        Role.GROUP_EDITOR: Layer.BUSINESS,
    }
)

OFFICERS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
STAFF = OFFICERS | {Role.APP_ADMIN, Role.CENTER_OPERATOR, Role.CENTER_REVIEWER, Role.CENTER_SUPPORT, Role.PROVINCE}
PORTAL_ITSELF = frozenset({Role.SYSTEM, Role.CLI})
MEMBERS = frozenset({Role.TENANT_ADMIN, Role.TENANT_EDITOR, Role.GROUP_EDITOR})

LAYER_LABELS: MappingProxyType[Layer, Message] = MappingProxyType(
    {
        Layer.SYSTEM: N_("系统配置管理"),
        Layer.MODULE: N_("应用模块管理"),
        Layer.BUSINESS: N_("业务操作"),
    }
)

LABELS: MappingProxyType[Role, Message] = MappingProxyType(
    {
        Role.SYSTEM_ADMIN: N_("系统管理员"),
        Role.SECURITY_ADMIN: N_("安全管理员"),
        Role.AUDITOR: N_("审计员"),
        Role.APP_ADMIN: N_("应用模块管理员"),
        Role.CENTER_OPERATOR: N_("运营中心发布员"),
        Role.CENTER_REVIEWER: N_("运营中心审核员"),
        Role.CENTER_SUPPORT: N_("运营中心客服"),
        Role.PROVINCE: N_("省公司"),
        Role.TENANT_ADMIN: N_("企业管理员"),
        Role.TENANT_EDITOR: N_("企业编辑"),
        Role.GROUP_EDITOR: N_("分组编辑"),
        Role.SYSTEM: N_("系统"),
        Role.CLI: N_("命令行"),
    }
)

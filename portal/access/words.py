"""What permissions and the places where they hold are called on pages."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.access.permissions import Permission as P
from portal.access.policy import Where
from portal.core.messages import N_, Message

PERMISSIONS: Mapping[P, Message] = MappingProxyType(
    {
        P.SELF_MANAGE: N_("管理自己的账号"),
        P.IDENTITY_CONFIRM: N_("确认登录的人是本人"),
        P.TENANT_VIEW: N_("看企业档案"),
        P.CONTENT_VIEW: N_("看内容"),
        P.CONTENT_EDIT: N_("编辑内容"),
        P.CONTENT_SUBMIT: N_("送审和撤回"),
        P.MEDIA_VIEW: N_("看媒体库"),
        P.MEDIA_UPLOAD: N_("上传文件"),
        P.MEDIA_DELETE: N_("删除文件"),
        P.GROUPS_VIEW: N_("看分组"),
        P.GROUPS_MANAGE: N_("管理分组"),
        P.INSTALLATION_VIEW: N_("查看交接和装维工单"),
        P.INSTALLATION_MANAGE: N_("交接企业ID、管理装维工单"),
        P.MEMBERS_VIEW: N_("看企业用户"),
        P.MEMBERS_MANAGE: N_("管理企业用户"),
        P.TENANT_SECURITY: N_("规定成员的认证级别"),
        P.PACKAGE_VIEW: N_("看套餐与功能"),
        P.TENANT_AUDIT_VIEW: N_("看本企业操作日志"),
        P.TENANT_AUDIT_EXPORT: N_("导出本企业操作日志"),
        P.TENANT_ACL_MANAGE: N_("管理本企业的访问控制和用户组"),
        P.SUPPORT_VIEW: N_("看支持会话"),
        P.SUPPORT_OPEN: N_("打开支持会话"),
        P.SUPPORT_END: N_("结束支持会话"),
        P.MODULE_USE: N_("使用应用模块"),
        P.REVIEW_VIEW: N_("看送审"),
        P.REVIEW_QUEUE: N_("看待审队列"),
        P.REVIEW_DECIDE: N_("审核"),
        P.RELEASES_VIEW: N_("看版本记录"),
        P.RELEASES_PUBLISH: N_("发布"),
        P.RELEASES_ROLL_BACK: N_("回滚"),
        P.RELEASES_TAKE_DOWN: N_("下架"),
        P.RELEASES_SYSTEM: N_("随套餐和分组变化自动发布"),
        P.RELEASES_PLAN: N_("看发布计划"),
        P.TENANTS_VIEW: N_("看企业名录"),
        P.TENANTS_MANAGE: N_("开通和修改企业"),
        P.INSTALLATION_REVEAL: N_("查看装维人员的完整号码"),
        P.INSTALLATIONS_VIEW: N_("查看所有装维工单"),
        P.APPLICATIONS_VIEW: N_("查看企业ID申请"),
        P.APPLICATIONS_EDIT: N_("申请企业ID"),
        P.APPLICATIONS_DECIDE: N_("审批企业ID申请"),
        P.CUSTOMERS_VIEW: N_("看客户"),
        P.CUSTOMERS_MANAGE: N_("管理客户"),
        P.CONTACTS_REVEAL: N_("查看完整联系方式"),
        P.ORDERS_VIEW: N_("看订购"),
        P.ORDERS_MANAGE: N_("办理订购"),
        P.ORDERS_SUSPEND: N_("停机和复机"),
        P.ORDERS_APPROVE_PRICE: N_("审批低于建议价的价格"),
        P.GRANTS_MANAGE: N_("深度定制授权"),
        P.CATALOG_VIEW: N_("看销售品目录"),
        P.MODULE_CATALOG_VIEW: N_("看模块与销售品"),
        P.MODULES_MANAGE: N_("规定进入模块前的校验码和级别"),
        P.USERS_VIEW: N_("看账号"),
        P.USERS_MANAGE: N_("管理账号"),
        P.LEVELS_MANAGE: N_("规定角色和账号的认证级别"),
        P.OFFICERS_VIEW: N_("看管理员任免"),
        P.OFFICERS_APPOINT: N_("提请、确认管理员任免"),
        P.ACLS_VIEW: N_("看访问控制列表"),
        P.ACLS_MANAGE: N_("管理访问控制列表和用户组"),
        P.AUDIT_VIEW: N_("看操作日志并核验"),
        P.AUDIT_EXPORT: N_("导出操作日志"),
        P.SYSTEM_VIEW: N_("看系统状态"),
        P.SETTINGS_VIEW: N_("看设置"),
        P.JOBS_VIEW: N_("看后台工作"),
        P.JOBS_RETRY: N_("重试后台工作"),
        P.STORAGE_VIEW: N_("看存储"),
        P.SYSTEM_MAINTAIN: N_("后台维护"),
    }
)

PLACES: Mapping[Where, Message] = MappingProxyType(
    {
        Where.ANYWHERE: N_("可以"),
        Where.ANY_TENANT: N_("任一企业"),
        Where.OWN_TENANT: N_("本企业"),
        Where.OWN_PROVINCE: N_("本省企业"),
        Where.SUPPORTED: N_("支持会话中的企业"),
    }
)

"""Every permission there is."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing that somebody may or may not do."""

    SELF_MANAGE = "self:manage"
    IDENTITY_CONFIRM = "identity:confirm"

    TENANT_VIEW = "tenant:view"
    CONTENT_VIEW = "content:view"
    CONTENT_EDIT = "content:edit"
    CONTENT_SUBMIT = "content:submit"
    MEDIA_VIEW = "media:view"
    MEDIA_UPLOAD = "media:upload"
    MEDIA_DELETE = "media:delete"
    GROUPS_VIEW = "groups:view"
    GROUPS_MANAGE = "groups:manage"
    MEMBERS_VIEW = "members:view"
    MEMBERS_MANAGE = "members:manage"
    PACKAGE_VIEW = "package:view"
    TENANT_AUDIT_VIEW = "tenant:audit:view"

    REVIEW_VIEW = "review:view"
    REVIEW_QUEUE = "review:queue"
    REVIEW_DECIDE = "review:decide"
    RELEASES_VIEW = "releases:view"
    RELEASES_PUBLISH = "releases:publish"
    RELEASES_ROLL_BACK = "releases:roll-back"
    RELEASES_TAKE_DOWN = "releases:take-down"
    RELEASES_SYSTEM = "releases:system"
    RELEASES_PLAN = "releases:plan"

    TENANTS_VIEW = "tenants:view"
    TENANTS_MANAGE = "tenants:manage"
    CUSTOMERS_VIEW = "customers:view"
    CUSTOMERS_MANAGE = "customers:manage"
    ORDERS_VIEW = "orders:view"
    ORDERS_MANAGE = "orders:manage"
    ORDERS_SUSPEND = "orders:suspend"
    ORDERS_APPROVE_PRICE = "orders:approve-price"
    GRANTS_MANAGE = "grants:manage"
    CATALOG_VIEW = "catalog:view"
    MODULES_MANAGE = "modules:manage"

    USERS_VIEW = "users:view"
    USERS_MANAGE = "users:manage"
    AUDIT_VIEW = "audit:view"
    SYSTEM_VIEW = "system:view"
    SYSTEM_MAINTAIN = "system:maintain"

"""Which access list governs which permission, and which of them are always about one thing."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.access.acl import EVERYTHING, ROOT, Acl, Path, Place
from portal.access.permissions import Permission as P

GOVERNED_BY: Mapping[P, Acl] = MappingProxyType(
    {
        P.SETTINGS_VIEW: Acl.SYSTEM,
        P.JOBS_VIEW: Acl.SYSTEM,
        P.JOBS_RETRY: Acl.SYSTEM,
        P.STORAGE_VIEW: Acl.SYSTEM,
        P.KEYS_VIEW: Acl.SYSTEM,
        P.KEYS_ROTATE: Acl.SYSTEM,
        P.USERS_VIEW: Acl.USER,
        P.USERS_MANAGE: Acl.USER,
        P.MEMBERS_VIEW: Acl.USER,
        P.MEMBERS_MANAGE: Acl.USER,
        P.CONTENT_VIEW: Acl.INFORMATION,
        P.CONTENT_EDIT: Acl.INFORMATION,
        P.CONTENT_SUBMIT: Acl.INFORMATION,
        P.MEDIA_VIEW: Acl.INFORMATION,
        P.MEDIA_UPLOAD: Acl.INFORMATION,
        P.MEDIA_DELETE: Acl.INFORMATION,
        P.REVIEW_COMPARE: Acl.INFORMATION,
        P.REVIEW_COMMENT: Acl.INFORMATION,
        P.REVIEW_DECIDE: Acl.INFORMATION,
        P.RELEASES_PUBLISH: Acl.INFORMATION,
        P.MODULE_USE: Acl.APPLICATION,
        P.GRANTS_MANAGE: Acl.APPLICATION,
    }
)

# A transaction that asked one of these of nothing in particular must ask it of the things it changes, or it is not committed.
ABOUT_THINGS = frozenset(
    {
        P.CONTENT_EDIT, P.CONTENT_SUBMIT, P.REVIEW_COMMENT, P.REVIEW_DECIDE, P.RELEASES_PUBLISH, P.USERS_MANAGE, P.GRANTS_MANAGE,
    }
)  # fmt: skip

# What else an entry may say of one thing alone: who may not see it is told by `content/veil.py`.
SEEN_ONE_BY_ONE = frozenset({P.CONTENT_VIEW})

# Pages behind these show no content, so that nobody asks there what of it is hidden.
WITHOUT_CONTENT = frozenset(
    {
        P.PACKAGE_VIEW, P.ORDERS_VIEW, P.ORDERS_MANAGE, P.ORDERS_SUSPEND, P.ORDERS_APPROVE_PRICE, P.GRANTS_MANAGE,
        P.MEMBERS_VIEW, P.MEMBERS_MANAGE, P.TENANT_SECURITY, P.TENANT_AUDIT_VIEW, P.TENANT_AUDIT_EXPORT, P.TENANT_DELETE,
        P.SUPPORT_VIEW, P.SUPPORT_OPEN, P.SUPPORT_END, P.INSTALLATION_VIEW, P.INSTALLATION_MANAGE, P.INSTALLATION_REVEAL,
    }
)  # fmt: skip

# What somebody from outside who has shown less than an enterprise asks for may still open there: boxes show no more than what is on air.
OPEN_BELOW_LEVEL = WITHOUT_CONTENT | {
    P.GROUPS_VIEW, P.GROUPS_MANAGE, P.BOXES_VIEW, P.BOXES_CONFIRM, P.BOXES_MANAGE, P.BOXES_COMMAND,
}  # fmt: skip

# Permissions that are about one area by what they are.
AREAS: Mapping[P, str] = MappingProxyType(
    {
        P.SETTINGS_VIEW: "settings",
        P.JOBS_VIEW: "jobs",
        P.JOBS_RETRY: "jobs",
        P.STORAGE_VIEW: "storage",
        P.KEYS_VIEW: "keys",
        P.KEYS_ROTATE: "keys",
    }
)


def usual_paths(permission: P) -> tuple[Path, ...]:
    """This function will return where a permission is asked when nobody names a thing: its area, or the whole list."""
    area = AREAS.get(permission)
    return EVERYTHING if area is None else ((Place("area", area), ROOT),)


def module_paths(feature: str) -> tuple[Path, ...]:
    """This function will return where an application module stands in the application list."""
    return ((Place("module", feature), ROOT),)

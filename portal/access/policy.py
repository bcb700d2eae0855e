"""The whole policy on one page: for each permission the roles that have it, and where each of them does.

Which layer a permission belongs to stands in `layers.py`, and no role here may leave its own.

`Where` is a predicate over actor and tenant: `ANYWHERE` needs no tenant, `ANY_TENANT` any, `OWN_TENANT` the one of the
session, `OWN_PROVINCE` one of the actor's province, `APPLIED_FOR` that or one whose ID the province applied for, `SUPPORTED` the one of the actor's open support session. The page about roles and `docs/permissions.csv` are made from it.
"""

from collections.abc import Callable, Mapping
from enum import Enum, member
from types import MappingProxyType

from portal.access.acl import Reach
from portal.access.permissions import Permission as P
from portal.access.roles import Role as R
from portal.core.context import Actor, TenantRef
from portal.core.ids import GroupId


def _anywhere(actor: Actor, tenant: TenantRef | None) -> bool:
    return tenant is None


def _any_tenant(actor: Actor, tenant: TenantRef | None) -> bool:
    return tenant is not None


def _own_tenant(actor: Actor, tenant: TenantRef | None) -> bool:
    return tenant is not None and actor.tenant_id == tenant.id


def _own_province(actor: Actor, tenant: TenantRef | None) -> bool:
    return tenant is not None and actor.province_code is not None and actor.province_code == tenant.province_code


def _applied_for(actor: Actor, tenant: TenantRef | None) -> bool:
    if tenant is None or actor.province_code is None:
        return False
    return actor.province_code in (tenant.province_code, tenant.applied_by)


def _supported(actor: Actor, tenant: TenantRef | None) -> bool:
    return tenant is not None and actor.support is not None and actor.support.tenant.id == tenant.id


class Where(Enum):
    """Where a role holds a permission."""

    ANYWHERE = member(_anywhere)
    ANY_TENANT = member(_any_tenant)
    OWN_TENANT = member(_own_tenant)
    OWN_PROVINCE = member(_own_province)
    APPLIED_FOR = member(_applied_for)
    SUPPORTED = member(_supported)

    def holds(self, actor: Actor, tenant: TenantRef | None) -> bool:
        """This function will tell whether the actor stands where the permission holds."""
        predicate: Callable[[Actor, TenantRef | None], bool] = self.value
        return predicate(actor, tenant)


W = Where
_MEMBERS = {R.TENANT_ADMIN: W.OWN_TENANT, R.TENANT_EDITOR: W.OWN_TENANT, R.GROUP_EDITOR: W.OWN_TENANT}
_CENTER = {R.CENTER_OPERATOR: W.ANY_TENANT, R.CENTER_REVIEWER: W.ANY_TENANT, R.CENTER_SUPPORT: W.ANY_TENANT}
_REVIEWING = {R.CENTER_REVIEWER: W.ANY_TENANT, R.CENTER_OPERATOR: W.ANY_TENANT}
_SUPPORTING = {R.CENTER_SUPPORT: W.SUPPORTED}
_PROVINCE = {R.PROVINCE: W.OWN_PROVINCE}
_PORTAL = {R.SYSTEM: W.ANY_TENANT, R.CLI: W.ANY_TENANT}

POLICY: Mapping[P, Mapping[R, Where]] = MappingProxyType(
    {
        P.SELF_MANAGE: {role: W.ANYWHERE for role in R if role not in {R.SYSTEM, R.CLI}},
        # before somebody has a role, the portal itself acts: it opens and ends sessions and sets proven factors
        P.IDENTITY_CONFIRM: {R.SYSTEM: W.ANYWHERE},
        # inside a tenant
        P.TENANT_VIEW: {**_MEMBERS, **_CENTER, **_PROVINCE},
        P.CONTENT_VIEW: {**_MEMBERS, **_REVIEWING, **_SUPPORTING},
        P.CONTENT_EDIT: {**_MEMBERS, R.CLI: W.ANY_TENANT},
        P.CONTENT_SUBMIT: {**_MEMBERS, R.CLI: W.ANY_TENANT},
        P.MEDIA_VIEW: {**_MEMBERS, **_REVIEWING, **_SUPPORTING},
        P.MEDIA_UPLOAD: {**_MEMBERS, **_PORTAL},
        P.MEDIA_DELETE: {R.TENANT_ADMIN: W.OWN_TENANT, R.TENANT_EDITOR: W.OWN_TENANT},
        P.GROUPS_VIEW: {**_MEMBERS, **_CENTER, **_PROVINCE},
        P.GROUPS_MANAGE: {R.TENANT_ADMIN: W.OWN_TENANT, R.CENTER_OPERATOR: W.SUPPORTED, **_PORTAL},
        # how the enterprise ID reaches the installers, and whom they bind boxes for: a province that applied for the ID of a
        # 全国 tenant, which the center owns, hands it over too
        P.INSTALLATION_VIEW: {
            R.TENANT_ADMIN: W.OWN_TENANT,
            R.CENTER_OPERATOR: W.ANY_TENANT,
            R.CENTER_SUPPORT: W.ANY_TENANT,
            R.PROVINCE: W.APPLIED_FOR,
        },
        P.INSTALLATION_REVEAL: {
            R.TENANT_ADMIN: W.OWN_TENANT,
            R.CENTER_OPERATOR: W.ANY_TENANT,
            R.CENTER_SUPPORT: W.ANY_TENANT,
            R.PROVINCE: W.APPLIED_FOR,
        },
        P.INSTALLATION_MANAGE: {R.CENTER_OPERATOR: W.ANY_TENANT, R.PROVINCE: W.APPLIED_FOR, R.CLI: W.ANY_TENANT},
        P.MEMBERS_VIEW: {R.TENANT_ADMIN: W.OWN_TENANT, **_SUPPORTING, **_PROVINCE},
        P.MEMBERS_MANAGE: {R.TENANT_ADMIN: W.OWN_TENANT, R.CLI: W.ANY_TENANT},
        P.TENANT_SECURITY: {R.TENANT_ADMIN: W.OWN_TENANT, R.CLI: W.ANY_TENANT},
        P.PACKAGE_VIEW: {**_MEMBERS, **_CENTER, **_PROVINCE},
        P.TENANT_AUDIT_VIEW: {R.TENANT_ADMIN: W.OWN_TENANT},
        P.TENANT_AUDIT_EXPORT: {R.TENANT_ADMIN: W.OWN_TENANT},
        P.TENANT_ACL_MANAGE: {R.TENANT_ADMIN: W.OWN_TENANT},
        P.MODULE_USE: {**_MEMBERS, **_CENTER, **_PORTAL},
        # somebody of the center inside a tenant: asked for with a reason, timed, seen and ended by the tenant too
        P.SUPPORT_VIEW: {
            R.TENANT_ADMIN: W.OWN_TENANT,
            R.CENTER_SUPPORT: W.ANY_TENANT,
            R.CENTER_OPERATOR: W.ANY_TENANT,
        },
        P.SUPPORT_OPEN: {R.CENTER_SUPPORT: W.ANY_TENANT, R.CENTER_OPERATOR: W.ANY_TENANT},
        P.SUPPORT_END: {
            R.TENANT_ADMIN: W.OWN_TENANT,
            R.CENTER_SUPPORT: W.SUPPORTED,
            R.CENTER_OPERATOR: W.SUPPORTED,
            R.SYSTEM: W.ANY_TENANT,
        },
        # review and release
        P.REVIEW_VIEW: {**_MEMBERS, **_REVIEWING, **_SUPPORTING},
        P.REVIEW_QUEUE: {R.CENTER_REVIEWER: W.ANYWHERE, R.CENTER_OPERATOR: W.ANYWHERE},
        P.REVIEW_COMPARE: {**_REVIEWING},
        P.REVIEW_COMMENT: {**_MEMBERS, **_REVIEWING},
        P.REVIEW_DECIDE: {R.CENTER_REVIEWER: W.ANY_TENANT},
        P.RELEASES_VIEW: {**_MEMBERS, **_CENTER, **_PROVINCE},
        P.RELEASES_PUBLISH: {R.CENTER_OPERATOR: W.ANY_TENANT, R.CENTER_REVIEWER: W.ANY_TENANT, **_PORTAL},
        P.RELEASES_ROLL_BACK: {R.CENTER_OPERATOR: W.ANY_TENANT, R.CENTER_REVIEWER: W.ANY_TENANT},
        P.RELEASES_TAKE_DOWN: {R.CENTER_OPERATOR: W.ANY_TENANT, R.CENTER_REVIEWER: W.ANY_TENANT},
        P.RELEASES_SYSTEM: {**_PORTAL},
        P.RELEASES_PLAN: {R.CENTER_REVIEWER: W.ANYWHERE, R.CENTER_OPERATOR: W.ANYWHERE},
        # boxes: they report themselves; who waits is confirmed by the tenant, its province or the center
        P.BOXES_VIEW: {**_MEMBERS, **_CENTER, R.PROVINCE: W.APPLIED_FOR},
        P.BOXES_CONFIRM: {
            R.TENANT_ADMIN: W.OWN_TENANT,
            R.CENTER_OPERATOR: W.ANY_TENANT,
            R.PROVINCE: W.APPLIED_FOR,
        },
        P.BOXES_MANAGE: {R.TENANT_ADMIN: W.OWN_TENANT, R.CENTER_OPERATOR: W.ANY_TENANT},
        P.BOXES_COMMAND: {R.TENANT_ADMIN: W.OWN_TENANT, R.CENTER_OPERATOR: W.ANY_TENANT},
        P.BOXES_REPORT: {R.SYSTEM: W.ANY_TENANT},
        P.FLEET_VIEW: {
            R.CENTER_OPERATOR: W.ANYWHERE,
            R.CENTER_REVIEWER: W.ANYWHERE,
            R.CENTER_SUPPORT: W.ANYWHERE,
            R.PROVINCE: W.ANYWHERE,
        },
        # in each enterprise `boxes:command` is asked for beside it
        P.FLEET_COMMAND: {R.CENTER_OPERATOR: W.ANYWHERE},
        # customers, tenants, orders
        P.TENANTS_VIEW: {
            R.CENTER_OPERATOR: W.ANYWHERE,
            R.CENTER_REVIEWER: W.ANYWHERE,
            R.CENTER_SUPPORT: W.ANYWHERE,
            R.PROVINCE: W.ANYWHERE,
        },
        P.TENANTS_MANAGE: {R.CENTER_OPERATOR: W.ANYWHERE, R.CLI: W.ANYWHERE},
        P.REPORTS_VIEW: {R.CENTER_OPERATOR: W.ANYWHERE, R.PROVINCE: W.ANYWHERE},
        P.REPORTS_EXPORT: {R.CENTER_OPERATOR: W.ANYWHERE, R.PROVINCE: W.ANYWHERE},
        P.INSTALLATIONS_VIEW: {R.CENTER_OPERATOR: W.ANYWHERE, R.CENTER_SUPPORT: W.ANYWHERE, R.PROVINCE: W.ANYWHERE},
        P.APPLICATIONS_VIEW: {
            R.CENTER_OPERATOR: W.ANYWHERE,
            R.CENTER_REVIEWER: W.ANYWHERE,
            R.CENTER_SUPPORT: W.ANYWHERE,
            R.PROVINCE: W.ANYWHERE,
        },
        P.APPLICATIONS_EDIT: {R.PROVINCE: W.ANYWHERE},
        P.APPLICATIONS_DECIDE: {R.CENTER_OPERATOR: W.ANYWHERE, R.CENTER_REVIEWER: W.ANYWHERE},
        P.TENANT_DELETE: {R.CENTER_OPERATOR: W.ANY_TENANT},
        P.CUSTOMERS_VIEW: {R.CENTER_OPERATOR: W.ANYWHERE, R.CENTER_SUPPORT: W.ANYWHERE, R.PROVINCE: W.ANYWHERE},
        P.CUSTOMERS_MANAGE: {R.CENTER_OPERATOR: W.ANYWHERE, R.CLI: W.ANYWHERE},
        P.CONTACTS_REVEAL: {R.CENTER_OPERATOR: W.ANYWHERE, R.CENTER_SUPPORT: W.ANYWHERE, R.PROVINCE: W.ANYWHERE},
        P.ORDERS_VIEW: {
            R.TENANT_ADMIN: W.OWN_TENANT,
            R.CENTER_OPERATOR: W.ANY_TENANT,
            R.CENTER_SUPPORT: W.ANY_TENANT,
            **_PROVINCE,
        },
        P.ORDERS_MANAGE: {R.CENTER_OPERATOR: W.ANY_TENANT, **_PROVINCE, R.CLI: W.ANY_TENANT},
        P.ORDERS_SUSPEND: {R.CENTER_OPERATOR: W.ANY_TENANT, R.CLI: W.ANY_TENANT},
        P.ORDERS_APPROVE_PRICE: {R.CENTER_OPERATOR: W.ANY_TENANT, R.CLI: W.ANY_TENANT},
        P.CATALOG_VIEW: {R.CENTER_OPERATOR: W.ANYWHERE, R.CENTER_SUPPORT: W.ANYWHERE, R.PROVINCE: W.ANYWHERE},
        # application modules
        P.GRANTS_MANAGE: {R.APP_ADMIN: W.ANY_TENANT, R.CLI: W.ANY_TENANT},
        P.MODULES_MANAGE: {R.APP_ADMIN: W.ANYWHERE},
        P.MODULE_CATALOG_VIEW: {R.APP_ADMIN: W.ANYWHERE},
        # system layer
        P.USERS_VIEW: {R.SECURITY_ADMIN: W.ANYWHERE},
        P.USERS_MANAGE: {R.SECURITY_ADMIN: W.ANYWHERE, R.CLI: W.ANYWHERE},
        # two officers of different offices appoint one: either kind proposes, the other confirms; the auditor looks on
        P.OFFICERS_VIEW: {R.SYSTEM_ADMIN: W.ANYWHERE, R.SECURITY_ADMIN: W.ANYWHERE, R.AUDITOR: W.ANYWHERE},
        P.OFFICERS_APPOINT: {R.SYSTEM_ADMIN: W.ANYWHERE, R.SECURITY_ADMIN: W.ANYWHERE},
        P.LEVELS_MANAGE: {R.SECURITY_ADMIN: W.ANYWHERE},
        P.AUDIT_VIEW: {R.AUDITOR: W.ANYWHERE},
        P.AUDIT_EXPORT: {R.AUDITOR: W.ANYWHERE, R.CLI: W.ANYWHERE},
        P.ACLS_VIEW: {R.SECURITY_ADMIN: W.ANYWHERE, R.AUDITOR: W.ANYWHERE},
        P.ACLS_MANAGE: {R.SECURITY_ADMIN: W.ANYWHERE},
        P.SYSTEM_VIEW: {R.SYSTEM_ADMIN: W.ANYWHERE},
        P.SETTINGS_VIEW: {R.SYSTEM_ADMIN: W.ANYWHERE},
        P.JOBS_VIEW: {R.SYSTEM_ADMIN: W.ANYWHERE},
        P.JOBS_RETRY: {R.SYSTEM_ADMIN: W.ANYWHERE},
        P.STORAGE_VIEW: {R.SYSTEM_ADMIN: W.ANYWHERE},
        P.KEYS_VIEW: {R.SYSTEM_ADMIN: W.ANYWHERE},
        P.KEYS_ROTATE: {R.SYSTEM_ADMIN: W.ANYWHERE, R.CLI: W.ANYWHERE},
        # whose key is destroyed is asked for by the business and confirmed by the system
        P.DELETIONS_VIEW: {R.SYSTEM_ADMIN: W.ANYWHERE, R.AUDITOR: W.ANYWHERE},
        P.DELETIONS_CONFIRM: {R.SYSTEM_ADMIN: W.ANYWHERE},
        P.SYSTEM_MAINTAIN: {R.SYSTEM: W.ANYWHERE, R.CLI: W.ANYWHERE},
    }
)


# What an access list may give beyond that, within the layer: the roles that hold a permission where an entry allows it.
BY_LIST: Mapping[P, Mapping[R, Where]] = MappingProxyType(
    {P.MEDIA_DELETE: {R.GROUP_EDITOR: W.OWN_TENANT}, P.MEMBERS_VIEW: {R.TENANT_EDITOR: W.OWN_TENANT}}
)


def allows(actor: Actor, permission: P, tenant: TenantRef | None) -> bool:
    """This function will tell whether the policy gives `actor` the permission, in `tenant` or, without one, outside.

    It knows no access list; whether somebody may is answered by `checks`.
    """
    return reach_of(actor, permission, tenant) is Reach.HELD


def allows_somehow(actor: Actor, permission: P, tenant: TenantRef | None) -> bool:
    """This function will tell whether the actor has the permission, or could have it by an access list."""
    return reach_of(actor, permission, tenant) is not Reach.NONE


def reach_of(actor: Actor, permission: P, tenant: TenantRef | None) -> Reach:
    """This function will return what the policy says of the actor in `tenant` or, without one, outside."""
    try:
        role = R(actor.role)
    except ValueError:
        return Reach.NONE
    for table, reach in ((POLICY, Reach.HELD), (BY_LIST, Reach.BY_LIST)):
        where = table.get(permission, {}).get(role)
        if where is not None and where.holds(actor, tenant):
            return reach
    return Reach.NONE


def reach_of_role(role: R, permission: P) -> Reach:
    """This function will return what the policy says of a role where it stands at its best."""
    if role in POLICY[permission]:
        return Reach.HELD
    return Reach.BY_LIST if role in BY_LIST.get(permission, {}) else Reach.NONE


def own_groups(actor: Actor) -> frozenset[GroupId] | None:
    """This function will return the box groups to which alone a group editor is bound; None for everybody else."""
    return actor.groups if actor.role == R.GROUP_EDITOR else None


def own_province(actor: Actor) -> str | None:
    """This function will return the province whose enterprises alone somebody of a province sees; None for everybody else.

    Somebody of a province who has none, which no command allows, sees those of the province "", which are none.
    """
    return (actor.province_code or "") if actor.role == R.PROVINCE else None


def knows_tenant(actor: Actor, tenant: TenantRef) -> bool:
    """This function will tell whether the tenant exists for `actor` at all; for everybody else it answers 404."""
    return any(allows(actor, permission, tenant) for permission in POLICY)

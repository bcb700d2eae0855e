"""Three layers of administration: which permission belongs to which, and the check that no role reaches into another's."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from portal.access.governing import GOVERNED_BY
from portal.access.permissions import Permission as P
from portal.access.policy import BY_LIST, POLICY, Where
from portal.access.roles import LAYER_OF, OFFICERS, Layer, Role

Policy = Mapping[P, Mapping[Role, Where]]

# What everybody may do with the own account belongs to no layer.
OWN_ACCOUNT = frozenset({P.SELF_MANAGE})

PERMISSIONS_OF: Mapping[Layer, frozenset[P]] = MappingProxyType(
    {
        Layer.SYSTEM: frozenset(
            {
                P.IDENTITY_CONFIRM, P.USERS_VIEW, P.USERS_MANAGE, P.LEVELS_MANAGE, P.OFFICERS_VIEW, P.OFFICERS_APPOINT, P.AUDIT_VIEW, P.AUDIT_EXPORT,
                P.KEYS_VIEW, P.KEYS_ROTATE, P.DELETIONS_VIEW, P.DELETIONS_CONFIRM,
                P.SYSTEM_VIEW, P.SYSTEM_MAINTAIN, P.ACLS_VIEW, P.ACLS_MANAGE, P.SETTINGS_VIEW, P.JOBS_VIEW, P.JOBS_RETRY,
                P.STORAGE_VIEW,
            }
        ),
        Layer.MODULE: frozenset({P.GRANTS_MANAGE, P.MODULE_CATALOG_VIEW, P.MODULES_MANAGE}),
        Layer.BUSINESS: frozenset(
            {
                P.TENANT_VIEW, P.CONTENT_VIEW, P.CONTENT_EDIT, P.CONTENT_SUBMIT, P.MEDIA_VIEW, P.MEDIA_UPLOAD,
                P.MEDIA_DELETE, P.GROUPS_VIEW, P.GROUPS_MANAGE, P.INSTALLATION_VIEW, P.INSTALLATION_MANAGE, P.INSTALLATION_REVEAL, P.INSTALLATIONS_VIEW, P.REPORTS_VIEW, P.REPORTS_EXPORT,
                P.MEMBERS_VIEW, P.MEMBERS_MANAGE, P.TENANT_SECURITY, P.PACKAGE_VIEW,
                P.TENANT_AUDIT_VIEW, P.TENANT_AUDIT_EXPORT, P.REVIEW_VIEW, P.REVIEW_QUEUE, P.REVIEW_COMPARE, P.REVIEW_COMMENT, P.REVIEW_DECIDE, P.RELEASES_VIEW,
                P.RELEASES_PUBLISH, P.RELEASES_ROLL_BACK, P.RELEASES_TAKE_DOWN, P.RELEASES_SYSTEM, P.RELEASES_PLAN,
                P.TENANT_DELETE,
                P.TENANTS_VIEW, P.TENANTS_MANAGE,
                P.APPLICATIONS_VIEW, P.APPLICATIONS_EDIT, P.APPLICATIONS_DECIDE, P.CUSTOMERS_VIEW, P.CUSTOMERS_MANAGE, P.CONTACTS_REVEAL, P.ORDERS_VIEW,
                P.ORDERS_MANAGE, P.ORDERS_SUSPEND, P.ORDERS_APPROVE_PRICE, P.CATALOG_VIEW, P.TENANT_ACL_MANAGE, P.MODULE_USE,
                P.SUPPORT_VIEW, P.SUPPORT_OPEN, P.SUPPORT_END, P.BOXES_VIEW, P.BOXES_CONFIRM, P.BOXES_MANAGE, P.BOXES_COMMAND,
                P.BOXES_REPORT, P.FLEET_VIEW, P.FLEET_COMMAND,
            }
        ),
    }
)  # fmt: skip

# Among the officers none does another's work: only to see and to confirm who becomes an officer takes several of them, and
# the auditor sees the access lists that the security administrator keeps, and which enterprises are deleted.
SHARED_BY_OFFICERS = frozenset({P.OFFICERS_VIEW, P.OFFICERS_APPOINT, P.ACLS_VIEW, P.DELETIONS_VIEW})


class LayersCrossed(Exception):
    """The policy gives a role what is not of its layer or office, so the application does not start."""


def layer_of(permission: P) -> Layer | None:
    """This function will return the layer a permission belongs to, or None for what concerns the own account alone."""
    return next((layer for layer, held in PERMISSIONS_OF.items() if permission in held), None)


def check_layers(policy: Policy = POLICY, permissions_of: Mapping[Layer, frozenset[P]] = PERMISSIONS_OF) -> None:
    """This function will raise `LayersCrossed` with every line of the policy that leaves its layer or its office."""
    if faults := list(_faults(policy, permissions_of)):
        raise LayersCrossed("; ".join(faults))


def _faults(policy: Policy, permissions_of: Mapping[Layer, frozenset[P]]) -> Iterator[str]:
    for permission in set(P) - OWN_ACCOUNT:
        if (layers := sum(permission in held for held in permissions_of.values())) != 1:
            yield f"{permission} belongs to {layers} layers: say which one in access/layers.py"
    yield from _crossings(policy, permissions_of, "holds")
    yield from _crossings(BY_LIST, permissions_of, "may be given")
    for permission in BY_LIST.keys() - GOVERNED_BY.keys():
        yield f"no access list could give {permission} to anybody"
    for permission in policy.keys() - OWN_ACCOUNT - SHARED_BY_OFFICERS:
        if len(offices := policy[permission].keys() & OFFICERS) > 1:
            yield f"{permission} is the work of several officers: {', '.join(sorted(offices))}"


def _crossings(policy: Policy, permissions_of: Mapping[Layer, frozenset[P]], how: str) -> Iterator[str]:
    for permission in policy.keys() - OWN_ACCOUNT:
        for role in policy[permission].keys() & LAYER_OF.keys():
            if permission not in permissions_of[LAYER_OF[role]]:
                yield f"{role} is of the layer {LAYER_OF[role]} and {how} {permission}"

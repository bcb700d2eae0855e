"""Three layers of administration, and the check at the start that no role leaves its own."""

from types import MappingProxyType

import pytest

from portal.access import layers
from portal.access.layers import LayersCrossed, check_layers, layer_of
from portal.access.permissions import Permission
from portal.access.policy import POLICY, Where
from portal.access.roles import LAYER_OF, OFFICERS, Layer, Role
from portal.access.words import PERMISSIONS, PLACES
from portal.core.settings import load_settings
from portal.factory import create_app


def test_every_permission_belongs_to_one_layer_and_every_role_stays_in_its_own() -> None:
    check_layers()


@pytest.mark.parametrize(
    ("permission", "role"),
    [
        (Permission.CONTENT_EDIT, Role.SYSTEM_ADMIN),
        (Permission.GRANTS_MANAGE, Role.CENTER_OPERATOR),
        (Permission.USERS_MANAGE, Role.APP_ADMIN),
        (Permission.ORDERS_VIEW, Role.APP_ADMIN),
        (Permission.AUDIT_VIEW, Role.CENTER_SUPPORT),
    ],
)
def test_role_with_a_permission_of_another_layer_is_a_fault(permission: Permission, role: Role) -> None:
    planted = {**POLICY, permission: {**POLICY[permission], role: Where.ANYWHERE}}

    with pytest.raises(LayersCrossed, match=f"^{role} is of the layer {LAYER_OF[role]} and holds {permission}$"):
        check_layers(planted)


@pytest.mark.parametrize(
    ("permission", "officer"),
    [
        (Permission.USERS_MANAGE, Role.SYSTEM_ADMIN),
        (Permission.USERS_MANAGE, Role.AUDITOR),
        (Permission.AUDIT_VIEW, Role.SECURITY_ADMIN),
        (Permission.SYSTEM_VIEW, Role.AUDITOR),
    ],
)
def test_officer_with_the_work_of_another_one_is_a_fault(permission: Permission, officer: Role) -> None:
    planted = {**POLICY, permission: {**POLICY[permission], officer: Where.ANYWHERE}}

    with pytest.raises(LayersCrossed, match="is the work of several officers"):
        check_layers(planted)


def test_permission_of_no_layer_or_of_two_is_a_fault() -> None:
    missing = {**layers.PERMISSIONS_OF, Layer.MODULE: frozenset({Permission.MODULE_CATALOG_VIEW})}
    twice = {**layers.PERMISSIONS_OF, Layer.MODULE: layers.PERMISSIONS_OF[Layer.MODULE] | {Permission.USERS_MANAGE}}

    with pytest.raises(LayersCrossed, match="grants:manage belongs to 0 layers"):
        check_layers(permissions_of=missing)
    with pytest.raises(LayersCrossed, match="users:manage belongs to 2 layers"):
        check_layers(permissions_of=twice)


def test_application_with_a_crossing_policy_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    planted = MappingProxyType(
        {**POLICY, Permission.AUDIT_VIEW: {Role.SYSTEM_ADMIN: Where.ANYWHERE, Role.AUDITOR: Where.ANYWHERE}}
    )
    monkeypatch.setattr(check_layers, "__defaults__", (planted, layers.PERMISSIONS_OF))

    with pytest.raises(LayersCrossed):
        create_app(load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path_factory.mktemp("crossed"))}))


def test_auditor_holds_nothing_that_changes_anything() -> None:
    held = {permission for permission, holders in POLICY.items() if Role.AUDITOR in holders}

    others = {permission for permission in held if not permission.endswith(":view")}
    assert others == {Permission.SELF_MANAGE, Permission.AUDIT_EXPORT}  # what is exported is read, and recorded


def test_offices_share_only_what_concerns_their_own_appointment() -> None:
    held = {role: {one for one, holders in POLICY.items() if role in holders} for role in OFFICERS}

    for one in OFFICERS:
        for other in OFFICERS - {one}:
            assert held[one] & held[other] <= layers.SHARED_BY_OFFICERS | layers.OWN_ACCOUNT


def test_own_account_belongs_to_no_layer() -> None:
    assert (layer_of(Permission.SELF_MANAGE), layer_of(Permission.USERS_MANAGE)) == (None, Layer.SYSTEM)


def test_everything_on_the_page_about_roles_has_words() -> None:
    assert (set(PERMISSIONS), set(PLACES)) == (set(Permission), set(Where))

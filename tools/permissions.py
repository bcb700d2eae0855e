"""Prints who may call what, from the URL map and the policy: the table that `docs/permissions.csv` has to be.

`python -m tools.permissions > docs/permissions.csv` writes it anew after a change; read the difference before it is
committed, for that reading is what the file is for.
"""

import csv
import sys
import tempfile

from flask import Flask

from portal.access.governing import GOVERNED_BY
from portal.access.layers import layer_of
from portal.access.modules import DOORS
from portal.access.permissions import Permission
from portal.access.policy import BY_LIST, POLICY, Where
from portal.access.roles import LAYER_OF, Role
from portal.accounts.levels import DEFAULTS
from portal.core.settings import load_settings
from portal.factory import create_app
from portal.web.access import Audience, Mark, mark_of

ROLES = tuple(LAYER_OF)
_HEAD = ("endpoint", "methods", "permission", "layer", "acl", "feature", "door", "page_code", "level", "minutes")
_WHERE = {
    Where.ANYWHERE: "yes",
    Where.ANY_TENANT: "any",
    Where.OWN_TENANT: "own",
    Where.OWN_PROVINCE: "province",
    Where.APPLIED_FOR: "applied",
    Where.SUPPORTED: "supported",
}


def matrix(app: Flask) -> list[list[str]]:
    """This function will return the table: a head, then a row per endpoint and methods, a column per role.

    A cell says where the role has the permission: `yes` outside tenants, `any` tenant, its `own`, its `province`'s or
    one that the province `applied` for; `-` nowhere.
    `list:` before it says that an access list has to give it. `layer` is the permission's, `acl` the list that governs it.
    `door` is the module whose door lies before the endpoint, with what it asks while nobody changed that: when a page code,
    which level of authentication, proven how many minutes ago at most. Without a door the level is the role's, which the
    first row tells; `any` is the way up to that level, and out.
    """
    rows = {
        (rule.endpoint, " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})))
        for rule in app.url_map.iter_rules()
    }
    return [
        [*_HEAD, *ROLES],
        ["(level)", *[""] * (len(_HEAD) - 1), *(str(DEFAULTS[role]) for role in ROLES)],
        *(_row(app, *row) for row in sorted(rows)),
    ]


def _row(app: Flask, endpoint: str, methods: str) -> list[str]:
    mark = mark_of(app, endpoint)
    if mark.audience is not Audience.ACTOR or mark.permission is None:
        cell = "-" if mark.audience is Audience.BOX else "public"  # people have no key to prove themselves with
        return [endpoint, methods, mark.audience.value, *[""] * (len(_HEAD) - 3), *(cell for _ in ROLES)]
    permission = mark.permission
    head = [endpoint, methods, permission.value, layer_of(permission) or "", GOVERNED_BY.get(permission, "")]
    return [*head, mark.feature or "", *_door(mark), *(_cell(permission, role) for role in ROLES)]


def _door(mark: Mark) -> list[str]:
    if mark.module is None:
        return ["", "", "any" if mark.any_level else "role", ""]
    demand = DOORS[mark.module].default
    return [mark.module.value, demand.captcha.value, str(demand.level), str(demand.minutes or "")]


def _cell(permission: Permission, role: Role) -> str:
    held, by_list = POLICY[permission].get(role), BY_LIST.get(permission, {}).get(role)
    if held is not None:
        return _WHERE[held]
    return "-" if by_list is None else f"list:{_WHERE[by_list]}"


def main() -> None:
    """This function will print the table."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings({"PORTAL_INSTANCE_DIR": folder}))
        csv.writer(sys.stdout, lineterminator="\n").writerows(matrix(app))


if __name__ == "__main__":
    main()

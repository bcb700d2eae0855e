"""`portal user`: opening accounts from the command line, and recovering the only holder of an office, recorded as done by `cli`."""

import os

import click

from portal.access.roles import MEMBERS, STAFF, Role
from portal.accounts import certificate_files, rules
from portal.accounts.commands.last_officers import recover_last_officer
from portal.accounts.commands.links import VALID_FOR
from portal.accounts.commands.members import add_member
from portal.accounts.commands.users import Issued, add_staff
from portal.core import clock, database
from portal.core.context import COMMAND_LINE, Context, TenantRef
from portal.core.database import commit, platform_session, tenant_session
from portal.core.errors import Invalid, NotFound, PortalError
from portal.core.settings import Settings, load_settings
from portal.keys.opening import open_keys
from portal.tenants.queries import find_tenant, group_tree

_ROLES = [role.value for role in Role if role in STAFF | MEMBERS]


@click.group(short_help="Open accounts.")
def user() -> None:
    """Open accounts."""


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", required=True, type=click.Choice(_ROLES), help="What the person may do.")
@click.option("--province", help="The code of the province, for the role province.")
@click.option("--enterprise", help="The enterprise ID, for members of an enterprise.")
@click.option("--group", help="The name of the box group, for the role group_editor.")
def add(username: str, name: str, role: str, province: str | None, enterprise: str | None, group: str | None) -> None:
    """Open an account and print the one-time link that sets it up within 24 hours."""
    settings = load_settings(os.environ)
    database.use(database.Database(settings.database_url))
    open_keys(settings, database.database().engine)
    try:
        if role in MEMBERS:
            issued = _add_member(username, name, Role(role), enterprise, group)
        else:
            issued = _add_staff(username, name, Role(role), province)
    except PortalError as error:
        raise click.ClickException(_sentence(error)) from error
    if issued is None:
        click.echo(f"{username} had an account already and is now a member.")
        return
    _print_link(settings, issued)


@user.command()
@click.argument("username")
@click.option("--reason", required=True, help="Why; it is kept in the log, and every officer is told.")
def recover(username: str, reason: str) -> None:
    """Clear every factor of the only holder of an office who lost them, and print a new one-time link.

    Where two officers can do it on the page 管理员任免, this refuses.
    """
    settings = load_settings(os.environ)
    database.use(database.Database(settings.database_url))
    open_keys(settings, database.database().engine)
    certificate_files.configure(settings.certificates_dir)
    try:
        with platform_session(writes=True) as session:
            issued = recover_last_officer(Context(session, COMMAND_LINE), rules.username(username), reason)
            commit(session)
    except NotFound as unknown:
        raise click.ClickException(f"{username} is no officer's account, or is disabled") from unknown
    except PortalError as error:
        raise click.ClickException(_sentence(error)) from error
    _print_link(settings, issued)


def _print_link(settings: Settings, issued: Issued) -> None:
    click.echo(f"{settings.base_url.rstrip('/')}/welcome/{issued.token}")
    until = (clock.now() + VALID_FOR).astimezone(clock.SHANGHAI)
    click.echo(f"for {issued.username}, once, until {until:%Y-%m-%d %H:%M}", err=True)


def _add_staff(username: str, name: str, role: Role, province: str | None) -> Issued:
    with platform_session(writes=True) as session:
        issued = add_staff(Context(session, COMMAND_LINE), username, name, role, province)
        commit(session)
    return issued


def _add_member(username: str, name: str, role: Role, enterprise: str | None, group: str | None) -> Issued | None:
    tenant = _tenant(enterprise)
    with tenant_session(tenant.id, writes=True) as session:
        group_id = None
        if group is not None:
            group_id = next((node.id for _, node in group_tree(session).walk() if node.name == group), None)
            if group_id is None:
                raise click.BadParameter(f"{tenant.enterprise_id} has no box group {group}", param_hint="--group")
        added = add_member(Context(session, COMMAND_LINE, tenant), username, name, role, group_id)
        commit(session)
    return added.issued


def _tenant(enterprise: str | None) -> TenantRef:
    if enterprise is None:
        raise click.BadParameter("is needed for a member of an enterprise", param_hint="--enterprise")
    with platform_session() as session:
        tenant = find_tenant(session, enterprise)
    if tenant is None:
        raise click.BadParameter(f"there is no enterprise {enterprise}", param_hint="--enterprise")
    return tenant


def _sentence(error: PortalError) -> str:
    if isinstance(error, Invalid):
        return " ".join(str(message) for messages in error.errors.values() for message in messages)
    return str(error.message)

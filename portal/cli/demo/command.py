"""`portal demo`: fills a new database; `portal demo session`: a cookie for scripts that try the demo."""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from portal.cli.demo.past import ago
from portal.core.settings import Settings, load_settings

_MONTH = timedelta(days=30)
_DEFAULT_MONTHS = 14
_FIRST_RELEASE, _SECOND_RELEASE = timedelta(days=20), timedelta(days=3)
_HANDED_OVER = timedelta(days=19)
_HANDED_IN, _EDITED = timedelta(hours=3), timedelta(minutes=25)
_FILE_MODE = 0o600


@click.group(invoke_without_command=True)
@click.pass_context
def demo(context: click.Context) -> None:
    """Fill a new database with the demo data."""
    if context.invoked_subcommand is None:
        from portal.cli.db import settings_with_folder

        load(settings_with_folder())


@demo.command()
@click.argument("username")
def session(username: str) -> None:
    """Print a Cookie header and the form token of a new session of USERNAME."""
    from portal.cli.demo.visiting import visit

    cookie, token = visit(load_settings(os.environ), username)
    click.echo(f"Cookie: {cookie}")
    click.echo(f"X-CSRFToken: {token}")


def load(settings: Settings) -> None:
    """This function will fill the settings' database, which has to be new, and write `demo.json`."""
    from portal.access.roles import Role
    from portal.cli import migrations
    from portal.cli.demo import lists, reading
    from portal.cli.demo.people import People
    from portal.core.database import database
    from portal.core.installation import mark_as_demo
    from portal.installation import open_installation
    from portal.tenants.reference_data import fill_provinces

    migrations.upgrade(settings.database_url)
    if not migrations.is_empty(settings.database_url):
        raise click.ClickException("This database holds data already: the demo is for a new one.")
    open_installation(settings)
    mark_as_demo(database().engine)
    _make_root(settings)
    fill_provinces(database().engine)
    people = People(settings.public_host)
    titles = reading.titles()
    with ago(_DEFAULT_MONTHS * _MONTH):
        for person in reading.staff():
            people.add_staff(
                person["name"],
                person["username"],
                Role(person["role"]),
                person.get("province"),
                with_passkey=person.get("passkey", False),
            )
    told = [_load_tenant(source, people, titles) for source in reading.tenants()]
    _leave_applications(people)
    lists.fill_platform_lists(reading.platform(), people)
    _write(settings, people, told)
    database().dispose()


def _make_root(settings: Settings) -> None:
    """A demo keeps its root key beside everything else, so that rotation and revocation can be tried; nobody real trusts it."""
    from portal.cli.root_file import keep
    from portal.core.context import COMMAND_LINE
    from portal.releases.signing.commands import make_root

    settings.demo_root_file.unlink(missing_ok=True)
    make_root(COMMAND_LINE, lambda private: keep(settings.demo_root_file, private))


def _load_tenant(source: Mapping[str, Any], people: Any, titles: Mapping[str, str]) -> Mapping[str, Any]:
    from portal.access.roles import Role
    from portal.cli.demo import lists, places
    from portal.cli.demo.boxes import Fleet
    from portal.cli.demo.content import Writer
    from portal.core.database import tenant_session
    from portal.tenants.queries import group_tree

    told = source["tenant"]
    click.echo(f"  {told['name']}")
    ended = told.get("ended_months_ago")
    with ago(told.get("started_months_ago", _DEFAULT_MONTHS) * _MONTH):
        tenant = _open_enterprise(source, people)
        groups = places.create_groups(tenant, source)
        subscription = places.subscribe(tenant, source)
        with tenant_session(tenant.id) as reader:
            tree = group_tree(reader)
        if "level" in told:
            places.ask_for_level(tenant, told["level"])
        for member in source["member"]:
            group = groups.get(member.get("group", ""))
            below = tree.subtree(group) if group else frozenset()
            people.add_member(tenant, member["name"], member["username"], Role(member["role"]), group, below)
    _hand_over(tenant, source, groups, people)
    writer = Writer(tenant, groups, titles, dict(source))
    if ended is not None:
        _publish(writer, source, people, (ended + 2) * _MONTH)
        with ago((ended + 1) * _MONTH):
            places.end_subscription(tenant, subscription)
    else:
        with ago(_FIRST_RELEASE + _MONTH):
            places.give_grants(tenant, source)
        _publish(writer, source, people, timedelta())
        lists.fill_tenant_list(tenant, source, people, writer.place)
        _leave_work(writer, source, people)
        Fleet(tenant, source, groups, people).install()
    return {
        "enterprise_id": tenant.enterprise_id,
        "name": told["name"],
        "offering": told["product"],
        "offering_code": places.offering_code(told["product"]),
        "installer_phone": source["installation"]["installer_phones"][0],
        "channels": [{"group": node.name, "channel": node.channel} for _, node in tree.walk()],
    }


def _open_enterprise(source: Mapping[str, Any], people: Any) -> Any:
    """By an application where a province applied that has somebody in the demo, else directly by the center."""
    from portal.access.roles import Role
    from portal.cli.demo import applying, places

    told = source["tenant"]
    province = people.of_province(told.get("province") or told.get("applied_by"))
    if province is None:
        return places.create_enterprise(source)
    return applying.apply_for(source, province, people.first(Role.CENTER_OPERATOR))


def _hand_over(tenant: Any, source: Mapping[str, Any], groups: Mapping[str, Any], people: Any) -> None:
    from portal.access.roles import Role
    from portal.cli.demo import applying

    with ago(_HANDED_OVER):
        by = people.of_province(tenant.applied_by) or people.first(Role.CENTER_OPERATOR)
        applying.hand_over(tenant, source, groups, by)


def _leave_applications(people: Any) -> None:
    from portal.access.roles import Role
    from portal.cli.demo import applying, reading

    for told in reading.applications():
        with ago(timedelta(days=told["days_ago"], hours=2)):
            applying.leave_application(told, people.of_province(told["province"]), people.first(Role.CENTER_REVIEWER))


def _publish(writer: Any, source: Mapping[str, Any], people: Any, earlier: timedelta) -> None:
    """First what stands on the screens, then the messages and ads, so that there are releases to compare."""
    from portal.access.roles import Role
    from portal.content.kinds import Kind
    from portal.content.queries import get_object
    from portal.core.database import tenant_session

    editor = _editor(source, people)
    reviewer, operator = people.first(Role.CENTER_REVIEWER), people.first(Role.CENTER_OPERATOR)
    with ago(earlier + _FIRST_RELEASE):
        saved = writer.enter_all(editor)
    if not saved:
        return
    later_kinds = {Kind.MARQUEE.value, Kind.SCHEDULE_ENTRY.value, Kind.FRAME.value, Kind.POWER.value}
    with tenant_session(writer.tenant.id) as reader:
        later = [one for one in saved if get_object(reader, one.object_id).object.kind in later_kinds]
    first = [one for one in saved if one not in later]
    for part, title, past in ((first, "专区上线", _FIRST_RELEASE), (later, "通知与前导页", _SECOND_RELEASE)):
        if part:
            with ago(earlier + past):
                submission = writer.submit(part, title, "", editor)
                writer.approve(submission, reviewer)
                writer.publish(submission, operator)


def _leave_work(writer: Any, source: Mapping[str, Any], people: Any) -> None:
    for pending in source.get("pending", ()):
        editor = people.actor(pending["by"])
        with ago(_HANDED_IN):
            saved = writer.enter_changes(pending["change"], editor)
            writer.submit(saved, pending.get("title", ""), pending.get("note", ""), editor)
    for draft in source.get("draft", ()):
        with ago(_EDITED):
            writer.enter_changes(draft["change"], people.actor(draft["by"]))


def _editor(source: Mapping[str, Any], people: Any) -> Any:
    by_role = {member["role"]: member["username"] for member in reversed(source["member"])}
    return people.actor(by_role.get("tenant_editor") or by_role["tenant_admin"])


def _write(settings: Settings, people: Any, tenants: list[Mapping[str, Any]]) -> None:
    told = {
        "url": settings.base_url,
        "accounts": [account.as_json() for account in people.accounts],
        "tenants": tenants,
    }
    path: Path = settings.demo_file
    path.touch(mode=_FILE_MODE)
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")

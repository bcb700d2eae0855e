"""Accounts at the broker (mosquitto's dynamic-security plugin): the portal's own rights, a role for each channel, an account for each box.

A box may subscribe to its own channel's topic and receive it, and nothing else: by default nobody may do anything. Each act may be repeated:
what is there already is brought to what it should be, and what is gone is gone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.releases.broker import Line, NoAccounts, PushFailed

TOPIC: Final = "zones/{channel}/current"
ALL_TOPICS: Final = "zones/#"
_PORTAL: Final = "zone-portal"
_ROLE: Final = re.compile(r"zone-([0-9a-f]{32})")
_EXISTS: Final = ("Client already exists", "Role already exists")
_GONE: Final = ("Client not found", "Role not found")
_PAGE: Final = 1000
_ALL_RIGHTS: Final = ("publishClientSend", "publishClientReceive", "subscribe", "unsubscribe")

Command = dict[str, Any]


@dataclass(frozen=True)
class Login:
    """An account that a box is to have, and the channel that it may read."""

    username: str
    password: str
    channel: str


def topic(channel: str) -> str:
    """This function will return the topic of a channel."""
    return TOPIC.format(channel=channel)


def provision(line: Line, username: str) -> bool:
    """This function will see to it that the portal's account may publish; False where it just got that right and has to connect anew.

    The broker ends a connection whose rights change. Raises `NoAccounts` where it keeps none that we may administer.
    """
    if may_publish(line, username):
        return True
    rights = [_allow("publishClientSend", ALL_TOPICS)]
    shut = [{"acltype": kind, "allow": kind == "unsubscribe"} for kind in _ALL_RIGHTS]
    _done(
        line,
        [
            {"command": "createRole", "rolename": _PORTAL, "acls": rights},
            {"command": "setDefaultACLAccess", "acls": shut},
        ],
    )
    line.order([{"command": "addClientRole", "username": username, "rolename": _PORTAL}])
    return False


def may_publish(line: Line, username: str) -> bool:
    """This function will tell whether the portal's account has its own role already; raises `NoAccounts`."""
    (held,) = _done(line, [{"command": "getClient", "username": username}])
    return _PORTAL in {each["rolename"] for each in held["data"]["client"]["roles"]}


def grant(line: Line, logins: Sequence[Login]) -> None:
    """This function will give each box an account, or its account another password and channel; raises `PushFailed`."""
    _done(line, [_role(channel) for channel in sorted({login.channel for login in logins})])
    answers = line.ask([_account("createClient", login) for login in logins])
    again = [login for login, answer in zip(logins, answers, strict=True) if answer.get("error") in _EXISTS]
    _check(answers)
    _done(line, [_account("modifyClient", login) for login in again])


def revoke(line: Line, usernames: Sequence[str]) -> None:
    """This function will end accounts and their connections; raises `PushFailed`."""
    _done(line, [{"command": "deleteClient", "username": name} for name in usernames])


def retire(line: Line, channels: Iterable[str]) -> None:
    """This function will take the right to read channels away from everybody; raises `PushFailed`.

    The roles stay, empty, until nobody has them: mosquitto 2.0 falls over an account of which the role was deleted.
    """
    _done(line, [{"command": "modifyRole", "rolename": _name(channel), "acls": []} for channel in channels])


def remove(line: Line, channels: Iterable[str]) -> None:
    """This function will delete the roles of channels, which no account may have any more; raises `PushFailed`."""
    _done(line, [{"command": "deleteRole", "rolename": _name(channel)} for channel in channels])


def accounts(line: Line) -> Mapping[str, frozenset[str]]:
    """This function will return who has an account, and which channels it may read."""
    return {
        each["username"]: _channels(role["rolename"] for role in each["roles"]) for each in _listed(line, "Clients")
    }


def channels(line: Line) -> frozenset[str]:
    """This function will return the channels that have a role."""
    return _channels(each["rolename"] for each in _listed(line, "Roles"))


def _channels(roles: Iterable[str]) -> frozenset[str]:
    return frozenset(match[1] for match in map(_ROLE.fullmatch, roles) if match)


def _listed(line: Line, what: str) -> Iterator[Mapping[str, Any]]:
    start = 0
    while True:
        (answer,) = _done(line, [{"command": f"list{what}", "verbose": True, "count": _PAGE, "offset": start}])
        page = answer["data"][what.lower()]
        yield from page
        start += len(page)
        if not page or start >= answer["data"]["totalCount"]:
            return


def _role(channel: str) -> Command:
    rights = [_allow("subscribeLiteral", topic(channel)), _allow("publishClientReceive", topic(channel))]
    return {"command": "createRole", "rolename": _name(channel), "acls": rights}


def _account(command: str, login: Login) -> Command:
    roles = [{"rolename": _name(login.channel)}]
    return {"command": command, "username": login.username, "password": login.password, "roles": roles}


def _name(channel: str) -> str:
    return f"zone-{channel}"


def _allow(kind: str, what: str) -> dict[str, Any]:
    return {"acltype": kind, "topic": what, "allow": True}


def _done(line: Line, commands: Sequence[Command]) -> list[Any]:
    if not commands:
        return []
    answers = line.ask(commands)
    _check(answers)
    return list(answers)


def _check(answers: Sequence[Any]) -> None:
    for answer in answers:
        if (error := answer.get("error")) and error not in (*_EXISTS, *_GONE):
            raise PushFailed(f"the broker refuses {answer.get('command')}: {error}")
        if error in _GONE and answer.get("command") == "getClient":
            raise NoAccounts("the portal's own account at the broker is not one of those that the broker keeps")

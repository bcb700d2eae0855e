"""Boxes at a real broker: each has an account that reads its own channel's topic, for as long as the box is bound, and nothing else."""

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.roles import Role
from portal.boxes import comparing
from portal.boxes.commands.managing import report_stolen, unbind_box
from portal.boxes.letting_in import follow_suspensions, settle_accounts
from portal.boxes.models.bound import Box
from portal.cli.broker_check import weaknesses
from portal.cli.simulation.ears import Ears
from portal.cli.simulation.life import Life
from portal.cli.simulation.watch import Watch
from portal.core import clock, outbox
from portal.core.context import COMMAND_LINE, Actor, TenantRef
from portal.core.database import database, tenant_session
from portal.core.ids import BoxId, new_id
from portal.core.settings import load_settings
from portal.orders.commands.suspending import resume, suspend
from portal.orders.queries import current_subscription
from portal.orders.states import SuspensionReason
from portal.releases import broadcasting, broker_accounts, publisher, push
from portal.releases.broker_accounts import accounts, channels
from portal.releases.fetch import PublicFiles
from portal.releases.signing.commands import make_root
from portal.releases.site import site
from portal.tenants.commands.groups import replace_channel
from portal.tenants.models import BoxGroup
from tests.world.airing import Desk, desk_of
from tests.world.broker import PASSWORD, USER, Place, ear, new_place, refused, running, with_accounts, with_passwords
from tests.world.building import actor, build_user, in_tenant, root_of
from tests.world.fleet import PHONE, BoxClient, bound_box, new_box

pytestmark = pytest.mark.needs_service("mosquitto")

Offer = dict[str, str]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Where the portal expects a broker; none runs yet."""
    made = new_place(tmp_path / "broker")
    push.configure(made.settings())
    yield made
    push.configure(load_settings({}))
    _forget()


@pytest.fixture
def broker(place: Place) -> Iterator[Place]:
    """A broker that runs and keeps accounts."""
    with running(place, with_accounts(place)):
        yield place


@pytest.fixture
def admin(shops: TenantRef) -> Actor:
    """The tenant's administrator."""
    return actor(Role.TENANT_ADMIN, build_user("admin"), shops)


@pytest.fixture
def desk(shops: TenantRef) -> Desk:
    """The tenant is on air."""
    made = desk_of(shops)
    make_root(COMMAND_LINE, lambda _: None)
    made.put_on_air(made.save("欢迎光临"))
    publisher.rest()
    return made


def _forget() -> None:
    """As a worker that was just started."""
    broadcasting._known = broadcasting._noted = comparing._compared = None  # noqa: SLF001


def work() -> None:
    """What the job worker does every few seconds, as if it had waited for the pause after a failure, and the web's processes for what they know."""
    post = push._post  # noqa: SLF001
    assert post is not None
    post.until = 0
    broadcasting.follow_broker()
    comparing.compare_when_due()
    follow_suspensions()
    settle_accounts()
    while outbox.drain():
        pass
    publisher.rest()
    post.asked_at = 0


def offered(box: BoxClient) -> Offer | None:
    """What the next heartbeat says about the broker."""
    found: Offer | None = box.heartbeat().body["push"]
    return found


def settled(box: BoxClient) -> Offer:
    """The same, once the broker has heard of the box as it is now."""
    box.heartbeat()
    work()
    offer = offered(box)
    assert offer is not None
    return offer


def pointer(data: bytes | None) -> dict[str, Any]:
    assert data is not None
    payload = json.loads(data)["payload"]
    told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return told


def row_of(tenant: TenantRef, serial: str = "BOX-1") -> Box:
    with tenant_session(tenant.id) as session:
        return session.scalars(select(Box).where(Box.serial == serial).order_by(Box.bound_at.desc())).all()[0]


def test_a_bound_box_is_told_of_a_publication_at_once(broker: Place, desk: Desk, box: BoxClient) -> None:
    before = offered(box)
    offer = settled(box)

    with ear(broker, offer["topic"], offer) as listening:
        first = pointer(listening.hears())
        desk.put_on_air(desk.save("第二版"))
        publisher.rest()
        while outbox.drain():
            pass
        second = pointer(listening.hears())

    assert before is None
    assert offer == {
        "url": f"mqtts://localhost:{broker.port}",
        "username": row_of(desk.tenant).id,
        "password": offer["password"],
        "topic": f"zones/{box.channel}/current",
    }
    assert len(offer["password"]) == 43
    assert (first["channel"], second["sequence"]) == (box.channel, first["sequence"] + 1)
    assert offered(box) == offer  # said again with every heartbeat


def test_binding_answers_at_once_and_the_broker_follows(
    app: Flask, broker: Place, desk: Desk, shops: TenantRef
) -> None:
    box = bound_box(app, shops, serial="BOX-2")
    work()

    again = box.bind(shops.enterprise_id, PHONE)  # a new token, and with it another account

    assert (again.status, again.body["push"]) == (200, None)
    assert offered(box) is None
    assert settled(box)["username"] == again.body["box_id"]


def eavesdropped(place: Place, offer: Offer, other_topic: str) -> set[str]:
    """What somebody with a box's account, or none, gets at who may not."""
    stranger = {"username": "", "password": ""}
    tries: dict[str, tuple[str, Offer | None]] = {
        "nobody": (offer["topic"], None),
        "an empty name": (offer["topic"], stranger),
        "a guessed password": (offer["topic"], {**offer, "password": "guessed"}),
        "no password": (offer["topic"], {"username": offer["username"]}),
        "another channel": (other_topic, offer),
        "all channels": ("zones/+/current", offer),
        "all of zones": ("zones/#", offer),
        "everything": ("#", offer),
        "one of each level": ("+/+/+", offer),
        "shared": (f"$share/a/{other_topic}", offer),
        "the broker's own": ("$SYS/#", offer),
        "its accounts": ("$CONTROL/dynamic-security/v1/response", offer),
        "the mark of the portal": ("zones/portal", offer),
    }
    return {name for name, (topic, login) in tries.items() if not refused(place, topic, login)}


def test_a_box_reads_its_own_topic_and_nothing_else(
    app: Flask, broker: Place, desk: Desk, box: BoxClient, shops: TenantRef
) -> None:
    offer = settled(box)

    assert eavesdropped(broker, offer, f"zones/{'0' * 32}/current") == set()


def test_a_planted_wildcard_is_found(
    app: Flask, broker: Place, desk: Desk, box: BoxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role that allows more than one topic is what the test above is there to catch."""
    allow = broker_accounts._allow  # noqa: SLF001
    monkeypatch.setattr(
        broker_accounts, "_allow", lambda kind, topic: allow(kind.replace("Literal", "Pattern"), "zones/#")
    )

    assert {"another channel", "all channels", "all of zones"} <= eavesdropped(
        broker, settled(box), f"zones/{'0' * 32}/current"
    )


def test_a_box_publishes_nothing(broker: Place, desk: Desk, box: BoxClient) -> None:
    offer = settled(box)

    with broker.broker(offer["username"], offer["password"]).line() as line:
        with pytest.raises(broker_accounts.PushFailed, match="Not authorized"):
            line.publish({offer["topic"]: b"forged"})
        with pytest.raises(broker_accounts.PushFailed):
            line.ask([{"command": "listClients"}])

    with ear(broker, offer["topic"], offer) as listening:
        assert pointer(listening.hears())["channel"] == box.channel


def test_what_ends_a_box_ends_its_account_and_its_connection(
    broker: Place, desk: Desk, box: BoxClient, shops: TenantRef, admin: Actor
) -> None:
    offer, row = settled(box), row_of(shops)

    with ear(broker, offer["topic"], offer) as listening:
        listening.hears()
        in_tenant(shops, lambda ctx: unbind_box(ctx, BoxId(row.id), row.version, "退房"), admin)
        work()
        desk.put_on_air(desk.save("第二版"))
        work()
        assert listening.hears(1) is None
        assert listening.is_refused()

    assert refused(broker, offer["topic"], offer)


def test_a_stolen_box_hears_nothing_and_the_others_move_on(
    app: Flask, broker: Place, desk: Desk, box: BoxClient, shops: TenantRef, admin: Actor
) -> None:
    honest = bound_box(app, shops, serial="BOX-2")
    stolen_offer, offer = settled(box), settled(honest)
    row = row_of(shops)

    in_tenant(shops, lambda ctx: report_stolen(ctx, BoxId(row.id), row.version, "被偷"), admin)
    work()
    work()
    later = settled(honest)

    assert refused(broker, stolen_offer["topic"], stolen_offer)
    assert refused(broker, later["topic"], stolen_offer)
    assert refused(broker, offer["topic"], offer)  # the old channel and its account
    assert later["topic"] != offer["topic"]
    with ear(broker, later["topic"], later) as listening:
        assert pointer(listening.hears())["channel"] == honest.channel
    with broker.broker().line() as line:
        assert offer["topic"] not in line.retained("zones/+/current")
        assert accounts(line)[later["username"]] == {honest.channel}
        comparing.compare(line)
        assert channels(line) == {honest.channel}


def test_a_channel_that_is_replaced_takes_its_readers_along(
    broker: Place, desk: Desk, box: BoxClient, shops: TenantRef, admin: Actor
) -> None:
    offer, root = settled(box), root_of(shops)
    with tenant_session(shops.id) as session:
        version = session.get_one(BoxGroup, (shops.id, root)).version

    in_tenant(shops, lambda ctx: replace_channel(ctx, root, version), admin)
    work()

    later = settled(box)
    assert later["topic"] == f"zones/{box.channel}/current" != offer["topic"]
    assert refused(broker, offer["topic"], offer)
    assert not refused(broker, later["topic"], later)


def test_a_suspended_enterprise_hears_nothing_until_it_is_resumed(
    broker: Place, desk: Desk, box: BoxClient, shops: TenantRef
) -> None:
    offer = settled(box)
    with tenant_session(shops.id) as session:
        subscription = current_subscription(session, shops.id, clock.now())
    assert subscription is not None

    in_tenant(shops, lambda ctx: suspend(ctx, subscription.id, SuspensionReason.ARREARS, ""))
    work()
    suspended = refused(broker, offer["topic"], offer)
    in_tenant(shops, lambda ctx: resume(ctx, subscription.id))
    work()

    assert suspended
    assert not refused(broker, offer["topic"], offered(box))


def test_a_broker_that_is_away_leaves_everything_else_as_it_is(place: Place, desk: Desk, box: BoxClient) -> None:
    """It comes back without its memory: every channel, every account is there again, with nobody doing anything."""
    with running(place, with_accounts(place)):
        settled(box)
    desk.put_on_air(desk.save("第二版"))
    work()
    away = box.heartbeat()

    with running(place, with_accounts(place)):
        work()
        offer = settled(box)
        with ear(place, offer["topic"], offer) as listening:
            heard = pointer(listening.hears())

    assert (away.status, away.body["push"]) == (200, None)
    assert desk.release().state == "published"
    assert heard["sequence"] == away.body["sequence"] == 2


def test_a_broker_without_accounts_is_told_and_offered_to_nobody(place: Place, desk: Desk, box: BoxClient) -> None:
    with running(place, with_passwords(place)):
        work()

        assert not push.has_accounts()
        assert offered(box) is None
        with ear(place, f"zones/{box.channel}/current", {"username": USER, "password": PASSWORD}) as listening:
            assert pointer(listening.hears())["channel"] == box.channel


def test_accounts_that_no_box_has_are_ended_and_others_left_alone(broker: Place, desk: Desk, box: BoxClient) -> None:
    offer, stray = settled(box), new_id()
    with broker.broker().line() as line:
        broker_accounts.grant(
            line,
            [
                broker_accounts.Login(stray, "x", "1" * 32),
                broker_accounts.Login("operator", "x", "2" * 32),
            ],
        )

        wrong = comparing.compare(line)

        assert wrong == 1
        assert accounts(line).keys() == {USER, "operator", offer["username"]}
        assert channels(line) == {box.channel, "2" * 32}


def test_without_a_broker_boxes_poll(desk: Desk, box: BoxClient) -> None:
    assert not push.is_on()
    assert not push.is_here()
    assert (settle_accounts(), follow_suspensions(), comparing.compare_when_due()) == (0, 0, 0)
    assert offered(box) is None


def test_a_simulated_box_listens_where_it_may(
    app: Flask, broker: Place, desk: Desk, shops: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "wsgi_app", PublicFiles(site().root, app.wsgi_app))
    watch, ears = Watch(), Ears(str(broker.authority))
    life = Life(new_box(app), watch, ears.listen)
    life.begin(shops.enterprise_id, PHONE)
    work()
    life.beat()

    desk.put_on_air(desk.save("第二版"))
    work()
    for _ in range(500):
        life.step()
        if life.sequence == 2:
            break
        time.sleep(0.02)
    ears.close()

    assert life.sequence == 2
    assert watch.violations == {}
    assert any(line.startswith("push: ") for line in watch.lines())


def told_by_doctor(place: Place) -> list[str]:
    with database().engine.connect() as connection:
        return weaknesses(place.settings(), connection)


def test_doctor_says_how_it_is_with_the_broker(place: Place, desk: Desk, box: BoxClient) -> None:
    away = told_by_doctor(place)
    with running(place, with_accounts(place)):
        new = told_by_doctor(place)
        settled(box)
        well = told_by_doctor(place)
    with running(place, with_accounts(place).replace("allow_anonymous false", "allow_anonymous true")):
        work()
        open_to_all = told_by_doctor(place)

    assert len(away) == 1
    assert "does not serve us, so boxes poll" in away[0]
    assert new == [
        "the portal may not publish at the broker yet: start its job worker",
        "1 boxes have no account at the broker yet, and poll",
    ]
    assert well == []
    assert "the broker lets in whoever comes: set allow_anonymous false" in open_to_all

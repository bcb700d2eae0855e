"""The demo data's raw material: complete, consistent, within the limits of the product, and playable."""

import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from portal import cli
from portal.access.roles import Role
from portal.accounts.rules import username, username_problem
from portal.catalog.catalogue import catalogue
from portal.catalog.scopes import Scope
from portal.cli.demo.boxes import FIRST_INSTALLED, NEXT_GROUP
from portal.cli.demo.places import offering_code
from portal.cli.demo.reading import screen_of
from portal.content.envelope import Envelope, make_envelope
from portal.content.kinds import Kind, spec_of
from portal.content.limits import SLOT_POSITIONS
from portal.core import clock
from portal.core.html import sanitize_html
from portal.core.ids import new_id
from portal.core.settings import PROJECT_ROOT
from portal.media.apk.reading import read_apk
from portal.tenants.applications.states import ApplicationState
from portal.tenants.rules import group_name, is_mobile, server_address

DATA = Path(cli.__path__[0]) / "demo_data"
STATIC = PROJECT_ROOT / "static"
KINDS = [kind for kind in Kind if kind not in {Kind.APP, Kind.POWER}]  # the hours of power stand with its grant
FILES = sorted((DATA / "tenants").glob("*.toml"))
FULL = ["yunqi", "qingling", "ningwan", "buyun", "jiangzhou"]
REFERENCES = {"column": "column", "parent": "column", "item": "item", "playlist": "playlist"}
FILE_FIELDS = {"image", "icon", "asset"}
ENVELOPE = {"key", "object", "targets", "windows", "hidden", "deleted", "classification"}
STAFF_ROLES = set(Role) - {Role.SYSTEM, Role.CLI, Role.TENANT_ADMIN, Role.TENANT_EDITOR, Role.GROUP_EDITOR}
SCREENS = sorted((DATA / "screens").glob("*.jpg"))  # what boxes sent, no part of anybody's media library
OPERATOR_TILE, FULL_SCREEN, STILL, SENT = (852, 486), (1920, 1080), (1280, 720), (960, 540)
LIMITED_BT709 = b"colrnclx" + bytes([0, 1, 0, 1, 0, 1, 0])  # primaries, transfer and matrix BT.709, not full range
MEBIBYTE = 1024 * 1024


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


TENANTS = {path.stem: read(path) for path in FILES}
each_tenant = pytest.mark.parametrize("tenant", TENANTS.values(), ids=TENANTS.keys())


def changes(tenant: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for group in (*tenant.get("pending", ()), *tenant.get("draft", ())):
        yield from group["change"]


def merged(tenant: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    published = {entry["key"]: entry for entry in tenant[change["object"]]}
    return {**published.get(change["key"], {}), **change}


def content(tenant: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is written out; what an app is, its file says."""
    for kind in KINDS:
        for entry in tenant[kind]:
            yield kind, entry
    for change in changes(tenant):
        if change["object"] != Kind.APP:
            yield change["object"], merged(tenant, change)


def files_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in FILE_FIELDS:
                yield inner
            else:
                yield from files_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from files_in(inner)


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def used_files() -> set[str]:
    return {name for tenant in TENANTS.values() for _, entry in content(tenant) for name in files_in(entry)}


class Ids:
    """Stands in for the database: one id per kind and key, known keys only."""

    def __init__(self, tenant: dict[str, Any]) -> None:
        self.of = {(kind, entry["key"]): new_id() for kind, entry in content(tenant)}
        self.groups = {group["key"]: new_id() for group in tenant["group"]}

    def payload(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {("id" if name == "key" else name): self._value(name, value) for name, value in fields.items()}

    def _value(self, name: str, value: Any) -> Any:
        if name in FILE_FIELDS:
            return "0" * 64
        if name in REFERENCES and isinstance(value, str):
            return self.of[REFERENCES[name], value]
        if name == "key":
            return new_id()
        if name == "action":
            return self.payload(value)
        return [self.payload(item) for item in value] if name == "items" else value


def window(raw: dict[str, Any]) -> dict[str, Any]:
    today = clock.today()
    dates: dict[str, Any] = {
        name: (today + timedelta(days=raw[name])).isoformat() for name in ("from", "until") if name in raw
    }
    return {**raw, **dates, "tz": "Asia/Shanghai"}


def envelope(ids: Ids, kind: str, entry: dict[str, Any]) -> Envelope:
    return make_envelope(
        kind,
        ids.payload({name: value for name, value in entry.items() if name not in ENVELOPE}),
        targets=[ids.groups[key] for key in entry.get("targets", ())],
        windows=[window(raw) for raw in entry.get("windows", ())],
        hidden=entry.get("hidden", False),
        deleted=entry.get("deleted", False),
    )


def test_tenants_are_the_nine_of_the_demo() -> None:
    assert set(TENANTS) == {*FULL, "hetian", "linxi", "lanshan", "moni"}


@each_tenant
def test_tenant_passes_the_rules_of_an_application(tenant: dict[str, Any]) -> None:
    facts = tenant["tenant"]

    name = group_name(facts["name"], Scope(facts["scope"]), province_code=facts.get("province"))

    assert name.text == facts["name"]
    assert (facts["scope"] == "national") == ("province" not in facts)
    assert is_mobile(facts["contact_phone"])
    assert is_mobile(facts["applicant_phone"])
    assert server_address(facts["server_address"]) == facts["server_address"]


@each_tenant
def test_tenant_orders_a_product_and_industry_of_the_catalogue(tenant: dict[str, Any]) -> None:
    products = {offering.sub_product.name.zh for offering in catalogue().offerings.values()}

    assert tenant["tenant"]["product"] in products
    assert len(tenant["tenant"]["customer"]["industry_code"]) == 7
    assert tenant["tenant"]["customer"]["industry_code"] in catalogue().industries
    assert catalogue().customer_classes[tenant["tenant"]["customer"]["class"]].may_order


@each_tenant
def test_installation_has_places_within_the_boxes(tenant: dict[str, Any]) -> None:
    job = tenant["installation"]

    assert 200 <= job["places"] <= tenant["tenant"]["boxes"]
    assert job["group"] in {group["key"] for group in tenant["group"]}
    assert all(is_mobile(phone) for phone in (*job["installer_phones"], job["manager_phone"]))
    assert len(job["installer_names"]) == len(job["installer_phones"])
    assert job["manager"]


@each_tenant
def test_boxes_leave_200_places_and_fit_the_package(tenant: dict[str, Any]) -> None:
    boxes = tenant.get("box", ())
    bound = [box for box in boxes if not box.get("waits")]
    job, wanted = tenant["installation"], catalogue().offering(offering_code(tenant["tenant"]["product"])).box_type

    assert job["places"] - sum(box["group"] == job["group"] for box in bound) >= 200
    assert job["places"] + len(bound) <= tenant["tenant"]["boxes"]
    assert {box["group"] for box in bound} <= {group["key"] for group in tenant["group"]}
    assert wanted == "standard" or {catalogue().boxes.type_of(box["model"]) for box in boxes} <= {wanted}


@each_tenant
def test_box_fell_silent_after_it_was_bound(tenant: dict[str, Any]) -> None:
    bound = [box for box in tenant.get("box", ()) if not box.get("waits")]
    groups = list(dict.fromkeys(box["group"] for box in bound))

    for box in bound:
        installed = FIRST_INSTALLED - groups.index(box["group"]) * NEXT_GROUP
        assert installed > timedelta(days=1 + box.get("offline_days", 0)), box["serial"]


def test_boxes_are_all_different_and_of_every_health() -> None:
    boxes = [box for tenant in TENANTS.values() for box in tenant.get("box", ())]

    assert len({box["serial"] for box in boxes}) == len(boxes)
    assert sorted(name for name, tenant in TENANTS.items() if tenant.get("box")) == sorted([*FULL, "hetian"])
    for how in ("offline_days", "never", "behind", "fault", "waits", "screen"):
        assert any(how in box for box in boxes), how


def test_applications_are_in_every_state_that_leaves_no_tenant() -> None:
    applications = read(DATA / "applications.toml")["application"]
    provinces = {person["province"] for person in read(DATA / "staff.toml")["account"] if "province" in person}

    products = {offering.sub_product.name.zh for offering in catalogue().offerings.values()}
    for told in applications:
        assert told["province"] in provinces
        assert told["product"] in products
        assert ("reason" in told) == (told["state"] == "returned")
        if told["state"] in ("submitted", "returned"):
            group_name(told["name"], Scope(told["scope"]), province_code=told["province"])
    assert {told["state"] for told in applications} == set(ApplicationState) - {ApplicationState.APPROVED}


@each_tenant
def test_groups_form_a_tree_with_parents_first(tenant: dict[str, Any]) -> None:
    seen: list[str] = []
    for group in tenant["group"]:
        assert ("parent" in group) == bool(seen)
        assert group.get("parent", "") in ["", *seen]
        seen.append(group["key"])

    assert len(set(seen)) == len(seen)


@each_tenant
def test_content_passes_the_rules_of_its_kind(tenant: dict[str, Any]) -> None:
    ids = Ids(tenant)

    made = [envelope(ids, kind, entry) for kind, entry in content(tenant)]

    assert len(made) == sum(1 for _ in content(tenant))


def test_apps_are_signed_and_the_new_version_of_one_asks_for_more() -> None:
    yunqi = TENANTS["yunqi"]
    [change] = [one for one in changes(yunqi) if one["object"] == Kind.APP]
    on_air = {entry["key"]: read_apk(DATA / entry["file"]) for entry in yunqi["app"]}

    before, after = on_air[change["key"]], read_apk(DATA / change["file"])

    assert (before.package, before.signer_sha256) == (after.package, after.signer_sha256)
    assert before.version_code < after.version_code
    assert set(before.permissions) < set(after.permissions)
    assert len({app.package for app in on_air.values()}) == len(on_air) == 2


@each_tenant
def test_content_uses_only_features_of_the_package(tenant: dict[str, Any]) -> None:
    offering = next(o for o in catalogue().offerings.values() if o.sub_product.name.zh == tenant["tenant"]["product"])
    granted = {grant["feature"] for grant in tenant["grant"]}
    held = {*offering.features, *granted}

    shown = {spec_of(kind).feature for kind, _ in content(tenant)}
    opened = {
        catalogue().actions[entry["action"]["open"]].requires for kind, entry in content(tenant) if kind == "slot"
    }

    assert shown - held == set()
    assert frozenset().union(*opened) - held == set()


@each_tenant
def test_keys_of_a_kind_differ_and_columns_have_two_levels(tenant: dict[str, Any]) -> None:
    for kind in KINDS:
        keys = [entry["key"] for entry in tenant[kind]]
        assert len(set(keys)) == len(keys)
    parents = {column["key"]: column.get("parent") for column in tenant["column"]}
    assert all(parent is None or parents[parent] is None for parent in parents.values())
    assert all(parents[item["column"]] is not None for item in tenant["item"])


@each_tenant
def test_references_reach_everyone_who_sees_them(tenant: dict[str, Any]) -> None:
    parents = {group["key"]: group.get("parent") for group in tenant["group"]}
    targets = {("item", e["key"]): e.get("targets") for e in tenant["item"]}
    targets |= {("playlist", e["key"]): e.get("targets") for e in tenant["playlist"]}

    def below(group: str, above: list[str]) -> bool:
        return group in above or (parents[group] is not None and below(parents[group], above))

    def covers(whole: list[str] | None, part: list[str] | None) -> bool:
        return whole is None or (part is not None and all(below(group, whole) for group in part))

    for slot in tenant["slot"]:
        if slot["action"]["open"] == "item":
            assert covers(targets["item", slot["action"]["item"]], slot.get("targets")), slot["key"]
    for entry in (*tenant["schedule_entry"], *tenant["default_playlist"]):
        assert covers(targets["playlist", entry["playlist"]], entry.get("targets")), entry["key"]


@each_tenant
def test_rich_text_is_what_the_sanitizer_leaves(tenant: dict[str, Any]) -> None:
    for _, entry in content(tenant):
        html = entry.get("html", "")
        assert sanitize_html(html) == html


@each_tenant
def test_change_sets_are_made_by_members(tenant: dict[str, Any]) -> None:
    names = {member["username"] for member in tenant["member"]}

    assert all(group["by"] in names for group in (*tenant.get("pending", ()), *tenant.get("draft", ())))


def test_two_tenants_have_pending_and_draft_sets() -> None:
    assert sorted(name for name, tenant in TENANTS.items() if tenant.get("pending") and tenant.get("draft")) == [
        "buyun",
        "yunqi",
    ]


@pytest.mark.parametrize("name", FULL)
def test_full_tenant_fills_all_ten_slots_for_every_group(name: str) -> None:
    everyone = sorted(slot["position"] for slot in TENANTS[name]["slot"] if "targets" not in slot)

    assert everyone == list(range(1, 11))


@each_tenant
def test_one_slot_stands_at_a_position_for_a_group(tenant: dict[str, Any]) -> None:
    places = [(slot["position"], group) for slot in tenant["slot"] for group in slot.get("targets", ["root"])]

    assert len(set(places)) == len(places)


@each_tenant
def test_grant_of_power_says_when_boxes_are_on(tenant: dict[str, Any]) -> None:
    for grant in tenant["grant"]:
        made = make_envelope(Kind.POWER, {}, windows=[window(raw) for raw in grant.get("windows", ())])
        assert bool(made.windows) == (grant["feature"] == "power")


def test_schedule_of_the_shops_holds_a_conflict() -> None:
    plan = {entry["key"]: entry for entry in TENANTS["buyun"]["schedule_entry"]}
    one, other = plan["plan-kids-tuesday"], plan["plan-biz-tuesday"]

    assert one["priority"] == other["priority"]
    assert one["windows"][0]["days"] == other["windows"][0]["days"]
    assert one["windows"][0]["end"] > other["windows"][0]["start"]


def test_people_are_all_different_and_well_named() -> None:
    people = [account["username"] for account in read(DATA / "staff.toml")["account"]]
    people += [member["username"] for tenant in TENANTS.values() for member in tenant["member"]]

    assert len(set(people)) == len(people)
    assert [name for name in people if username(name) != name or username_problem(name)] == []


def test_staff_covers_every_role_and_members_every_other() -> None:
    staff = read(DATA / "staff.toml")["account"]
    members = [member for tenant in TENANTS.values() for member in tenant["member"]]

    assert {account["role"] for account in staff} == STAFF_ROLES
    assert {member["role"] for member in members} == set(Role) - STAFF_ROLES - {Role.SYSTEM, Role.CLI}
    assert all(account["province"] in catalogue().provinces for account in staff if account["role"] == "province")
    assert [a["name"] for a in staff if a["role"] == "center_reviewer"] == ["顾清", "严立"]


@each_tenant
def test_group_editors_have_a_group_of_their_tenant(tenant: dict[str, Any]) -> None:
    groups = {group["key"] for group in tenant["group"]}

    for member in tenant["member"]:
        assert (member["role"] == "group_editor") == (member.get("group") in groups)


def test_every_file_named_is_there_and_every_file_there_is_titled() -> None:
    titled = set(read(DATA / "media.toml")["titles"])
    there = {
        path.relative_to(DATA).as_posix() for path in DATA.glob("*/**/*") if path.suffix in {".jpg", ".png", ".mp4"}
    } - {path.relative_to(DATA).as_posix() for path in SCREENS}

    assert used_files() - there == set()
    assert there == titled


def test_every_box_has_a_picture_of_what_it_shows_and_every_picture_is_of_one_enterprise() -> None:
    boxes = [(tenant, box) for tenant in TENANTS.values() for box in tenant.get("box", ())]
    worlds = {tenant["member"][0]["username"].partition("@")[2] for tenant, _ in boxes}
    sent = {box["serial"]: screen_of(tenant, box) for tenant, box in boxes}

    assert {box["serial"] for _, box in boxes if sent[box["serial"]] is None} == {
        box["serial"] for _, box in boxes if box.get("screen") == "live"
    }
    assert {path.stem.partition("-")[0] for path in SCREENS} == worlds
    assert {size_of(path) for path in SCREENS} == {SENT}


def test_every_drawn_file_is_shown_somewhere() -> None:
    titled = set(read(DATA / "media.toml")["titles"])

    assert titled - used_files() == set()


def test_pictures_have_the_sizes_of_their_use() -> None:
    sizes = {path: size_of(path) for path in (DATA / "pictures").rglob("*.jpg")}
    frames = {frame["image"] for tenant in TENANTS.values() for frame in tenant["frame"]}

    assert set(sizes.values()) == {STILL, FULL_SCREEN}
    assert {sizes[DATA / name] for name in frames} == {FULL_SCREEN}


@pytest.mark.parametrize("path", sorted((DATA / "pictures").glob("*/logo.png")), ids=lambda path: path.parent.name)
def test_logo_is_wide_transparent_and_reads_on_dark_and_light(path: Path) -> None:
    with Image.open(path) as logo:
        pixels: list[Any] = [rgba for rgba in logo.get_flattened_data() if isinstance(rgba, tuple) and rgba[3] > 200]
        corner = logo.getchannel("A").getpixel((0, logo.height - 1))

    inked = [rgba for rgba in pixels if max(rgba[:3]) < 250]
    brightness = sum(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b, _ in inked) / len(inked)

    assert corner == 0
    assert logo.width / logo.height > 2
    assert 90 < brightness < 165


def test_operator_tiles_fill_ten_positions() -> None:
    listed = re.findall(
        r'^  \["(\w+)", "([^"]+)", "[^"]+"\],$', (STATIC / "tv" / "operator.js").read_text(), re.MULTILINE
    )

    assert len(listed) == SLOT_POSITIONS
    assert {path.stem for path in (STATIC / "operator").iterdir()} == {name for name, _ in listed}
    assert {size_of(STATIC / "operator" / f"{name}.jpg") for name, _ in listed} == {OPERATOR_TILE}
    assert all(len(title) <= 8 for _, title in listed)


def test_all_material_weighs_less_than_25_mebibytes() -> None:
    sizes = [path.stat().st_size for path in DATA.rglob("*") if path.is_file()]

    assert sum(sizes) < 25 * MEBIBYTE
    assert max(sizes) < MEBIBYTE


def boxes(data: bytes) -> dict[bytes, bytes]:
    """The boxes of one level of an MP4 file, by their type."""
    found, at = {}, 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found[data[at + 4 : at + 8]] = data[at + 8 : at + size]
        at += size
    return found


@pytest.mark.parametrize("path", sorted((DATA / "videos").rglob("*.mp4")), ids=lambda path: path.stem)
def test_film_is_short_h264_with_aac_and_starts_while_it_loads(path: Path) -> None:
    data = path.read_bytes()

    parts = boxes(data)
    movie = boxes(parts[b"moov"])[b"mvhd"]
    seconds = int.from_bytes(movie[16:20], "big") / int.from_bytes(movie[12:16], "big")

    assert b"avc1" in parts[b"moov"]
    assert b"mp4a" in parts[b"moov"]
    assert LIMITED_BT709 in parts[b"moov"]
    assert list(parts).index(b"moov") < list(parts).index(b"mdat")
    assert 4 <= seconds <= 8.2
    assert 150_000 < len(data) < 700_000


@each_tenant
def test_entries_of_the_access_list_name_what_there_is(tenant: dict[str, Any]) -> None:
    groups = {group["name"]: group["members"] for group in tenant.get("user_group", ())}
    usernames = {member["username"] for member in tenant["member"]}
    keys = {
        "object": {column["key"] for column in tenant["column"]},
        "group": {group["key"] for group in tenant["group"]},
        "class": {"public", "internal", "sensitive"},
        "kind": {kind.value for kind in Kind},
    }

    assert all(set(members) <= usernames for members in groups.values())
    for entry in tenant.get("entry", ()):
        kind, _, key = entry["place"].partition(":")
        assert kind == "all" or key in keys[kind]
        subject, _, name = entry["subject"].partition(":")
        assert name in (groups if subject == "group" else set(Role))


def test_demo_has_a_list_to_ask_why_and_an_appointment_to_confirm() -> None:
    staff = read(DATA / "staff.toml")
    entries = [entry for tenant in TENANTS.values() for entry in tenant.get("entry", ())]

    assert {entry["place"].partition(":")[0] for entry in entries if entry["effect"] == "deny"} >= {"object", "class"}
    assert [one["by"] for one in staff["appointment"]] == ["qinheng"]
    assert {one["username"] for one in staff["appointment"]}.isdisjoint(one["username"] for one in staff["account"])

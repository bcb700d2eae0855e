"""Published files in a bucket of a real store: the same as in the folder, in order, and nothing that is not whole is called published."""

import hashlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError
from werkzeug.test import Client

from portal.content.commands import Entered, create_draft
from portal.content.kinds import Kind
from portal.core import outbox
from portal.core.bucket_address import parse_bucket_url
from portal.core.database import Database
from portal.core.ids import GroupId
from portal.core.settings import PROJECT_ROOT
from portal.media.states import Purpose
from portal.releases import bucket as buckets
from portal.releases import bucket_files, clearing, jobs, publisher, site
from portal.releases.bucket import Bucket, BucketAway
from portal.releases.fetch import PublicFiles
from portal.releases.signing.commands import write_key_set
from portal.releases.store import NewAsset, WrongBytes
from portal.tenants.commands.groups import create_group, replace_channel
from portal.tenants.models import BoxGroup
from tests.world.airing import Desk, first_desk
from tests.world.building import add_picture, context, in_tenant, root_of
from tests.world.ceph import SECRET, Store
from tests.world.kept import kept

PREFIX = "/boxes"
HEADERS = {"content-type": "ContentType", "cache-control": "CacheControl", "content-disposition": "ContentDisposition"}
AS_METADATA = ("x-content-type-options", "access-control-allow-origin", "content-security-policy")


@pytest.fixture
def name(store: Store) -> str:
    return store.new_bucket()


@pytest.fixture
def desk(installation: Path, store: Store, name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(publisher, "PATIENCE_SECONDS", 60)
    made = kept(first_desk)
    site.configure(installation / "pub", parse_bucket_url(store.url(name, PREFIX)))
    yield made
    site.configure(installation / "pub")


@pytest.fixture
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that did not answer is asked again at once."""
    monkeypatch.setattr(buckets, "_REST_SECONDS", 0)


@pytest.fixture
def puts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is stored, in order."""
    stored: list[str] = []
    put = Bucket.put

    def noting(self: Bucket, path: str, *more: Any) -> None:
        put(self, path, *more)
        stored.append(path)

    monkeypatch.setattr(Bucket, "put", noting)
    return stored


@pytest.fixture
def listings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is listed."""
    asked: list[str] = []
    listed = Bucket.listed

    def noting(self: Bucket, beginning: str) -> Any:
        asked.append(beginning)
        return listed(self, beginning)

    monkeypatch.setattr(Bucket, "listed", noting)
    return asked


def objects(store: Store, name: str) -> dict[str, bytes]:
    client = store.client()
    listed = client.list_objects_v2(Bucket=name).get("Contents", [])
    keys = [each["Key"] for each in listed]
    assert all(key.startswith(PREFIX[1:] + "/") for key in keys)
    return {key[len(PREFIX) :]: client.get_object(Bucket=name, Key=key)["Body"].read() for key in keys}


def files() -> dict[str, bytes]:
    root = site.site().root
    found = (path for path in root.rglob("*") if path.is_file() and ".locks" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def logo(desk: Desk, colour: tuple[int, int, int] = (20, 90, 100)) -> Any:
    image = add_picture(desk.tenant, Purpose.LOGO, colour)
    return in_tenant(desk.tenant, lambda ctx: create_draft(ctx, Kind.LOGO, Entered({"image": image})), desk.editor)


def add_group(desk: Desk, called: str) -> GroupId:
    return in_tenant(desk.tenant, lambda ctx: create_group(ctx, root_of(desk.tenant), called))


def work_off() -> None:
    while outbox.drain():
        pass


# one publication


def test_bucket_holds_what_the_folder_holds(desk: Desk, store: Store, name: str) -> None:
    site.publish_schemas()
    write_key_set()

    desk.put_on_air(desk.save("欢迎"), logo(desk))

    assert desk.release().state == "published"
    held = objects(store, name)
    assert held == files()
    assert {path.split("/")[0] for path in held} >= {"assets", "channels", "releases", "schema", "keys.json"}


def test_objects_have_the_headers_of_the_files(desk: Desk, store: Store, name: str) -> None:
    site.publish_schemas()
    write_key_set()
    desk.put_on_air(desk.save("欢迎"), logo(desk))
    site.site().folder.put_assets([apk()])
    server = Client(PublicFiles(site.site().root, lambda environ, start: []))

    for path in files():
        with server.open(f"/pub/{path}") as answer:
            served = answer.headers
        stored = store.client().head_object(Bucket=name, Key=f"{PREFIX[1:]}/{path}")
        assert {ours: stored.get(theirs) for ours, theirs in HEADERS.items()} == {
            ours: served.get(ours) for ours in HEADERS
        }, path
        assert "ContentEncoding" not in stored
        assert stored["Metadata"] == {ours: served[ours] for ours in AS_METADATA if ours in served}, path


def apk() -> NewAsset:
    source = site.site().root.parent / "app"
    source.write_bytes(b"PK app")
    return NewAsset(hashlib.sha256(b"PK app").hexdigest(), "apk", source)


def test_assets_come_before_documents_and_pointers_last(desk: Desk, puts: list[str]) -> None:
    desk.put_on_air(desk.save("欢迎"), logo(desk))

    order = [path.split("/")[0] + path[path.index(".") :] for path in puts]
    assert list(dict.fromkeys(order)) == [
        "assets.png",
        "releases.json.gz",
        "releases.json",
        "channels.jws",
        "channels.json",
    ]


def test_what_is_there_is_left_alone(desk: Desk, puts: list[str]) -> None:
    saved = desk.save("一")
    desk.put_on_air(saved, logo(desk))
    puts.clear()

    desk.put_on_air(desk.save("二", saved))

    assert sorted(path.split("/")[0] for path in puts) == ["channels", "channels", "releases", "releases"]


def test_asset_of_other_bytes_is_not_stored(desk: Desk, store: Store, name: str) -> None:
    wrong = NewAsset("0" * 64, "apk", apk().source)

    with pytest.raises(WrongBytes):
        site.site().bucket.put([{f"assets/{wrong.sha256}.apk": wrong.source}])  # type: ignore[union-attr]

    assert objects(store, name) == {}


# a store that refuses, or is away


def test_wrong_secret_is_told_by_its_code_alone(
    desk: Desk, store: Store, name: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "another/secret-of-nobody"
    root = site.site().root
    site.configure(root, parse_bucket_url(store.url(name, PREFIX, wrong)))

    desk.put_on_air(desk.save("欢迎"))
    waiting = desk.release()
    jobs.repair_all()
    site.publish_schemas()
    said = capfd.readouterr()
    site.configure(root, parse_bucket_url(store.url(name, PREFIX)))
    finished = publisher.finish_unfinished()

    assert (waiting.state, waiting.attempts) == ("publishing", 1)
    assert waiting.error == "BucketAway: 对象存储没有收下发布文件（SignatureDoesNotMatch）。请联系运营中心。"
    for secret in (wrong, SECRET):
        assert secret not in said.out + said.err + caplog.text
    assert (finished, desk.release().state, desk.release().error) == (1, "published", None)
    assert desk.pointers()[0].body.encode() in objects(store, name).values()


def test_store_that_is_away_leaves_the_release_waiting_and_gets_everything_when_it_is_back(
    desk: Desk, store: Store, name: str, no_rest: None
) -> None:
    saved = desk.save("一")
    desk.put_on_air(saved)
    before = objects(store, name)

    store.go_away()
    try:
        desk.put_on_air(desk.save("二", saved), logo(desk))
        waiting = desk.release()
        again = publisher.finish_unfinished()
        told = desk.texts()
    finally:
        store.come_back()

    assert objects(store, name) == before
    assert (waiting.state, again, told) == ("publishing", 0, ["一"])
    assert "EndpointConnectionError" in (waiting.error or "")
    assert jobs.finish_publications() == 1
    assert (desk.release().state, desk.release().attempts, desk.texts()) == ("published", 3, ["二"])
    assert objects(store, name) == files()


def test_store_that_did_not_answer_is_left_alone_for_a_moment(
    store: Store, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = Bucket(parse_bucket_url(store.url(name)))
    store.go_away()
    with pytest.raises(BucketAway):
        bucket.listed("")
    store.come_back()

    with pytest.raises(BucketAway) as left_alone:
        bucket.listed("")
    monkeypatch.setattr(buckets.time, "monotonic", lambda now=buckets.time.monotonic: now() + 6)

    assert left_alone.value.why == "EndpointConnectionError"
    assert bucket.listed("") == {}


def test_keys_and_schemas_follow_when_the_store_is_back(desk: Desk, store: Store, name: str, no_rest: None) -> None:
    store.go_away()
    try:
        site.publish_schemas()
        signed = write_key_set()
        repaired = jobs.repair_all()
    finally:
        store.come_back()
    absent = objects(store, name)

    jobs.keep_keys_in_bucket()

    assert (signed, repaired, absent) == (False, 0, {})
    assert set(objects(store, name)) == {
        "keys.json",
        "keys.json.gz",
        "schema/pointer-1.json",
        "schema/zone-1.json",
    }


# what is lost, and what is taken away


def test_repair_stores_what_the_bucket_lost_or_holds_torn(desk: Desk, store: Store, name: str) -> None:
    desk.put_on_air(desk.save("欢迎"), logo(desk))
    row, client = desk.pointers()[0], store.client()
    document = f"{PREFIX[1:]}/releases/{row.document_sha256}.json"
    client.delete_object(Bucket=name, Key=f"{PREFIX[1:]}/channels/{row.channel}/current.jws")
    client.put_object(
        Bucket=name, Key=f"{PREFIX[1:]}/channels/{row.channel}/current.json", Body=b"x" * len(row.body.encode())
    )
    client.delete_object(Bucket=name, Key=f"{document}.gz")
    asset = next(path for path in sorted(files()) if path.startswith("assets/"))
    client.put_object(Bucket=name, Key=f"{PREFIX[1:]}/{asset}", Body=b"torn")

    found = jobs.repair_bucket()

    assert found == 4
    assert objects(store, name) == files()
    assert jobs.repair_bucket() == 0


def test_publication_stores_an_asset_that_the_bucket_lost(desk: Desk, store: Store, name: str) -> None:
    saved = desk.save("一")
    desk.put_on_air(saved, logo(desk))
    asset = next(path for path in sorted(files()) if path.startswith("assets/"))
    store.client().delete_object(Bucket=name, Key=f"{PREFIX[1:]}/{asset}")

    desk.put_on_air(desk.save("二", saved))

    assert objects(store, name) == files()


def test_repair_asks_no_more_of_many_groups(desk: Desk, listings: list[str]) -> None:
    desk.put_on_air(desk.save("一"))
    listings.clear()
    jobs.repair_all()
    few = list(listings)
    for number in range(5):
        add_group(desk, f"组{number}")
    desk.put_on_air(desk.save("二"))
    listings.clear()

    jobs.repair_all()

    assert listings == few == ["channels/", "releases/"]


def test_many_names_are_listed_by_their_folder(
    desk: Desk, listings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put_on_air(desk.save("一"))
    monkeypatch.setattr(bucket_files, "_SINGLE_LISTINGS", 1)
    listings.clear()

    publisher.repair(desk.tenant.id)

    assert sorted(listings) == ["channels/", "releases/"]


def test_folder_that_is_lost_is_written_again_and_the_bucket_left_alone(desk: Desk, puts: list[str]) -> None:
    desk.put_on_air(desk.save("一"))
    for path in site.site().root.rglob("current.*"):
        path.unlink()
    puts.clear()

    written = jobs.repair_all()

    assert (written, puts, desk.texts()) == (2, [], ["一"])


def test_channel_that_is_replaced_is_gone_from_both(desk: Desk, store: Store, name: str) -> None:
    group = add_group(desk, "城东区")
    desk.put_on_air(desk.save("一"))
    with context(desk.tenant) as ctx:
        row = ctx.session.get_one(BoxGroup, (desk.tenant.id, group))
        version, old = row.version, row.channel
    assert f"channels/{old}/current.jws" in objects(store, name)

    in_tenant(desk.tenant, lambda ctx: replace_channel(ctx, group, version))
    desk.put_on_air(desk.save("二"))
    work_off()

    assert not [path for path in objects(store, name) if old in path]
    assert objects(store, name) == files()


def test_channel_is_taken_away_when_the_store_is_back(desk: Desk, store: Store, name: str, no_rest: None) -> None:
    desk.put_on_air(desk.save("一"))
    channel = desk.pointers()[0].channel
    store.go_away()
    with pytest.raises(BucketAway):
        site.site().folder.remove_channel(channel)
    store.come_back()

    site.site().folder.remove_channel(channel)

    assert not [path for path in objects(store, name) if channel in path]


def test_clearing_takes_what_nothing_leads_to_out_of_both(
    desk: Desk, store: Store, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put_on_air(desk.save("一"), logo(desk))
    needed = set(files())
    for path in (f"releases/{'0' * 64}.json", f"releases/{'0' * 64}.json.gz", f"assets/{'1' * 64}.png"):
        (site.site().root / path).write_bytes(b"left")
        store.client().put_object(Bucket=name, Key=f"{PREFIX[1:]}/{path}", Body=b"left")
    store.client().put_object(Bucket=name, Key=f"{PREFIX[1:]}/assets/{'2' * 64}.mp4", Body=b"in the bucket alone")
    young = clearing.clear_public()
    monkeypatch.setattr(clearing, "_YOUNG_SECONDS", -10)

    gone = clearing.clear_public()

    assert (young, gone) == (0, 4)
    assert set(objects(store, name)) == set(files()) == needed


def test_deleted_enterprise_leaves_nothing_in_either(desk: Desk, store: Store, name: str) -> None:
    desk.put_on_air(desk.save("一"), logo(desk))
    before = objects(store, name)

    clearing.wipe_public(desk.tenant.id, [row.channel for row in desk.pointers()])

    assert len(before) > 4
    assert objects(store, name) == files() == {}


# several machines


@pytest.mark.needs_service("postgresql")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_machine_waits_while_another_writes_for_the_tenant(
    desk: Desk, database: Database, store: Store, name: str
) -> None:
    saved = desk.save("一")
    desk.put_on_air(saved)
    submission = desk.approved(desk.save("二", saved))
    before = objects(store, name)
    done = threading.Event()
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    elsewhere = psycopg.connect(address)
    try:
        elsewhere.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"portal.public.{desk.tenant.id}",))
        publishing = threading.Thread(target=lambda: (desk.publish(submission), done.set()))
        publishing.start()
        waited = not done.wait(1)
        meanwhile = objects(store, name)
        elsewhere.rollback()
        publishing.join(30)
        publisher.rest()
    finally:
        elsewhere.close()

    assert (waited, meanwhile) == (True, before)
    assert desk.release().state == "published"
    assert objects(store, name) == files()


# the client, and the store itself


def test_child_process_makes_connections_of_its_own(store: Store, name: str) -> None:
    bucket = Bucket(parse_bucket_url(store.url(name)))
    bucket.listed("")
    child = os.fork()
    if child == 0:
        bucket.listed("")
        os._exit(0 if bucket._made[0] == os.getpid() else 1)  # type: ignore[index]  # noqa: SLF001

    assert os.waitpid(child, 0)[1] == 0


def test_threads_that_come_first_at_once_all_get_the_library(store: Store, name: str) -> None:
    """In a process that has imported nothing of it."""
    code = f"""
import threading, sys
from portal.core.bucket_address import parse_bucket_url
from portal.releases.bucket import Bucket
bucket, listed, at_once = Bucket(parse_bucket_url({store.url(name)!r})), [], threading.Barrier(16)
assert "boto3" not in sys.modules and "botocore" not in sys.modules
def look():
    at_once.wait()
    listed.append(bucket.listed(""))
threads = [threading.Thread(target=look) for _ in range(16)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert listed == [{{}}] * 16, listed
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_store_refuses_a_wrong_secret(store: Store, name: str) -> None:
    """The store of these tests is a real one in what matters."""
    from boto3.session import Session
    from botocore.config import Config

    wrong = Session().client(
        "s3",
        endpoint_url=store.endpoint,
        region_name="us-east-1",
        aws_access_key_id="portal-of-tests",
        aws_secret_access_key="wrong",
        config=Config(s3={"addressing_style": "path"}),
    )

    with pytest.raises(ClientError) as refused:
        wrong.put_object(Bucket=name, Key="x", Body=BytesIO(b"x"))
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


def test_store_refuses_bytes_that_were_changed_on_the_way(store: Store, name: str) -> None:
    bucket = Bucket(parse_bucket_url(store.url(name)))

    with pytest.raises(BucketAway) as refused:
        bucket.put("x", b"torn", buckets.md5_of(b"whole"), [])

    assert refused.value.why in {"BadDigest", "InvalidDigest"}
    assert bucket.listed("") == {}

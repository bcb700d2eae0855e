"""`portal release verify`: what a box would reject is found, on any machine, without the portal's database or keys."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli.main import cli
from portal.core.database import Database
from portal.media import storage
from portal.releases import publisher, site
from portal.releases.signing.jws import new_private_jwk, public_jwk, sign, signer
from tests.world.building import add_provinces
from tests.world.delivery import Delivery


@pytest.fixture
def delivery(sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Delivery]:
    storage.use(storage.FolderStorage(tmp_path / "media"))
    site.configure(tmp_path / "pub")
    add_provinces()
    made = Delivery(tmp_path)
    (tmp_path / "root.json").write_text(json.dumps(public_jwk(made.root)))
    monkeypatch.setenv("PORTAL_INSTANCE_DIR", str(tmp_path / "elsewhere"))  # another machine, with no installation
    yield made
    sqlite.dispose()


def verify(delivery: Delivery, source: Path | None = None, root: str = "root.json") -> Result:
    place = source or delivery.folder / "pub"
    return CliRunner().invoke(cli, ["release", "verify", str(place), "--root", str(delivery.folder / root)])


def channel(delivery: Delivery) -> Path:
    return delivery.folder / "pub" / "channels" / delivery.channel


def test_folder_and_file_that_are_whole_are_good(delivery: Delivery) -> None:
    folder, file = verify(delivery), verify(delivery, channel(delivery) / "current.jws")

    assert (folder.exit_code, file.exit_code) == (0, 0)
    assert folder.output == file.output == f"good  keys.jws: version 2, 2 keys\ngood  channels/{delivery.channel}\n"


def _exchange(delivery: Delivery) -> None:
    (channel(delivery) / "current.json").write_bytes(b"{}")


def _forge(delivery: Delivery) -> None:
    (channel(delivery) / "current.jws").write_bytes(delivery.forged(new_private_jwk("ES256"), sequence=9))


def _against_the_contract(delivery: Delivery) -> None:
    (channel(delivery) / "current.jws").write_bytes(delivery.forged(sequence=0))


def _change_document(delivery: Delivery) -> None:
    path = next((delivery.folder / "pub" / "releases").glob("*.json"))
    path.write_bytes(path.read_bytes().replace("第一版".encode(), "第二版".encode()))


def _lose_document(delivery: Delivery) -> None:
    next((delivery.folder / "pub" / "releases").glob("*.json")).unlink()


def _replace_keys(delivery: Delivery) -> None:
    body = (delivery.folder / "pub" / "keys.json").read_bytes()
    (delivery.folder / "pub" / "keys.jws").write_bytes(sign(body, [signer(new_private_jwk("Ed25519"))]))


def _change_key_list(delivery: Delivery) -> None:
    (delivery.folder / "pub" / "keys.json").write_bytes(b"{}")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_exchange, "current.json: other bytes than those that are signed"),
        (_forge, "current.jws: no trusted key has signed this"),
        (_against_the_contract, "current.jws: against the contract at sequence"),
        (_change_document, ".json: other bytes than the pointer promises"),
        (_lose_document, ".json: is not there"),
        (_replace_keys, "keys.jws: no trusted key has signed this"),
        (_change_key_list, "keys.jws: keys.json is not what keys.jws signs"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_whatever_a_box_would_reject_is_named(delivery: Delivery, spoil, why: str) -> None:
    spoil(delivery)

    result = verify(delivery)

    assert result.exit_code == 1
    assert why in result.output
    assert result.output.splitlines()[-1].startswith("BAD   ")


def test_asset_of_other_bytes_is_named(delivery: Delivery) -> None:
    asset = delivery.folder / "pub" / "assets"
    if not asset.exists():
        from portal.media.states import Purpose
        from tests.world.building import add_picture

        image = add_picture(delivery.desk.tenant, Purpose.LOGO)
        assert image
        put_logo_on_air(delivery, image)
    path = next(asset.iterdir())
    path.write_bytes(b"x" * path.stat().st_size)

    result = verify(delivery)

    assert (result.exit_code, f"BAD   assets/{path.name}: other bytes than its name promises\n" in result.output) == (
        1,
        True,
    )


def put_logo_on_air(delivery: Delivery, image: str) -> None:
    from portal.content.commands import Entered, create_draft
    from portal.content.kinds import Kind
    from tests.world.building import in_tenant

    desk = delivery.desk
    logo = in_tenant(desk.tenant, lambda ctx: create_draft(ctx, Kind.LOGO, Entered({"image": image})), desk.editor)
    desk.put_on_air(logo)
    publisher.rest()


def test_what_cannot_be_checked_is_not_called_good(delivery: Delivery) -> None:
    (delivery.folder / "pub" / "keys.jws").unlink()

    without_list = verify(delivery)
    without_root = CliRunner().invoke(cli, ["release", "verify", str(delivery.folder / "pub")])

    assert (without_list.exit_code, without_root.exit_code) == (2, 2)
    assert "say --root FILE" in without_root.output


@pytest.mark.parametrize("source", ["nowhere", "pub/keys.jws", "https://example.com/current.jws"])
def test_place_that_is_none_is_told(delivery: Delivery, source: str) -> None:
    place = source if source.startswith("https") else str(delivery.folder / source)

    result = CliRunner().invoke(cli, ["release", "verify", place, "--root", str(delivery.folder / "root.json")])

    assert result.exit_code == 2
    assert "Error: " in result.output

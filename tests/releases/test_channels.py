import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.reference import (
    ENTERPRISE,
    ENTITLED,
    ROOT,
    group_paths,
    object_id,
    picture,
    reference_assets,
    reference_manifest,
)
from portal.content.envelope import Envelope, make_envelope
from portal.core.ids import GroupId, ObjectId
from portal.releases import channels
from portal.releases.channels import aimed_objects, compile_channels, signature
from portal.releases.document import compile_document, document_bytes
from tests.releases.test_document import envelopes

EAST, WEST, STORE = (GroupId(object_id(0xA001 + number)) for number in range(3))
PATHS = {ROOT: (ROOT,), EAST: (ROOT, EAST), WEST: (ROOT, WEST), STORE: (ROOT, EAST, STORE)}


def marquee(text: str, *targets: GroupId) -> Envelope:
    return make_envelope("marquee", {"text": text}, targets=targets)


def test_groups_of_equal_content_share_one_document() -> None:
    paths = group_paths(50)

    compiled = compile_channels(ENTERPRISE, ENTITLED, reference_manifest(), paths, reference_assets())

    assert len(compiled.documents) == 1
    assert dict(compiled.by_group) == dict.fromkeys(paths, next(iter(compiled.documents)))


def test_groups_of_equal_content_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compilations = []

    def counted(*arguments: object) -> object:
        compilations.append(arguments)
        return compile_document(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(channels, "compile_document", counted)

    compile_channels(ENTERPRISE, ENTITLED, reference_manifest(), group_paths(50), reference_assets())

    assert len(compilations) == 1


def test_group_with_something_of_its_own_has_a_document_of_its_own() -> None:
    manifest = {object_id(1): marquee("全国"), object_id(2): marquee("门店", STORE)}

    compiled = compile_channels(ENTERPRISE, ENTITLED, manifest, PATHS, {})

    assert compiled.by_group[ROOT] == compiled.by_group[EAST] == compiled.by_group[WEST] != compiled.by_group[STORE]
    assert set(compiled.documents) == set(compiled.by_group.values())


def test_siblings_aimed_at_together_share_a_document() -> None:
    manifest = {object_id(1): marquee("两区", EAST, WEST)}

    compiled = compile_channels(ENTERPRISE, ENTITLED, manifest, PATHS, {})

    assert compiled.by_group[EAST] == compiled.by_group[WEST] == compiled.by_group[STORE] != compiled.by_group[ROOT]


def test_hidden_and_deleted_objects_do_not_tell_groups_apart() -> None:
    hidden = make_envelope("marquee", {"text": "藏"}, targets=[EAST], hidden=True)

    assert dict(aimed_objects({object_id(1): hidden})) == {}


def test_signature_keeps_who_is_nearer() -> None:
    def shown(position: int, *targets: GroupId) -> Envelope:
        action = {"open": "url", "url": "https://www.example.com/"}
        return make_envelope(
            "slot", {"position": position, "title": "客房", "image": picture(1), "action": action}, targets=targets
        )

    manifest: dict[ObjectId, Envelope] = {object_id(1): shown(1, EAST), object_id(2): shown(1, STORE)}
    aimed = aimed_objects(manifest)

    assert signature((ROOT, EAST, STORE), aimed) == ((), (object_id(1),), (object_id(2),))
    assert signature((ROOT, STORE, EAST), aimed) == ((), (object_id(2),), (object_id(1),))
    assert signature((ROOT, WEST), aimed) == ((),)


@settings(deadline=None)
@given(st.dictionaries(st.integers(1, 8), envelopes, max_size=8))
def test_every_group_gets_what_compiling_it_alone_gives(objects: dict[int, Envelope]) -> None:
    manifest = {object_id(number): envelope for number, envelope in objects.items()}

    compiled = compile_channels(ENTERPRISE, ENTITLED, manifest, PATHS, reference_assets())

    for group, path in PATHS.items():
        alone = compile_document(ENTERPRISE, ENTITLED, manifest, path, reference_assets())
        assert compiled.documents[compiled.by_group[group]] == document_bytes(alone)

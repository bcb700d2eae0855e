"""A tenant's demo content: entered by its editors, reviewed and published by the center, some of it still on the way."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from portal.access.acl import Place
from portal.cli.demo.reading import FOLDER, KINDS, Json, files_of, payload_of, windows_of
from portal.content.apps.checking import facts
from portal.content.commands import Entered, Saved, create_draft, save_draft
from portal.content.discarding import delete_object
from portal.content.kinds import KINDS as KIND_SPECS
from portal.content.kinds import Kind
from portal.content.queries import get_object
from portal.core.context import Actor, Context, TenantRef
from portal.core.database import commit, tenant_session
from portal.core.html import sanitize_html
from portal.core.ids import GroupId, ObjectId, SubmissionId, new_id
from portal.media.apk.commands import take_app
from portal.media.commands import add_image, add_video
from portal.media.scanning import ScannedFile
from portal.media.states import Purpose
from portal.releases.commands.publishing import publish_submission
from portal.review.commands import Decision, Verdict, decide
from portal.review.queries import get_submission
from portal.review.submitting import Chosen, submit_for_review

Result = TypeVar("Result")


class Writer:
    """Enters one tenant's content; it remembers which local key became which object, and which file which asset."""

    def __init__(
        self, tenant: TenantRef, groups: Mapping[str, GroupId], titles: Mapping[str, str], source: Json
    ) -> None:
        self.tenant = tenant
        self._groups = groups
        self._titles = titles
        self._source = source
        self._objects: dict[tuple[str, str], ObjectId] = {}
        self._assets: dict[tuple[str, Purpose], str] = {}

    def enter_all(self, editor: Actor) -> list[Saved]:
        """This function will save a draft of every object of the tenant's file."""
        saved = [
            self._enter(kind, entry | self._order(kind, place), editor)
            for kind in KINDS
            for place, entry in enumerate(self._source.get(kind.value, ()))
        ]
        saved += [self._enter_power(grant, editor) for grant in self._source.get("grant", ()) if "windows" in grant]
        return saved

    def enter_changes(self, changes: Iterable[Json], editor: Actor) -> list[Saved]:
        """This function will save drafts of changes: of objects that are there, or of new ones."""
        return [self._change(change, editor) for change in changes]

    def submit(self, saved: Iterable[Saved], title: str, note: str, editor: Actor, **more: Any) -> SubmissionId:
        """This function will hand drafts in for review."""
        chosen = [Chosen(one.object_id, one.sha256) for one in saved]
        return self.act(editor, lambda ctx: submit_for_review(ctx, chosen, title=title, note=note, **more))

    def approve(self, submission: SubmissionId, reviewer: Actor) -> None:
        """This function will approve everything of a submission."""

        def approve(ctx: Context) -> None:
            items = get_submission(ctx.session, submission).items
            decisions = [Decision(one.revision.id, one.revision.sha256, Verdict.APPROVE) for one in items]
            decide(ctx, submission, decisions)

        self.act(reviewer, approve)

    def publish(self, submission: SubmissionId, operator: Actor) -> None:
        """This function will put what was approved of a submission on air."""
        self.act(operator, lambda ctx: publish_submission(ctx, submission).number)

    def place(self, kind: str, key: str) -> Place:
        """This function will return where an entry of the tenant's access list stands, by the keys of the tenant's file."""
        if kind == "group":
            return Place(kind, self._groups[key])
        return Place(kind, self._objects[Kind.COLUMN.value, key] if kind == "object" else key)

    def act(self, who: Actor, act: Callable[[Context], Result]) -> Result:
        """This function will run one act of a person in the tenant, as one request would."""
        with tenant_session(self.tenant.id, writes=True) as session:
            result = act(Context(session, who, self.tenant))
            commit(session)
            return result

    def _enter(self, kind: Kind, entry: Json, editor: Actor) -> Saved:
        entered = self._entered(kind, payload_of(entry), entry, editor)
        saved = self.act(editor, lambda ctx: create_draft(ctx, kind, entered))
        self._objects[kind.value, entry["key"]] = saved.object_id
        return saved

    def _order(self, kind: Kind, place: int) -> Json:
        """Entries of the file stand in their order."""
        return {"order": place} if KIND_SPECS[kind].ordered else {}

    def _enter_power(self, grant: Json, editor: Actor) -> Saved:
        entered = Entered({}, windows=windows_of(grant))
        return self.act(editor, lambda ctx: create_draft(ctx, Kind.POWER, entered))

    def _change(self, change: Json, editor: Actor) -> Saved:
        kind = Kind(change["object"])
        object_id = self._objects.get((kind.value, change["key"]))
        if object_id is None:
            return self._enter(kind, change, editor)

        with tenant_session(self.tenant.id) as session:
            view = get_object(session, object_id)
            stored, version = view.envelope.to_json(), view.object.version
        if change.get("deleted"):
            deletion = self.act(editor, lambda ctx: delete_object(ctx, object_id, version))
            assert deletion is not None  # noqa: S101 - what is deleted here is on air
            return deletion
        changed = self._resolved(kind, payload_of(change) | self._sized(kind, stored, change), editor)
        entered = Entered(
            stored["payload"] | changed,
            tuple(self._groups[key] for key in change["targets"]) if "targets" in change else tuple(stored["targets"]),
            windows_of(change) if "windows" in change else tuple(stored["windows"]),
            bool(change.get("hidden", stored["hidden"])),
        )
        return self.act(editor, lambda ctx: save_draft(ctx, kind, object_id, version, entered))

    def _sized(self, kind: Kind, stored: Json, change: Json) -> Json:
        """A new picture of a slot is cut for the slot's position, which the change itself does not name."""
        if "image" in change and kind in {Kind.SLOT, Kind.FRAME}:
            return {"position": stored["payload"]["position"]}
        return {}

    def _entered(self, kind: Kind, payload: Json, entry: Json, editor: Actor) -> Entered:
        return Entered(
            self._resolved(kind, payload, editor),
            tuple(self._groups[key] for key in entry.get("targets", ())),
            windows_of(entry),
            bool(entry.get("hidden", False)),
            classification=entry.get("classification"),
        )

    def _resolved(self, kind: Kind, payload: Json, editor: Actor) -> Json:
        """The payload with files by their hashes and objects by their ids; what an app is, its file says."""
        return self._app(payload, editor) if kind is Kind.APP else self._resolved_payload(kind, payload, editor)

    def _resolved_payload(self, kind: Kind, payload: Json, editor: Actor) -> Json:
        hashes = {path: self._asset(path, purpose, editor) for path, purpose in files_of(kind, payload)}
        resolved = dict(payload)
        for name in ("image", "icon", "asset"):
            if resolved.get(name):
                resolved[name] = hashes[resolved[name]]
        if "html" in resolved:
            resolved["html"] = sanitize_html(resolved["html"])
        if "items" in resolved:
            resolved["items"] = [self._playlist_item(item, hashes) for item in resolved["items"]]
        if "action" in resolved:
            resolved["action"] = self._action(resolved["action"], hashes)
        for name, other in (("parent", Kind.COLUMN), ("column", Kind.COLUMN), ("playlist", Kind.PLAYLIST)):
            if resolved.get(name):
                resolved[name] = self._objects[other.value, resolved[name]]
        return resolved

    def _app(self, payload: Json, editor: Actor) -> Json:
        with tenant_session(self.tenant.id) as session:
            return facts(take_app(Context(session, editor, self.tenant), FOLDER / payload["file"]))

    def _playlist_item(self, item: Json, hashes: Mapping[str, str]) -> Json:
        named = {name: value for name, value in item.items() if name != "key"}
        return {**named, "id": new_id(), "asset": hashes[item["asset"]]}

    def _action(self, action: Json, hashes: Mapping[str, str]) -> Json:
        match action["open"]:
            case "column" | "item" as kind:
                return {"open": kind, kind: self._objects[kind, action[kind]]}
            case "video":
                return {"open": "video", "asset": hashes[action["asset"]]}
            case _:
                return dict(action)

    def _asset(self, path: str, purpose: Purpose, editor: Actor) -> str:
        if (path, purpose) not in self._assets:
            self._assets[path, purpose] = self._upload(FOLDER / path, self._titles.get(path, path), purpose, editor)
        return self._assets[path, purpose]

    def _upload(self, path: Path, title: str, purpose: Purpose, editor: Actor) -> str:
        name = f"{title}{path.suffix}"
        if path.suffix == ".mp4":
            return self._upload_video(path, name, editor)
        data = path.read_bytes()
        return self.act(editor, lambda ctx: add_image(ctx, data, name, purpose).sha256)

    def _upload_video(self, path: Path, name: str, editor: Actor) -> str:
        with TemporaryDirectory() as folder:  # a video is worked on beside the uploaded file
            uploaded = Path(shutil.copy(path, folder))
            # Our own film, from beside this file: no stranger has sent it.
            return self.act(editor, lambda ctx: add_video(ctx, ScannedFile(uploaded), name).sha256)

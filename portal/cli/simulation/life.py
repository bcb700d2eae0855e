"""The life of a simulated box: bound, then polling, reporting, playing and answering commands, each answer held against the contract."""

import hashlib
import io
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from queue import SimpleQueue
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from PIL import Image

from portal.cli.simulation.box import Answer, BoxClient
from portal.cli.simulation.ears import Ear, Listen
from portal.cli.simulation.showing import shown_now
from portal.cli.simulation.watch import Broken, Later, Watch
from portal.core.ids import new_id
from portal.releases.signing.handover import follow
from portal.releases.signing.jws import BadSignature, Jwk, verify
from portal.releases.signing.keyset import read_key_list

_OF_BOX: Final = {"now", "channel", "root", "poll_seconds", "heartbeat_seconds", "push"}
_BOUND: Final = _OF_BOX | {"state", "box_id", "token", "message"}
_TOLD: Final = _OF_BOX | {"sequence", "commands"}
_LATER: Final = (429, 503)
_PLAYS: Final = 10

_Batch = tuple[str, list[dict[str, Any]]]


class Life:
    """One box from its binding on. `due` is when it wants to do something next, by the monotonic clock."""

    def __init__(self, box: BoxClient, watch: Watch, listen: Listen | None = None) -> None:
        self.box, self.watch = box, watch
        self._listen = listen
        self._ear: Ear | None = None
        self._offer: Mapping[str, str] | None = None
        self._heard: SimpleQueue[bytes] = SimpleQueue()
        self.due = 0.0
        self._back_at: float | None = None
        self._beat_due = self._poll_due = 0.0
        self._beat_every = self._poll_every = 60
        self._root: Jwk | None = None
        self._sequence: dict[str, int] = {}
        self._release: str | None = None
        self._document: Mapping[str, Any] = {}
        self._ahead = timedelta()
        self._done: set[str] = set()
        self._kept: _Batch | None = None
        self._unsent: _Batch | None = None

    def begin(self, enterprise_id: str, phone: str) -> None:
        """This function will look the enterprise up and bind the box."""
        found = self._timed("lookup", lambda: self.box.look_up(enterprise_id, phone))
        _expect(found, {200}, {"enterprise_id", "name", "installer_phone"})
        bound = self._timed("binding", lambda: self.box.bind(enterprise_id, phone))
        told = _expect(bound, {201}, _BOUND)
        self._root = told["root"]
        self._follow(told)

    @property
    def root(self) -> Jwk | None:
        """The root key that the box has pinned."""
        return self._root

    @property
    def sequence(self) -> int:
        """The highest that the box took from its channel; 0 before the first."""
        return self._sequence.get(self.box.channel or "", 0)

    @property
    def is_told(self) -> bool:
        """Whether the broker had something to say that the box has not looked at."""
        return not self._heard.empty()

    def step(self) -> None:
        """This function will do what is due now, and say when the next thing is."""
        now = time.monotonic()
        try:
            self._do_what_is_due(now)
        except Later as later:
            self.watch.sent_away()
            self._beat_due = now + later.seconds
        finally:
            self.due = min(self._beat_due, self._poll_due)

    def come_back(self) -> None:
        """This function will have the box report at its next step, as after an outage, and note how long that takes from now."""
        self._back_at = time.monotonic()
        self._beat_due = self.due = 0.0

    def _do_what_is_due(self, now: float) -> None:
        while self.is_told:
            self.hear(self._heard.get())
        if now >= self._poll_due:
            self._poll_due = now + self._poll_every
            self.poll()
        if now >= self._beat_due:
            self._beat_due = now + self._beat_every
            self.beat()
            if self._back_at is not None:
                self.watch.took("herd", time.monotonic() - self._back_at)
                self._back_at = None
            self.play()

    def beat(self) -> None:
        """This function will report, and follow what comes back."""
        news = {"sequence": self.sequence, "release": self._release, "screen": "zone"}
        told = _expect(self._timed("heartbeat", lambda: self.box.heartbeat(**news)), {200}, _TOLD)
        self._follow(told)
        for command in told["commands"]:
            if command["id"] not in self._done:
                self._done.add(command["id"])
                self._obey(command)

    def poll(self) -> None:
        """This function will fetch the pointer and, where it names something new, the document; both checked as a box does."""
        channel = self.box.channel or ""
        came = self._fetch("pointer", f"/pub/channels/{channel}/current.jws")
        if came.status == 404:  # noqa: PLR2004 - nothing was published yet
            return
        pointer = self._pointer(came, channel)
        self._sequence[channel] = pointer["sequence"]
        if pointer["release"] != self._release:
            self._take(pointer)

    def hear(self, data: bytes) -> None:
        """This function will treat what the broker said like what is fetched; an empty message says that the channel has gone."""
        channel = self.box.channel or ""
        if not data:
            return
        with self.watch.timed("push"):
            pointer = self._checked(data, channel)
        if pointer["sequence"] > self._sequence.get(channel, 0):  # what was polled meanwhile may be newer
            self._sequence[channel] = pointer["sequence"]
            if pointer["release"] != self._release:
                self._take(pointer)

    def play(self) -> None:
        """This function will report a batch of plays, and once more the batch before, which counts no more.

        A batch with which it was sent away is sent again as it was.
        """
        items = list(shown_now(self._document, self._clock())) if self._document else []
        if not items:
            return
        if self._kept is not None:
            self._report(self._kept, duplicate=_PLAYS)
        at = self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")
        kind, item = items[0]
        play = {"list": kind, "id": item, "started_at": at, "seconds": 1, "completed": True}
        self._unsent = self._unsent or (new_id(), [play] * _PLAYS)
        self._report(self._unsent, accepted=_PLAYS)
        self._kept, self._unsent = self._unsent, None

    def _report(self, batch: _Batch, **counts: int) -> None:
        self._counted(self._timed("plays", lambda: self.box.play(batch[1], batch[0])), **counts)

    def _obey(self, command: Mapping[str, str]) -> None:
        if command["kind"] == "screenshot":
            _expect(self._timed("screenshot", lambda: self.box.screenshot(command["id"], _picture())), {201})
        _expect(self._timed("done", lambda: self.box.done(command["id"])), {204})

    def _follow(self, told: Mapping[str, Any]) -> None:
        self._beat_every, self._poll_every = told["heartbeat_seconds"], told["poll_seconds"]
        self._ahead = datetime.fromisoformat(told["now"]) - _monotonic()
        self._attend(told["push"])
        if told["root"] and self._root and told["root"]["kid"] != self._root["kid"]:
            self._follow_root(self._root)
            if told["root"]["kid"] != self._root["kid"]:
                raise Broken("an answer names a root key to which the pinned one does not lead")

    def _attend(self, offer: Mapping[str, str] | None) -> None:
        """Listen with what the last answer offers; where it offers nothing, poll."""
        if offer == self._offer or self._listen is None:
            return
        if self._ear is not None:
            self._ear.close()
        self._offer = offer
        self._ear = self._listen(offer, self._heard.put) if offer else None

    def _clock(self) -> datetime:
        """What a box takes for the time: `now` of the last answer and its monotonic clock."""
        return _monotonic() + self._ahead

    def _pointer(self, came: Answer, channel: str) -> dict[str, Any]:
        _expect(came, {200})
        pointer = self._checked(came.data, channel)
        if pointer["sequence"] < self._sequence.get(channel, 0):
            raise Broken("old_sequence")
        return pointer

    def _checked(self, data: bytes, channel: str) -> dict[str, Any]:
        if self._root is None:
            raise Broken("a pointer is there, and no root key was named at binding")
        keys = _expect_data(self._fetch("keys", "/pub/keys.jws"))
        try:
            payload = verify(data, self._release_keys(keys, self._root)).payload
        except (BadSignature, ValueError) as error:
            raise Broken(f"bad_signature: {error}") from error
        pointer: dict[str, Any] = json.loads(payload)
        if pointer["channel"] != channel:
            raise Broken("conflicting_pointer: another channel")
        if datetime.fromisoformat(pointer["valid_until"]) <= self._clock():
            raise Broken("expired_pointer")
        return pointer

    def _release_keys(self, keys: bytes, root: Jwk) -> Mapping[str, Jwk]:
        """Signed by the pinned root key, or by one that this leads to step by step."""
        try:
            return read_key_list(keys, root).keys
        except BadSignature:
            return read_key_list(keys, self._follow_root(root)).keys

    def _follow_root(self, root: Jwk) -> Jwk:
        steps = self._fetch("roots", "/pub/roots.json")
        if steps.status != 404:  # noqa: PLR2004 - then it never changed
            root = self._root = follow(_expect_data(steps), root)
        return root

    def _take(self, pointer: Mapping[str, Any]) -> None:
        path = urlsplit(urljoin("/pub/channels/x/current.jws", pointer["url"])).path
        data = _expect_data(self._fetch("document", path))
        if (hashlib.sha256(data).hexdigest(), len(data)) != (pointer["release"], pointer["bytes"]):
            raise Broken("a document is not what its pointer promises")
        self._document, self._release = json.loads(data), pointer["release"]

    def _counted(self, answer: Answer, accepted: int = 0, duplicate: int = 0) -> None:
        told = _expect(answer, {202}, {"accepted", "rejected", "duplicate"})
        if told != {"accepted": accepted, "rejected": 0, "duplicate": duplicate}:
            raise Broken(f"plays were counted as {told}")

    def _fetch(self, name: str, path: str) -> Answer:
        return self._timed(name, lambda: self.box.send("GET", path, {}, b""))

    def _timed(self, name: str, call: Callable[[], Answer]) -> Answer:
        with self.watch.timed(name):
            return call()


def _monotonic() -> datetime:
    return datetime.fromisoformat("2000-01-01T00:00:00Z") + timedelta(seconds=time.monotonic())


def _expect(answer: Answer, statuses: set[int], members: set[str] | None = None) -> dict[str, Any]:
    if answer.status in _LATER and (seconds := answer.headers.get("retry-after", "")).isdecimal():
        raise Later(int(seconds))
    if answer.status not in statuses:
        raise Broken(f"{answer.status} {answer.code or answer.data[:80].decode(errors='replace')}")
    told = answer.body if members is not None else {}
    if missing := (members or set()) - told.keys():
        raise Broken(f"an answer lacks {', '.join(sorted(missing))}")
    return told


def _expect_data(answer: Answer) -> bytes:
    _expect(answer, {200})
    return answer.data


def _picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (640, 360), (12, 60, 70)).save(target, "PNG")
    return target.getvalue()

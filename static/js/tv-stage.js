// The television of a page: the player in a frame, drawn at 1280x720 and scaled to the room there is, with a remote control. Beside an editor
// it follows the drafts: a page that has saved one says so by the event `zone:saved`; other tabs of the same tenant hear of it too.

const WIDTH = 1280;

export function start(set) {
  const frame = set.querySelector("iframe");
  const room = frame.parentElement;
  const tell = (message) => frame.contentWindow?.postMessage(message, location.origin);
  fit(room, frame);
  listen(set, tell);
  if (set.dataset.drafts) follow(set, (message, at = performance.now()) => {
    set.dataset.asked = String(at);
    tell(message);
  });
  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== location.origin) return;
    note(set, event.data);
    place(set, event.data.tiles);
  });
}

/** Keeps the frame, which is drawn at 1280x720, as large as its room. */
export function fit(room, frame) {
  const scale = () => {
    const by = Math.min(room.clientWidth / WIDTH, room.clientHeight / (WIDTH * 9 / 16)) || 0;
    frame.style.transform = `scale(${by})`;
  };
  new ResizeObserver(scale).observe(room);
  scale();
}

function listen(set, tell) {
  for (const button of set.querySelectorAll("[data-key]")) button.addEventListener("click", () => tell({ tv: "key", key: button.dataset.key }));
  set.querySelector("[data-idle]")?.addEventListener("click", () => tell({ tv: "idle" }));
  set.querySelector("[data-full]")?.addEventListener("click", () => set.querySelector(".tv").requestFullscreen());
  for (const choice of set.querySelectorAll("[name=tv-theme]")) choice.addEventListener("change", () => tell({ tv: "theme", theme: choice.value }));
  for (const choice of set.querySelectorAll("[name=tv-screen]")) choice.addEventListener("change", () => tell({ tv: "place", place: { screen: choice.value } }));
  set.querySelector("[name=tv-group]")?.addEventListener("change", (event) => tell({ tv: "group", group: event.target.value }));
  const moment = set.querySelector("[name=tv-moment]");
  const setMoment = (at) => {
    moment.value = at;
    tell({ tv: "moment", at });
  };
  moment?.addEventListener("change", () => tell({ tv: "moment", at: moment.value }));
  const see = set.querySelector("[data-see]");
  see?.addEventListener("click", () => setMoment(see.dataset.see));
  set.querySelector("[data-now]")?.addEventListener("click", () => setMoment(""));
}

/** Drafts of one tenant are announced on a channel named after its address; what is typed beside it is drawn before it is saved. */
function follow(set, tell) {
  const channel = new BroadcastChannel(`drafts:${set.dataset.drafts}`);
  const refresh = () => tell({ tv: "refresh" });
  channel.addEventListener("message", refresh);
  document.addEventListener("zone:look", ({ detail }) => tell({ tv: "draw", text: detail.text }, detail.at));
  document.addEventListener("zone:saved", ({ detail }) => {
    if (set.dataset.drawn === undefined || detail?.done === undefined) refresh();
    channel.postMessage("saved");
  });
  if (document.querySelector(".flashes :is(.is-ok, .undo)")) channel.postMessage("saved");
}

/** What lies over the picture, each over its tile: where the player has drawn it, in parts of the screen; gone while there are none. */
export function place(set, tiles) {
  for (const over of set.querySelectorAll("[data-tile]")) {
    const at = tiles?.[over.dataset.tile];
    over.hidden = !at;
    for (const [side, part] of Object.entries(at ?? {})) over.style.setProperty(side, `${(part * 100).toFixed(3)}%`);
  }
}

function note(set, message) {
  if (message.tv === "shown") {
    set.dataset.took = String(Math.round(performance.now() - Number(set.dataset.asked ?? 0)));
    set.dataset.shown = String(Number(set.dataset.shown ?? 0) + 1);
    if (message.drawn) set.dataset.drawn = "";
  }
  if (message.places !== undefined) sayMissing(set.querySelector("[data-missing]"), message.missing);
  if (message.tv === "moved") return;
  set.querySelector("[data-failed]").hidden = message.tv !== "failed";
}

/** Why what is edited is not on the screen, in one sentence, with the way to the moment at which it is. */
function sayMissing(note, missing) {
  if (!note) return;
  const unsaved = missing?.why === "absent" && document.querySelector("form[data-new]"); // nobody expects it there yet
  const sentence = missing && !unsaved && sentenceOf(JSON.parse(note.dataset.words), missing);
  note.hidden = !sentence;
  if (!sentence) return;
  const says = note.querySelector("[data-says]");
  const text = sentence.replace("{at}", missing.next ? clock(missing.next) : "");
  if (says.textContent !== text) says.textContent = text;
  const see = note.querySelector("[data-see]");
  see.dataset.see = missing.next ?? "";
  see.hidden = !missing.next;
}

function sentenceOf(words, { about, why, next }) {
  return why === "dark" ? words[next ? "dark" : "dark over"] : words[`${about} ${why}`];
}

/** A moment as people type it, as they read it. */
function clock(typed) {
  const year = typed.startsWith(String(new Date().getFullYear())) ? {} : { year: "numeric" };
  const shown = { ...year, timeZone: "Asia/Shanghai", month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Date(`${typed}:00+08:00`).toLocaleString(document.documentElement.lang, shown);
}

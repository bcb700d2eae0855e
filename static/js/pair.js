// Two televisions in step: what boxes show now, and what they would show. One remote control and one clock for both; a change is looked
// at by its number. The players come after the page: first the one after the change, then the other; until then a still stands there. On a
// narrow screen they stand below each other and are much for a telephone: there they come as soon as somebody touches the page.

import { announce } from "./shared.js";
import { fit, place } from "./tv-stage.js";

const PATIENCE = 8000; // for the first player, before the second one is fetched anyway
const NARROW = matchMedia("(max-width: 720px)"); // as in review.css
const TOUCHES = ["pointerdown", "keydown", "scroll"];

export function start(pair) {
  const sets = ["after", "before"].map((side) => new Television(pair, side));
  const desk = new Pair(pair, sets);
  addEventListener("message", (event) => event.origin === location.origin && desk.hear(event));
  const soon = NARROW.matches ? whenTouched : whenIdle;
  if (document.readyState === "complete") soon(() => desk.begin());
  else addEventListener("load", () => soon(() => desk.begin()), { once: true });
}

/** One of the two: its frame, once it is there, and what its player said last. */
class Television {
  constructor(pair, side) {
    this.side = side;
    this.figure = pair.querySelector(`[data-side=${side}]`);
    this.room = this.figure.querySelector(".tv-room");
    this.frame = null;
    this.places = null;
    this.untold = [];
  }

  /** Fetches the player; answers when it shows something, or when nobody should wait for it any longer. */
  load(query) {
    if (this.frame) return Promise.resolve();
    const address = new URL(this.room.dataset.player, location.href);
    for (const [name, value] of Object.entries(query)) if (value) address.searchParams.set(name, value);
    this.frame = document.createElement("iframe");
    this.frame.title = this.room.dataset.title;
    this.frame.allow = "autoplay; fullscreen";
    this.frame.src = address;
    this.room.prepend(this.frame);
    this.room.hidden = false;
    fit(this.room, this.frame);
    return new Promise((go) => {
      this.came = go;
      setTimeout(go, PATIENCE);
    });
  }

  /** Gives an order; what is ordered while the player comes waits for it. */
  tell(message) {
    if (this.room.dataset.shown !== undefined) this.frame.contentWindow?.postMessage(message, location.origin);
    else if (this.frame) this.untold.push(message);
  }

  hear(message) {
    if (message.tv === "failed") {
      this.figure.querySelector("[data-failed]").hidden = false;
      this.came?.();
    }
    if (message.places === undefined) return;
    this.places = message.places;
    place(this.room, message.tiles);
    if (message.tv !== "shown" || this.room.dataset.shown !== undefined) return;
    this.room.dataset.shown = "";
    for (const message of this.untold.splice(0)) this.tell(message);
    this.came?.();
  }
}

class Pair {
  #root;
  #sets;
  #at;
  #jumps;
  #now = null;
  #theme = "dark";
  #begun = false;

  constructor(root, sets) {
    this.#root = root;
    this.#sets = sets;
    this.#at = root.dataset.at;
    this.#jumps = [...document.querySelectorAll("[data-jump]")];
    this.#listen();
  }

  /** Fetches the players, once. */
  begin() {
    if (this.#begun) return;
    this.#begun = true;
    this.#load();
  }

  async #load() {
    const first = this.#current();
    if (first?.dataset.at) this.#setMoment(first.dataset.at);
    for (const set of this.#sets.filter((one) => !one.figure.hidden)) {
      await set.load({ theme: this.#theme, at: this.#at, paired: "1", ...JSON.parse(first?.dataset.jump ?? "{}") });
      this.#align(this.#sets.find((one) => one !== set && one.places));
    }
    if (first) this.#say(first);
    this.#root.dataset.ready = "";
  }

  hear({ source, data }) {
    const set = this.#sets.find((one) => one.frame?.contentWindow === source);
    if (!set) return;
    set.hear(data);
    if (data.tv === "pressed") this.#press(data.key);
    if (data.tv === "typed" && data.plain) document.dispatchEvent(new CustomEvent("desk:key", { detail: data.key }));
    this.#compare();
  }

  #listen() {
    const on = (selector, what, run) => {
      for (const one of this.#root.querySelectorAll(selector)) one.addEventListener(what, (event) => run(one, event));
    };
    on("[data-key]", "click", (one) => this.#press(one.dataset.key));
    on("[data-idle]", "click", () => this.#order({ tv: "idle" }));
    on("[name=tv-theme]", "change", (one) => this.#setTheme(one.value));
    on("[name=tv-moment]", "change", (one) => this.#setMoment(one.value));
    on("[data-now]", "click", () => this.#setMoment(""));
    on("[data-align]", "click", () => this.#align(this.#sets.find((one) => !one.figure.hidden)));
    on("[data-whole]", "click", (one) => one.closest("figure").querySelector(".tv-room").requestFullscreen());
    on("[data-tv-focus]", "click", () => this.#sets.find((one) => !one.figure.hidden)?.frame?.focus());
    on("[data-next-change]", "click", () => this.#step(1));
    for (const jump of this.#jumps) {
      jump.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.#go(jump);
      });
    }
    for (const view of document.querySelectorAll("[data-view]")) {
      view.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.#show(view);
      });
    }
  }

  #tell(message) {
    for (const set of this.#sets) set.tell(message);
  }

  /** Tells the players what somebody asked of them, who need not have waited until they came. */
  #order(message) {
    this.begin();
    this.#tell(message);
  }

  #press(key) {
    this.#order({ tv: "key", key });
  }

  #setTheme(theme) {
    this.#theme = theme;
    this.#tell({ tv: "theme", theme });
  }

  #setMoment(at) {
    this.#at = at;
    for (const field of this.#root.querySelectorAll("[name=tv-moment]")) field.value = at;
    this.#tell({ tv: "moment", at });
  }

  /** The televisions go to where a change is seen, at a moment at which it is on. */
  #go(jump) {
    this.begin();
    this.#now = jump;
    this.#setMoment(jump.dataset.at || this.#root.dataset.at);
    this.#tell({ tv: "place", place: JSON.parse(jump.dataset.jump) });
    this.#say(jump);
    this.#root.scrollIntoView({ block: "nearest" });
    announce(jump.dataset.says);
  }

  #step(by) {
    const all = this.#jumps.filter((one) => this.#root.contains(one));
    const next = all[(all.indexOf(this.#now) + by + all.length) % all.length];
    if (next) this.#go(next);
  }

  #current() {
    this.#now = this.#jumps.find((one) => this.#root.contains(one) && one.hasAttribute("aria-current")) ?? null;
    return this.#now;
  }

  /** Which change is looked at, and on which side there is nothing of it. */
  #say(jump) {
    for (const one of this.#jumps) {
      if (one.dataset.number === jump.dataset.number) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
    for (const mark of this.#root.querySelectorAll(".over-mark")) mark.classList.toggle("is-current", mark.dataset.number === jump.dataset.number);
    for (const set of this.#sets) set.figure.querySelector("[data-absent]").hidden = jump.dataset[set.side] === "";
    this.#root.querySelector("[data-moment-says]").textContent = jump.dataset.when;
  }

  /** Both where one of them is, at the same moment. */
  #align(leader) {
    if (!leader?.places) return;
    this.#tell({ tv: "moment", at: this.#at });
    for (const set of this.#sets.filter((one) => one !== leader)) set.tell({ tv: "places", places: leader.places });
  }

  #compare() {
    const [one, other] = this.#sets.map((set) => (set.places && !set.figure.hidden ? JSON.stringify(set.places) : null));
    const apart = one !== null && other !== null && one !== other && this.#root.dataset.ready !== undefined;
    this.#root.querySelector("[data-apart]").hidden = !apart;
  }

  /** Side by side, or only what comes; the address says which. */
  #show(view) {
    const alone = view.dataset.view === "after";
    for (const one of document.querySelectorAll("[data-view]")) {
      if (one === view) {
        one.setAttribute("aria-current", "true");
        one.removeAttribute("data-shortcut");
      } else {
        one.removeAttribute("aria-current");
        one.dataset.shortcut = "b";
      }
    }
    this.#root.querySelector(".ba").classList.toggle("is-one", alone);
    this.#sets.find((set) => set.side === "before").figure.hidden = alone;
    history.replaceState(null, "", view.href);
    if (!alone && this.#begun) this.#load();
    this.#compare();
  }
}

function whenIdle(run) {
  if (globalThis.requestIdleCallback) requestIdleCallback(run, { timeout: 1500 });
  else setTimeout(run, 200);
}

function whenTouched(run) {
  const once = new AbortController();
  for (const touch of TOUCHES) {
    addEventListener(
      touch,
      () => {
        once.abort();
        run();
      },
      { passive: true, signal: once.signal },
    );
  }
}

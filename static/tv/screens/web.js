// A web page that a slot opens. Until it is there, and where it does not come, a sentence of the player's own stands over its frame: what a
// browser says instead is made for desks.

import { h } from "../dom.js";
import { hints } from "../parts.js";
import { Reach } from "../reach.js";

const PATIENCE = 12_000;
/** A frame that has loaded waits as long for the answer whether anybody is there. */
const DOUBT = 3000;

/** A web page in a frame that has no rights: no storage of its own, no way out of the frame, and no keys. It can be moved up and down. */
export class Web {
  name = "url";
  #tv;
  #place;
  #frame;
  #cover = h("div", "web-cover");
  #reach = null;
  #timers = [];
  #turn = 0;
  #failed = false;
  #row = 0;

  static PAGES = 3;

  constructor(tv, place) {
    this.#tv = tv;
    this.#place = place;
    const { words } = tv;
    this.#frame = h("iframe", {
      class: "web-page",
      sandbox: "allow-scripts allow-forms",
      referrerpolicy: "no-referrer",
      tabindex: "-1",
      title: place.title ?? words.web,
    });
    this.root = h("section", "screen web", this.#frame, hints([["▲ ▼", words.scroll], [words.back, words.toColumn]]), this.#cover);
    this.arrived = Promise.resolve();
  }

  started() {
    if (!navigator.onLine) return this.#tv.fail(this, this.#tv.words.noNetwork);
    addEventListener("blur", this.#keepKeys);
    return this.#open();
  }

  stop() {
    removeEventListener("blur", this.#keepKeys);
    this.#giveUp();
    this.#frame.remove();
  }

  // A page that grabs the focus would also get the keys, and the way back with them.
  #keepKeys = () => {
    setTimeout(() => {
      if (document.activeElement === this.#frame) {
        this.#frame.blur();
        window.focus();
      }
    });
  };

  tick() {}

  place() {
    return this.#place;
  }

  key(key) {
    if (key === "ok" && this.#failed) this.#open();
    const step = { up: -1, down: 1 }[key];
    if (!step || this.#cover.isConnected) return;
    this.#row = Math.min(Math.max(this.#row + step, 0), (Web.PAGES - 1) * 2);
    this.#frame.style.transform = `translateY(${-this.#row * 50}vh)`;
  }

  /** Shows the page once it has loaded and somebody has answered; a sentence until then, and where that does not happen. */
  async #open() {
    const { words } = this.#tv;
    const address = safeAddress(this.#place.url);
    const turn = this.#begin();
    this.#say(words.webOpening, this.#place.title ?? "");
    if (address === null) return this.#fail(words.webFailed);
    this.#after(PATIENCE, () => this.#fail(words.webSlow));
    this.#reach = new Reach(address);
    const answered = this.#reach.answer;
    const loaded = new Promise((go) => this.#frame.addEventListener("load", go, { once: true }));
    this.#frame.setAttribute("src", address);
    const first = await Promise.race([answered, loaded.then(() => this.#doubt())]);
    if (turn !== this.#turn) return undefined;
    if (first === false) return this.#fail(words.webFailed);
    await loaded;
    if (turn === this.#turn) this.#uncover();
    return undefined;
  }

  #begin() {
    this.#giveUp();
    this.#failed = false;
    return this.#turn;
  }

  /** It has loaded something: what, the answer says, if it comes soon. */
  #doubt() {
    return new Promise((go) => this.#after(DOUBT, () => go(true)));
  }

  #after(milliseconds, run) {
    this.#timers.push(this.#tv.timers.after(milliseconds, run));
  }

  #giveUp() {
    this.#turn += 1;
    this.#reach?.stop();
    for (const timer of this.#timers.splice(0)) this.#tv.timers.cancel(timer);
  }

  #uncover() {
    this.#giveUp();
    this.#cover.remove();
  }

  #fail(text) {
    const { words } = this.#tv;
    this.#giveUp();
    this.#failed = true;
    this.#say(text, words.webMore, [[words.ok, words.again], [words.back, words.toColumn]]);
  }

  #say(title, more, keys = [[this.#tv.words.back, this.#tv.words.toColumn]]) {
    this.#cover.replaceChildren(h("h1", {}, title), h("p", {}, more), hints(keys));
    if (!this.#cover.isConnected) this.root.append(this.#cover);
  }
}

/** Nothing of the portal's own, and nothing unencrypted; null where it is no such address. */
function safeAddress(url) {
  try {
    const { protocol, origin, href } = new URL(url);
    return protocol === "https:" && origin !== location.origin ? href : null;
  } catch {
    return null;
  }
}

// Screens that play one thing that a slot opens: a video, a live channel, a web page.

import { h } from "../dom.js";
import { liveChannel, NotHere } from "../live.js";
import { hints } from "../parts.js";
import { Cinema } from "./cinema.js";

/** A video of the document. */
export class Video {
  name = "video";
  comesWhenReady = true;
  #tv;
  #place;
  #cinema = null;
  #stopped = false;

  constructor(tv, place) {
    this.#tv = tv;
    this.#place = place;
    this.root = h("section", "screen");
    this.arrived = this.#open();
  }

  async #open() {
    const opened = await Cinema.open(this.#tv, this.#place.asset, this.#place.title ?? "", { ended: () => this.#tv.back() });
    if (this.#stopped) return opened?.stop();
    if (opened === null) return this.#tv.fail(this, this.#tv.words.videoFailed);
    this.#cinema = opened;
    this.root.append(opened.root);
  }

  get inUse() {
    return this.#cinema?.inUse ?? false;
  }

  started() {}

  stop() {
    this.#stopped = true;
    this.#cinema?.stop();
  }

  tick() {}

  place() {
    return this.#tv.document.assets.some((one) => one.sha256 === this.#place.asset) ? this.#place : null;
  }

  key(key) {
    this.#cinema?.key(key);
  }
}

/** A live channel: HLS here, udp, rtp and rtsp where the box around the player can. */
export class Live {
  name = "live";
  #tv;
  #place;
  #made = null;
  #stopped = false;

  constructor(tv, place) {
    this.#tv = tv;
    this.#place = place;
    this.root = h("section", "screen live", h("div", "badge live", tv.words.live), h("h2", "title", place.title ?? ""));
    this.arrived = Promise.resolve();
  }

  get inUse() {
    return this.#made !== null;
  }

  async started() {
    const { shell, words } = this.#tv;
    if (!this.#place.url.startsWith("https:")) {
      if (!shell.openLive(this.#place.url)) this.#tv.fail(this, words.liveOnBox);
      return;
    }
    try {
      this.#made = await liveChannel(this.#place.url, shell.attachLive);
    } catch (reason) {
      return this.#lost(reason instanceof NotHere ? words.liveOnBox : words.liveFailed);
    }
    if (this.#stopped) return this.#made.close();
    for (const lost of ["error", "ended"]) this.#made.video.addEventListener(lost, () => this.#lost(words.liveFailed));
    this.root.prepend(this.#made.video);
  }

  #lost(text) {
    if (!this.#stopped) this.#tv.fail(this, text);
  }

  stop() {
    this.#stopped = true;
    this.#made?.close();
    this.#made = null;
  }

  tick() {}

  place() {
    return this.#place;
  }

  key() {}
}

/** A web page in a frame that has no rights: no storage of its own, no way out of the frame, and no keys. It can be moved up and down. */
export class Web {
  name = "url";
  #tv;
  #place;
  #frame;
  #row = 0;

  static PAGES = 3;

  constructor(tv, place) {
    this.#tv = tv;
    this.#place = place;
    const { words } = tv;
    this.#frame = h("iframe", {
      class: "web-page",
      src: safeAddress(place.url),
      sandbox: "allow-scripts allow-forms",
      referrerpolicy: "no-referrer",
      tabindex: "-1",
      title: place.title ?? words.web,
    });
    this.root = h("section", "screen web", this.#frame, hints([["▲ ▼", words.scroll], [words.back, words.toColumn]]));
    this.arrived = Promise.resolve();
  }

  started() {
    if (!navigator.onLine) return this.#tv.fail(this, this.#tv.words.noNetwork);
    addEventListener("blur", this.#keepKeys);
    return undefined;
  }

  stop() {
    removeEventListener("blur", this.#keepKeys);
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
    const step = { up: -1, down: 1 }[key];
    if (!step) return;
    this.#row = Math.min(Math.max(this.#row + step, 0), (Web.PAGES - 1) * 2);
    this.#frame.style.transform = `translateY(${-this.#row * 50}vh)`;
  }
}

function safeAddress(url) {
  const parsed = URL.parse ? URL.parse(url) : new URL(url);
  return parsed?.protocol === "https:" && parsed.origin !== location.origin ? parsed.href : "about:blank";
}

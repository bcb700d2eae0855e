// Screens that play one thing that a slot opens: a video, a live channel.

import { h } from "../dom.js";
import { liveChannel, NotHere } from "../live.js";
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

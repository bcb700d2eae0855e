// The frames before the desktop (开机前导页): each stays its seconds, the next is decoded meanwhile.

import { h } from "../dom.js";
import { picture } from "../pictures.js";

export class Splash {
  name = "splash";
  #tv;
  #frames;
  #at;
  #held;
  #timer = null;
  #bars;
  #left = h("b");
  #pictures;

  /** `place.frame` (from 1) holds one frame, for those who edit it; else all run and the desktop follows. */
  constructor(tv, place = {}) {
    this.#tv = tv;
    this.#frames = tv.document.splash.frames;
    this.#held = place.frame ?? null;
    this.#at = Math.min(Math.max((place.frame ?? 1) - 1, 0), this.#frames.length - 1);
    this.#bars = this.#frames.map(() => h("i"));
    this.#pictures = this.#frames.map((frame) => picture(tv.files, frame.image));
    this.root = h("section", "screen splash", h("div", "frames", this.#bars, this.#left));
    this.arrived = this.#pictures[this.#at] ?? Promise.resolve();
  }

  started() {
    this.#show();
  }

  stop() {
    this.#tv.timers.cancel(this.#timer);
  }

  tick() {}

  place() {
    return this.#held === null ? { screen: "splash" } : { screen: "splash", frame: this.#held };
  }

  key(key) {
    if (key === "ok" || key === "back") this.#next();
  }

  async #show() {
    const at = this.#at;
    const image = await this.#pictures[at];
    if (at !== this.#at || !this.root.isConnected) return;
    if (image) {
      const before = [...this.root.querySelectorAll("img")];
      this.root.prepend(...before, image);
      if (before.length > 0) image.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 700 });
      this.#tv.timers.after(800, () => before.forEach((one) => one.remove()));
    }
    this.#count(this.#frames[at].seconds);
  }

  #count(left) {
    const later = this.#frames.slice(this.#at + 1).reduce((sum, frame) => sum + frame.seconds, 0);
    this.#left.textContent = this.#tv.words.seconds(left + later);
    const { seconds } = this.#frames[this.#at];
    for (const [index, bar] of this.#bars.entries()) {
      const done = index < this.#at ? 1 : index > this.#at ? 0 : (seconds - left) / seconds;
      bar.style.setProperty("--done", String(done));
    }
    this.#timer = this.#tv.timers.after(1000, () => (left > 1 ? this.#count(left - 1) : this.#next()));
  }

  #next() {
    this.#tv.timers.cancel(this.#timer);
    if (this.#held !== null) return this.#count(this.#frames[this.#at].seconds);
    this.#at += 1;
    if (this.#at < this.#frames.length) return this.#show();
    return this.#tv.home();
  }
}

// A video that the viewer opened: it plays to its end, can be paused and wound, and the box is in use while it plays.

import { h, icon } from "../dom.js";
import { hints } from "../parts.js";
import { duration, playable } from "../video.js";

const WIND_SECONDS = 10;
const BAR_MILLISECONDS = 4000;

export class Cinema {
  name = "video";
  #tv;
  #video;
  #close;
  #bar;
  #hide = null;

  /** Opens a file of the document; null where it cannot be played. `ended` is called when it is over, `neighbours` says that up and down lead to others. */
  static async open(tv, asset, title, { ended, neighbours = false }) {
    try {
      return new Cinema(tv, await playable(await tv.files.url(asset)), title, { ended, neighbours });
    } catch {
      return null;
    }
  }

  constructor(tv, { video, close }, title, { ended, neighbours }) {
    this.#tv = tv;
    this.#video = video;
    this.#close = close;
    const { words } = tv;
    const done = h("i");
    const time = h("span", "time");
    this.#bar = h(
      "div",
      "bar",
      h("h2", {}, icon("play"), title),
      h("div", "track", done),
      time,
      hints([[words.ok, words.pause], ["◀ ▶", words.seek], ...(neighbours ? [["▲ ▼", words.otherItem]] : []), [words.back, words.toColumn]]),
    );
    this.root = h("div", "full cinema", video, this.#bar);
    video.addEventListener("timeupdate", () => {
      const length = video.duration || 0;
      done.style.transform = `scaleX(${length ? video.currentTime / length : 0})`;
      time.textContent = `${duration(video.currentTime)} / ${duration(length)}`;
    });
    video.addEventListener("ended", ended);
    this.#showBar();
  }

  get inUse() {
    return !this.#video.paused && !this.#video.ended;
  }

  stop() {
    this.#tv.timers.cancel(this.#hide);
    this.#close();
  }

  key(key) {
    this.#showBar();
    if (key === "ok") this.#toggle();
    else if (key === "left" || key === "right") this.#wind(key === "left" ? -WIND_SECONDS : WIND_SECONDS);
    else return false;
    return true;
  }

  #toggle() {
    if (this.#video.paused) this.#video.play().catch(() => this.#tv.say(this.#tv.words.videoFailed));
    else this.#video.pause();
    this.#bar.classList.toggle("is-paused", this.#video.paused);
  }

  #wind(seconds) {
    const end = Math.max(0, (this.#video.duration || 0) - 0.5);
    this.#video.currentTime = Math.min(end, Math.max(0, this.#video.currentTime + seconds));
  }

  #showBar() {
    this.#bar.classList.remove("is-hidden");
    this.#tv.timers.cancel(this.#hide);
    this.#hide = this.#tv.timers.after(BAR_MILLISECONDS, () => {
      if (!this.#video.paused) this.#bar.classList.add("is-hidden");
    });
  }
}

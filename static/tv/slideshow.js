// Full-screen pictures one after another without a flash: the next is decoded, laid over the last one, faded in, and only then is the
// last one taken away. The ad loop and the rotation of the zone are both one of these.

import { h } from "./dom.js";
import { picture } from "./pictures.js";
import { Article } from "./article.js";
import { playable } from "./video.js";

const FADE = 750;
const SHORTEST_PAGE = 6; // seconds a page of a text stays at least
const DEFAULT_SECONDS = 15;

export class Slideshow {
  #timers;
  #files;
  #next;
  #onSlide;
  #onEmpty;
  #timer = null;
  #shown = null;
  #leaving = null;
  #failures = 0;
  #running = false;

  /** `next` gives the next slide or null for none: `{kind, asset, title, html, seconds}`. `onSlide` hears of each one shown. */
  constructor({ timers, files, next, onSlide = () => {}, onEmpty = () => {} }) {
    this.#timers = timers;
    this.#files = files;
    this.#next = next;
    this.#onSlide = onSlide;
    this.#onEmpty = onEmpty;
    this.root = h("div", "slides");
  }

  start() {
    this.#running = true;
    this.#advance();
  }

  stop() {
    this.#running = false;
    this.#timers.cancel(this.#timer);
    this.#clear();
    this.#shown?.close();
    this.#shown = null;
  }

  async #advance() {
    this.#timers.cancel(this.#timer);
    const slide = this.#next();
    if (slide === null) return this.#onEmpty();
    const made = await this.#make(slide).catch(() => null);
    if (!this.#running) return made?.close();
    if (made === null) return this.#fail();
    this.#failures = 0;
    this.#show(made, slide);
  }

  /** A slide that cannot be shown is passed over; where none can, there is nothing to show. */
  #fail() {
    this.#failures += 1;
    if (this.#failures > 20) return this.#onEmpty();
    this.#timer = this.#timers.after(50, () => this.#advance());
  }

  #make(slide) {
    if (slide.kind === "video") return this.#makeVideo(slide);
    if (slide.kind === "text") return this.#makeText(slide);
    return this.#makePicture(slide);
  }

  async #makePicture(slide) {
    const image = await picture(this.#files, slide.asset);
    if (image === null) return null;
    return { root: h("div", "slide", image), close() {}, begin: () => this.#after(slide.seconds ?? DEFAULT_SECONDS) };
  }

  async #makeVideo(slide) {
    const made = await playable(await this.#files.url(slide.asset));
    const begin = () => {
      made.video.addEventListener("ended", () => this.#after(0), { once: true });
      made.video.addEventListener("error", () => this.#after(0), { once: true });
      if (slide.seconds) this.#after(slide.seconds);
    };
    return { root: h("div", "slide", made.video), close: made.close, begin };
  }

  async #makeText(slide) {
    const article = new Article(slide, this.#files);
    const root = h("div", "slide is-text", article.root);
    const begin = () => {
      const each = Math.max(SHORTEST_PAGE, (slide.seconds ?? DEFAULT_SECONDS) / article.pages);
      const turn = () => {
        this.#timer = this.#timers.after(each * 1000, () => (article.turn(1) ? turn() : this.#advance()));
      };
      turn();
    };
    await article.arrived;
    return { root, close() {}, begin };
  }

  #after(seconds) {
    this.#timers.cancel(this.#timer);
    this.#timer = this.#timers.after(seconds * 1000, () => this.#advance());
  }

  #show(made, slide) {
    this.#clear();
    this.#leaving = this.#shown;
    this.#shown = made;
    this.root.append(made.root);
    made.root.animate([{ opacity: 0 }, { opacity: 1 }], { duration: fadeTime(), easing: "ease-out" });
    this.#onSlide(slide);
    made.begin();
    if (this.#leaving) this.#timers.after(FADE, () => this.#clear());
  }

  /** The slide before, once it is covered. */
  #clear() {
    this.#leaving?.root.remove();
    this.#leaving?.close();
    this.#leaving = null;
  }
}

function fadeTime() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : FADE - 50;
}

// What a box turns to when nobody touches it: the ad loop, the zone's rotation, and the dark of timed power.

import { Bands } from "../bands.js";
import { rotation } from "../content.js";
import { h } from "../dom.js";
import { phrases } from "../parts.js";
import { loop, marqueesOn, nextChange, playlistsOn } from "../resolve.js";
import { Slideshow } from "../slideshow.js";
import { wallClock } from "../timing.js";

const LONG_CAPTION = 16; // characters; longer ones are set smaller

/** The ad loop (广告联播): the playlists on take turns, the picture bears its caption and the ticks of its list. */
export class Ads {
  name = "ads";
  #tv;
  #show;
  #bands;
  #caption = h("div", "caption");
  #ticks = h("div", "ticks");
  #playing = [];
  #items = [].values();
  #held;

  /** `place.playlist` plays that list whatever the schedule says, for those who edit it. */
  constructor(tv, place = {}) {
    this.#tv = tv;
    this.#held = place.playlist ?? null;
    this.#show = new Slideshow({
      timers: tv.timers,
      files: tv.files,
      next: () => this.#next(),
      onSlide: (slide) => this.#describe(slide),
      onEmpty: () => tv.exhausted(this),
    });
    this.root = h("section", "screen ads", this.#show.root, this.#caption, this.#ticks);
    this.#bands = new Bands(this.root, tv.words.notice, "band");
    this.arrived = Promise.resolve();
  }

  started() {
    this.#show.start();
    this.tick(this.#tv.clock.now());
    this.#bands.start();
  }

  stop() {
    this.#show.stop();
    this.#bands.stop();
  }

  tick(moment) {
    const { ads, marquee } = this.#tv.document;
    this.#bands.show(marqueesOn(marquee.filter((one) => ads.marquee.includes(one.id)), moment));
  }

  place() {
    return { screen: "ads", playlist: this.#held ?? undefined };
  }

  key() {}

  /** The schedule is asked before every item; with nothing on the loop is over. */
  #next() {
    const { ads } = this.#tv.document;
    const playing = this.#held ? [this.#held] : playlistsOn(ads, this.#tv.clock.now());
    if (playing.join() !== this.#playing.join()) {
      this.#playing = playing;
      this.#items = loop(ads, playing);
    }
    return this.#items.next().value ?? null;
  }

  #describe(item) {
    const caption = item.caption ?? "";
    this.#caption.replaceChildren(...(caption ? [h("h1", { class: [...caption].length > LONG_CAPTION ? "is-long" : null }, phrases(caption))] : []));
    this.root.classList.toggle("is-captioned", caption !== "");
    const list = this.#tv.document.ads.playlists.find((one) => one.items.some((other) => other.id === item.id))?.items ?? [];
    const at = list.findIndex((one) => one.id === item.id);
    const ticks = list.length > 1 && list.length <= 16 ? list.map((_, index) => h("i", { class: index < at ? "done" : index === at ? "on" : null })) : [];
    this.#ticks.replaceChildren(...ticks);
  }
}

/** The zone going round full screen through everything that is on. */
export class Rotation {
  name = "rotation";
  insideZone = true;
  #tv;
  #show;
  #last = null;
  #title = h("div", "caption is-small");

  constructor(tv) {
    this.#tv = tv;
    this.#show = new Slideshow({
      timers: tv.timers,
      files: tv.files,
      next: () => this.#next(),
      onSlide: (item) => this.#describe(item),
      onEmpty: () => tv.exhausted(this),
    });
    this.root = h("section", "screen ads", this.#show.root, this.#title);
    this.arrived = Promise.resolve();
  }

  started() {
    this.#show.start();
  }

  stop() {
    this.#show.stop();
  }

  tick() {}

  place() {
    return { screen: "rotation" };
  }

  key() {}

  #next() {
    const items = rotation(this.#tv.document, this.#tv.clock.now());
    if (items.length === 0) return null;
    this.#last = items[(items.findIndex((item) => item.id === this.#last?.id) + 1) % items.length];
    return this.#last;
  }

  #describe(item) {
    this.#title.replaceChildren(...(item.kind === "text" ? [] : [h("h1", {}, item.title)]));
    this.root.classList.toggle("is-captioned", item.kind !== "text");
  }
}

/** Outside the hours of timed power (定时开关机): dark, and for a few seconds after a key the hour at which it comes back. A preview says it
 * all the time: who edits has to know why there is nothing to see. */
export class Off {
  name = "off";
  #tv;
  #note = h("p", "off-note is-hidden");
  #timer = null;

  constructor(tv) {
    this.#tv = tv;
    this.root = h("section", "screen off", this.#note);
    this.arrived = Promise.resolve();
  }

  started() {}

  stop() {
    this.#tv.timers.cancel(this.#timer);
  }

  tick() {
    if (this.#tv.shell.saysWhyDark) this.#say();
  }

  place() {
    return { screen: "off" };
  }

  key() {
    this.#say();
    if (this.#tv.shell.saysWhyDark) return;
    const { timers } = this.#tv;
    timers.cancel(this.#timer);
    this.#timer = timers.after(5000, () => this.#note.classList.add("is-hidden"));
  }

  #say() {
    const { words, document, clock } = this.#tv;
    const on = nextChange(document.power, clock.now());
    this.#note.textContent = on ? words.offUntil(wallClock(on, document.lang).time) : words.off;
    this.#note.classList.remove("is-hidden");
  }
}

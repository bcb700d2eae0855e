// Parts that several screens have: the top bar, the keys at the foot, a tile.

import { h, icon } from "./dom.js";
import { framed, picture } from "./pictures.js";
import { wallClock } from "./timing.js";

/** Logo and clock of a screen; `tick` keeps the clock right. */
export class Top {
  #time = h("b");
  #weekday = h("span");
  #day = h("span");
  #shown = "";

  constructor(tv, middle = null) {
    this.tv = tv;
    const logo = h("div", "logo");
    this.arrived = fillLogo(logo, tv);
    this.root = h("header", "top", logo, middle, h("div", "clock", this.#time, h("div", "date", this.#weekday, this.#day)));
    this.tick(tv.clock.now());
  }

  tick(moment) {
    const wall = wallClock(moment, this.tv.document.lang);
    const key = JSON.stringify(wall);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#time.textContent = wall.time;
    this.#weekday.textContent = wall.weekday;
    this.#day.textContent = wall.day;
  }
}

async function fillLogo(logo, tv) {
  const { desktop, enterprise } = tv.document;
  const image = desktop.logo ? await picture(tv.files, desktop.logo) : null;
  logo.append(image ?? h("b", {}, enterprise.name));
}

/** The keys that do something here: pairs of what is on the key and what it does. */
export function hints(pairs) {
  return h("div", "hints", pairs.map(([key, does]) => h("span", {}, h("kbd", {}, key), does)));
}

/** Chinese text that breaks after a mark rather than within a phrase, where the phrases fit; other text breaks at its spaces by itself. */
export function phrases(text) {
  return text.match(/[^，。、；：！？]*[，。、；：！？]+|[^，。、；：！？]+/gu).map((phrase) => h("span", "phrase", phrase));
}

/** A picture with a name on it, a badge and room for the focus. */
export function tile(files, { image, url, title, subtitle, badge, focus, className }) {
  const { frame, arrived } = url ? fromAddress(url) : framed(files, image);
  const name = title ? h("div", "name", h("span", "run-text", title), subtitle ? h("small", {}, subtitle) : null) : null;
  const root = h("div", { class: `tile ${className}`, role: "button", "data-focus": focus, "aria-label": title }, frame, h("div", "veil"), name, badge);
  return { root, arrived };
}

function fromAddress(url) {
  const image = h("img", { src: url, alt: "" });
  return { frame: h("div", "pic", image), arrived: image.decode().catch(() => {}) };
}

/** What a tile opens, where a viewer should know before. */
export function actionBadge(action, words) {
  if (action.open === "video") return h("div", "badge", icon("play"), words.video);
  if (action.open === "live") return h("div", "badge live", words.live);
  return null;
}

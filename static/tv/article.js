// A text item: a title, a picture at the right where it has one, and its text in pages. The browser breaks the pages itself, as
// columns of one page's size, of which one is shown: paragraphs and tables are cut between lines and rows, never through them.

import { h } from "./dom.js";
import { markup } from "./markup.js";
import { picture } from "./pictures.js";

export class Article {
  #flow;
  #page = 0;

  /** `path` are the titles above the item's own. */
  constructor(item, files, path = []) {
    this.#flow = h("div", "flow", markup(item.html ?? ""));
    const plate = h("div", "plate");
    const still = files.still(item.asset);
    this.arrived = still ? picture(files, still).then((image) => image && plate.append(image)) : Promise.resolve();
    const trail = path.flatMap((title, index) => (index > 0 ? [h("s", {}, "/"), h("span", {}, title)] : [h("span", {}, title)]));
    this.root = h(
      "article",
      still ? "article has-plate" : "article",
      still ? plate : null,
      trail.length > 0 ? h("div", "path", trail) : null,
      h("h1", {}, item.title),
      h("div", "window", this.#flow),
    );
  }

  get pages() {
    const window = this.#flow.parentElement;
    const gap = parseFloat(getComputedStyle(this.#flow).columnGap) || 0;
    return Math.max(1, Math.round((this.#flow.scrollWidth + gap) / (window.clientWidth + gap)));
  }

  get page() {
    return this.#page;
  }

  /** Turns pages; false where there is none in that direction. */
  turn(step) {
    const wanted = this.#page + step;
    if (wanted < 0 || wanted >= this.pages) return false;
    this.#page = wanted;
    const gap = parseFloat(getComputedStyle(this.#flow).columnGap) || 0;
    this.#flow.style.transform = `translateX(${-wanted * (this.#flow.parentElement.clientWidth + gap)}px)`;
    return true;
  }
}

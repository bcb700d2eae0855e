// One item of the zone opened: a picture, a text in pages or a video, with the neighbours of its column to the left and right.

import { Article } from "../article.js";
import { itemsOn, shelfOf } from "../content.js";
import { h } from "../dom.js";
import { hints } from "../parts.js";
import { picture } from "../pictures.js";
import { Cinema } from "./cinema.js";

export class Viewer {
  name = "viewer";
  insideZone = true;
  comesWhenReady = true;
  #tv;
  #shelf;
  #item;
  #part = null;
  #turn = 0;

  constructor(tv, place) {
    this.#tv = tv;
    this.#shelf = shelfOf(tv.document, place.item);
    this.#item = this.#shelf?.second.items.find((item) => item.id === place.item) ?? null;
    this.root = h("section", "screen viewer");
    this.arrived = this.#item ? this.#show() : Promise.resolve();
  }

  get inUse() {
    return this.#part?.inUse ?? false;
  }

  started() {
    this.#part?.started?.();
  }

  stop() {
    this.#turn += 1;
    this.#part?.stop?.();
  }

  tick() {}

  place() {
    return this.#item ? { screen: "viewer", item: this.#item.id } : null;
  }

  key(key) {
    if (this.#part?.key?.(key)) return;
    const step = { left: -1, right: 1, up: -1, down: 1 }[key];
    if (step) this.#go(step);
  }

  #go(step) {
    const items = itemsOn(this.#shelf.second, this.#tv.clock.now());
    const next = items[items.findIndex((item) => item.id === this.#item.id) + step];
    if (!next) return;
    this.#item = next;
    this.#show();
  }

  /** The next item is made ready behind the one that shows, and takes its place when it is. */
  async #show() {
    this.#turn += 1;
    const turn = this.#turn;
    const made = await this.#make(this.#item);
    if (turn !== this.#turn) return made?.stop?.();
    if (made === null) return this.#sayWhy();
    const before = this.#part;
    this.#part = made;
    this.root.replaceChildren(made.root);
    if (this.root.isConnected) made.started?.();
    before?.stop?.();
  }

  /** An item that cannot be shown leaves the one before it standing; the first one leads back. */
  #sayWhy() {
    const why = this.#item.kind === "video" ? this.#tv.words.videoFailed : this.#tv.words.gone;
    if (this.#part) this.#tv.say(why);
    else this.#tv.fail(this, why);
  }

  async #make(item) {
    if (item.kind === "text") return new Pages(this.#tv, item, [this.#shelf.first.title, this.#shelf.second.title]);
    if (item.kind === "video") return Cinema.open(this.#tv, item.asset, item.title, { ended: () => this.#tv.back(), neighbours: true });
    return still(this.#tv, item);
  }
}

async function still(tv, item) {
  const image = await picture(tv.files, item.asset);
  if (image === null) return null;
  const keys = hints([["◀ ▶", tv.words.otherItem], [tv.words.back, tv.words.toColumn]]);
  return { root: h("div", "full is-captioned", image, h("div", "caption is-small", h("h1", {}, item.title)), keys) };
}

class Pages {
  #tv;
  #article;
  #pager = h("div", "pager");
  #keys;

  constructor(tv, item, path) {
    this.#tv = tv;
    this.#article = new Article(item, tv.files, path);
    this.#keys = h("div");
    this.root = h("div", "full is-text", this.#article.root, this.#keys, this.#pager);
  }

  started() {
    const { words } = this.#tv;
    const turns = this.#article.pages > 1 ? [["▲ ▼", words.turnPage]] : [];
    this.#keys.replaceChildren(hints([...turns, ["◀ ▶", words.otherItem], [words.back, words.toColumn]]));
    this.#count();
  }

  key(key) {
    if (key !== "up" && key !== "down" && key !== "ok") return false;
    this.#article.turn(key === "up" ? -1 : 1);
    this.#count();
    return true;
  }

  #count() {
    const { pages, page } = this.#article;
    const dots = pages > 1 && pages <= 12 ? Array.from({ length: pages }, (_, index) => h("i", { class: index === page ? "on" : null })) : [];
    this.#pager.replaceChildren(...dots, pages > 1 ? this.#tv.words.page(page + 1, pages) : "");
  }
}

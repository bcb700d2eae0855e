// The zone on two levels: tabs, chips, and the items of a second-level column in rows of four.

import { itemsOn, shelfFor } from "../content.js";
import { h, icon } from "../dom.js";
import { hints, Top } from "../parts.js";
import { ambient, framed, picture } from "../pictures.js";
import { duration } from "../video.js";

const COLUMNS = 4;
const ROWS = 2;

export class Zone {
  name = "zone";
  insideZone = true;
  #tv;
  #top;
  #first;
  #second;
  #items = [];
  #at = { row: "tab", index: 0 };
  #topRow = 0;
  #parts = {};
  #filled = new Set();
  #arriving = [];

  constructor(tv, place = {}) {
    this.#tv = tv;
    const { document, words } = tv;
    const shelf = shelfFor(document, place.column) ?? shelfFor(document, document.zone.columns[0]?.id);
    this.#first = shelf?.first ?? document.zone.columns.find((one) => one.id === place.column) ?? document.zone.columns[0] ?? null;
    this.#second = shelf?.second ?? null;
    this.#top = new Top(tv);
    const canvas = h("canvas", { class: "ambient", width: 192, height: 108 });
    this.#parts = {
      tabs: h("div", "strip"),
      chips: h("div", "strip"),
      count: h("div", "count"),
      grid: h("div", "grid"),
      empty: h("p", "empty"),
    };
    const { tabs, chips, count, grid, empty } = this.#parts;
    this.root = h(
      "section",
      "screen zone",
      canvas,
      this.#top.root,
      h("div", "level1", tabs),
      h("div", "level2", chips),
      count,
      h("div", "rows", grid),
      empty,
      hints([["◀ ▶", words.switchColumn], [words.ok, words.open], [words.back, words.toDesktop]]),
    );
    this.#drawTabs();
    this.#drawShelf(place.focus);
    const ground = this.#items.find((item) => item.asset)?.asset ?? document.desktop.slots[0]?.image;
    this.arrived = Promise.all([this.#top.arrived, this.#arrivals(), ambient(tv.files, ground, canvas)]);
  }

  started() {
    this.#mark();
  }

  stop() {}

  tick(moment) {
    this.#top.tick(moment);
    if (this.#second === null) return;
    const now = itemsOn(this.#second, moment).map((item) => item.id);
    if (now.join() !== this.#items.map((item) => item.id).join()) this.#drawShelf(this.#focusedItem()?.id);
  }

  /** The viewer that lay over it has gone through the column: the focus goes along. */
  returned({ item }) {
    const index = this.#items.findIndex((one) => one.id === item);
    if (index >= 0) this.#moveTo("item", index);
  }

  place() {
    return { screen: "zone", column: this.#second?.id ?? this.#first?.id, focus: this.#focusedItem()?.id };
  }

  key(key) {
    if (/^[1-9]$/.test(key)) this.#goToFirst(this.#tv.document.zone.columns[Number(key) - 1]);
    else if (key === "ok") this.#ok();
    else if (this.#at.row === "tab") this.#keyOnTabs(key);
    else if (this.#at.row === "chip") this.#keyOnChips(key);
    else this.#keyOnGrid(key);
  }

  #ok() {
    const item = this.#focusedItem();
    if (item) this.#tv.open({ screen: "viewer", item: item.id });
    else if (this.#items.length > 0) this.#moveTo("item", 0);
  }

  #keyOnTabs(key) {
    const all = this.#tv.document.zone.columns;
    const step = { left: -1, right: 1 }[key];
    if (step) this.#goToFirst(all[all.indexOf(this.#first) + step]);
    if (key === "down" && this.#second) this.#moveTo("chip", this.#first.columns.indexOf(this.#second));
  }

  #keyOnChips(key) {
    const step = { left: -1, right: 1 }[key];
    if (step) this.#goToSecond(this.#first.columns[this.#first.columns.indexOf(this.#second) + step]);
    if (key === "up") this.#moveTo("tab", 0);
    if (key === "down" && this.#items.length > 0) this.#moveTo("item", this.#topRow * COLUMNS);
  }

  #keyOnGrid(key) {
    const { index } = this.#at;
    const column = index % COLUMNS;
    if (key === "left") return column > 0 ? this.#moveTo("item", index - 1) : this.#neighbour(-1);
    if (key === "right") return column < COLUMNS - 1 && index + 1 < this.#items.length ? this.#moveTo("item", index + 1) : this.#neighbour(1);
    if (key === "up") return index >= COLUMNS ? this.#moveTo("item", index - COLUMNS) : this.#moveTo("chip", 0);
    if (key !== "down") return null;
    const last = this.#items.length - 1;
    const below = Math.min(index + COLUMNS, last);
    return Math.floor(below / COLUMNS) > Math.floor(index / COLUMNS) ? this.#moveTo("item", below) : null;
  }

  /** Past the edge of the grid lies the next column: of the second level, then of the first. */
  #neighbour(step) {
    const second = this.#first.columns[this.#first.columns.indexOf(this.#second) + step];
    if (second) {
      this.#goToSecond(second);
    } else {
      const all = this.#tv.document.zone.columns;
      const first = all[all.indexOf(this.#first) + step];
      if (!first) return;
      this.#goToFirst(first, step < 0 ? first.columns.at(-1) : first.columns[0]);
    }
    if (this.#items.length > 0) this.#moveTo("item", step > 0 ? 0 : Math.min(COLUMNS, this.#items.length) - 1);
    else this.#moveTo(this.#second ? "chip" : "tab", 0);
  }

  #goToFirst(first, second = first?.columns[0]) {
    if (!first) return;
    this.#first = first;
    this.#second = second ?? null;
    this.#at = { row: "tab", index: 0 };
    this.#drawTabs();
    this.#drawShelf();
    this.#mark();
  }

  #goToSecond(second) {
    if (!second) return;
    this.#second = second;
    this.#at = { row: "chip", index: 0 };
    this.#drawShelf();
    this.#mark();
  }

  #drawTabs() {
    const { document, files } = this.#tv;
    this.#parts.tabs.replaceChildren(
      ...document.zone.columns.map((first) => {
        const tab = h("span", { class: first === this.#first ? "on" : null, "data-tab": first.id, "data-focus": `tab-${first.id}` });
        if (first.icon) picture(files, first.icon).then((image) => image && tab.prepend(image));
        tab.append(first.title);
        return tab;
      }),
    );
  }

  /** The chips and the items of the chosen column; `focus` names an item to stand on. */
  #drawShelf(focus) {
    const { words, clock, document } = this.#tv;
    this.#items = this.#second ? itemsOn(this.#second, clock.now()) : [];
    this.#topRow = 0;
    this.#filled.clear();
    const found = this.#items.findIndex((item) => item.id === focus);
    if (focus && found >= 0) this.#at = { row: "item", index: found };
    else if (this.#at.row === "item") this.#at = this.#items.length > 0 ? { row: "item", index: Math.min(this.#at.index, this.#items.length - 1) } : { row: "chip", index: 0 };
    this.#parts.chips.replaceChildren(
      ...(this.#first?.columns ?? []).map((second) =>
        h("span", { class: second === this.#second ? "on" : null, "data-focus": `chip-${second.id}` }, second.title),
      ),
    );
    this.#parts.grid.replaceChildren(...this.#items.map((item) => this.#tile(item)));
    this.#parts.empty.textContent = this.#items.length > 0 ? "" : this.#whyEmpty(document, words);
    this.#fillRows();
  }

  #whyEmpty(document, words) {
    if (document.zone.columns.length === 0) return words.emptyZone;
    return this.#second?.items.length > 0 ? words.emptyNow : words.emptyColumn;
  }

  #tile(item) {
    return h("div", { class: "item", "data-focus": item.id }, h("div", "tile"), h("p", {}, item.title));
  }

  #moveTo(row, index) {
    this.#at = { row, index };
    this.#fillRows();
    this.#mark();
  }

  #focusedItem() {
    return this.#at.row === "item" ? (this.#items[this.#at.index] ?? null) : null;
  }

  /** Only rows near the view get pictures; a column of two hundred items costs no more than one of twenty. */
  #fillRows() {
    if (this.#at.row === "item") {
      const row = Math.floor(this.#at.index / COLUMNS);
      this.#topRow = Math.min(Math.max(this.#topRow, row - ROWS + 1), row);
    }
    const from = Math.max(0, (this.#topRow - 1) * COLUMNS);
    for (let index = from; index < Math.min(this.#items.length, (this.#topRow + ROWS + 1) * COLUMNS); index += 1) {
      if (this.#filled.has(index)) continue;
      this.#filled.add(index);
      this.#fill(this.#parts.grid.children[index].firstElementChild, this.#items[index], index);
    }
  }

  async #arrivals() {
    await Promise.all(this.#arriving);
    this.#arriving = [];
  }

  #fill(tile, item, index) {
    const { files, words } = this.#tv;
    if (item.kind === "text" && !item.asset) {
      tile.append(h("div", `pic words${index % 3 === 0 ? " deep" : ""}`, h("q", {}, item.title), h("span", "kind", icon("text"), words.text)));
      return;
    }
    const { frame, arrived } = framed(files, item.asset);
    this.#arriving.push(arrived);
    const length = files.about(item.asset)?.seconds;
    const badge = { image: [icon("pic"), words.image], text: [icon("text"), words.text], video: [icon("play"), length ? duration(length) : words.video] };
    tile.append(frame, h("div", "badge", ...badge[item.kind]));
  }

  /** Shows where the focus is and brings it into view; the strips move only as far as they must. */
  #mark() {
    const { tabs, chips, grid, count } = this.#parts;
    for (const marked of this.root.querySelectorAll(".focus")) marked.classList.remove("focus");
    for (const tab of tabs.children) tab.classList.toggle("on", tab.dataset.tab === this.#first?.id);
    for (const chip of chips.children) chip.classList.toggle("on", chip.dataset.focus === `chip-${this.#second?.id}`);
    const tab = tabs.querySelector(".on");
    const chip = chips.querySelector(".on");
    const item = this.#focusedItem() ? grid.children[this.#at.index] : null;
    const focused = item ? item.firstElementChild : this.#at.row === "chip" && chip ? chip : (tab ?? chip);
    focused?.classList.add("focus");
    if (tab) slide(tabs, tab);
    if (chip) slide(chips, chip);
    grid.style.transform = this.#topRow > 0 ? `translateY(calc(${-this.#topRow} * var(--row)))` : "";
    for (const [index, one] of [...grid.children].entries()) {
      const row = Math.floor(index / COLUMNS);
      one.classList.toggle("outside", row < this.#topRow || row >= this.#topRow + ROWS);
    }
    count.textContent = this.#items.length > 0 ? this.#tv.words.of(item ? this.#at.index + 1 : 1, this.#items.length) : "";
  }
}

/** Moves a strip so that one of its parts is wholly in view. */
function slide(strip, part) {
  const room = strip.parentElement.clientWidth;
  const shift = Number(strip.dataset.shift ?? 0);
  const [left, right] = [part.offsetLeft, part.offsetLeft + part.offsetWidth];
  const wanted = left < shift ? left : right > shift + room ? right - room : shift;
  strip.dataset.shift = String(wanted);
  strip.style.transform = wanted > 0 ? `translateX(${-wanted}px)` : "";
}

// Settings of the box (设置): network, picture, industry settings (行业设置) and what is known about it.

import { h, icon } from "../dom.js";
import { Focus } from "../focus.js";
import { hints } from "../parts.js";
import { About, Network, Picture } from "./panes.js";
import { Industry } from "./industry.js";

const PANES = { network: Network, picture: Picture, industry: Industry, about: About };
const ICONS = { network: "net", picture: "tv", industry: "org", about: "info" };

export class Settings {
  name = "settings";
  #tv;
  #focus;
  #pane = null;
  #chosen;
  #hints = h("div", "pane-hints");

  constructor(tv, place = {}) {
    this.#tv = tv;
    this.#chosen = PANES[place.pane] ? place.pane : "industry";
    const { words } = tv;
    const entries = Object.keys(PANES).map((name) => h("li", { "data-focus": `pane-${name}` }, icon(ICONS[name]), words[name]));
    this.root = h("section", "screen settings", h("aside", "side", h("h2", {}, words.settings), h("ul", {}, entries)), this.#hints);
    this.#focus = new Focus(this.root);
    this.arrived = Promise.resolve();
    this.#show(this.#chosen);
  }

  started() {
    this.#focus.set((this.#pane.first && this.#focus.find(this.#pane.first)) ?? this.#focus.find(`pane-${this.#chosen}`));
  }

  stop() {
    this.#pane.stop?.();
  }

  tick(moment) {
    this.#pane.tick?.(moment);
  }

  place() {
    return { screen: "settings", pane: this.#chosen };
  }

  key(key) {
    const at = this.#focus.current?.dataset.focus ?? "";
    if (!at.startsWith("pane-") && this.#pane.key?.(key, at)) return true;
    if (key === "back") return this.#leavePane(at);
    if (key === "ok") this.#focus.move("right");
    else this.#move(key);
    return false;
  }

  #move(key) {
    if (!this.#focus.move(key)) return;
    const at = this.#focus.current.dataset.focus;
    if (at.startsWith("pane-")) this.#show(at.slice("pane-".length));
    else this.#pane.entered?.(at);
  }

  /** Back leads from the pane to the list first, from there out of the settings. */
  #leavePane(at) {
    if (at.startsWith("pane-")) return false;
    this.#focus.set(this.#focus.find(`pane-${this.#chosen}`));
    return true;
  }

  #show(name) {
    if (this.#pane && name === this.#chosen) return;
    this.#chosen = name;
    this.#pane?.stop?.();
    this.#pane?.root.remove();
    this.#pane = new PANES[name](this.#tv, (to) => this.#focus.set(this.#focus.find(to)));
    this.root.insertBefore(this.#pane.root, this.#hints);
    for (const entry of this.root.querySelectorAll(".side li")) entry.classList.toggle("on", entry.dataset.focus === `pane-${name}`);
    this.#hints.replaceChildren(hints(this.#pane.hints));
  }
}

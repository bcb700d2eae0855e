// The plain panes of the settings: network, picture, about this box.

import { h } from "../dom.js";

function facts(pairs) {
  return h("div", "facts", pairs.map(([name, value]) => h("div", {}, h("small", {}, name), h("b", {}, value))));
}

export class Network {
  #tv;
  #state = h("p", "state");

  constructor(tv) {
    this.#tv = tv;
    this.root = h("section", "pane", h("h1", {}, tv.words.network), this.#state);
    this.hints = [[tv.words.back, tv.words.toDesktop]];
    this.tick();
  }

  tick() {
    this.#state.textContent = navigator.onLine ? this.#tv.words.online : this.#tv.words.offline;
  }
}

/** Dark or light desktop; the choice is the box's, kept by whoever runs the player. */
export class Picture {
  first = "theme-dark";
  #tv;
  #buttons;

  constructor(tv) {
    this.#tv = tv;
    const { words } = tv;
    this.#buttons = ["dark", "light"].map((name) => h("div", { class: "btn", "data-focus": `theme-${name}` }, words[name]));
    this.root = h("section", "pane", h("h1", {}, words.picture), h("p", {}, words.theme), h("div", "choices", this.#buttons));
    this.hints = [["◀ ▶", words.choose], [words.ok, words.open], [words.back, words.settings]];
    this.tick();
  }

  tick() {
    const theme = document.documentElement.dataset.theme;
    for (const button of this.#buttons) button.classList.toggle("on", button.dataset.focus === `theme-${theme}`);
  }

  key(key, at) {
    if (key !== "ok" || !at.startsWith("theme-")) return false;
    this.#tv.shell.setTheme?.(at.slice("theme-".length));
    this.tick();
    return true;
  }
}

export class About {
  constructor(tv) {
    const { words } = tv;
    const known = [
      [words.enterprise, tv.document.enterprise.name],
      [words.enterpriseId, tv.document.enterprise.id],
      [words.resolution, `${screen.width} × ${screen.height}`],
      ...tv.shell.facts(words),
    ];
    this.root = h("section", "pane", h("h1", {}, words.about), facts(known));
    this.hints = [[words.back, words.toDesktop]];
  }
}

// The enterprise's own apps. Starting one is the box's business; the player only asks it to.

import { h } from "../dom.js";
import { Focus } from "../focus.js";
import { hints, Top } from "../parts.js";
import { framed } from "../pictures.js";

export class Apps {
  name = "apps";
  #tv;
  #top;
  #focus;
  #wanted;

  constructor(tv, place = {}) {
    this.#tv = tv;
    this.#wanted = place.focus;
    const { document, files, words } = tv;
    this.#top = new Top(tv);
    const tiles = document.apps.map((app) => {
      const { frame, arrived } = framed(files, app.icon, "app-icon");
      const root = h("div", { class: "app", "data-focus": app.package }, frame, h("b", {}, app.name), h("small", {}, app.version_name));
      return { root, arrived };
    });
    this.root = h(
      "section",
      "screen apps",
      this.#top.root,
      h("h1", "heading", words.apps),
      h("div", "app-grid", tiles.map((one) => one.root)),
      hints([[words.ok, words.open], [words.back, words.toDesktop]]),
    );
    this.#focus = new Focus(this.root);
    this.arrived = Promise.all([this.#top.arrived, ...tiles.map((one) => one.arrived)]);
  }

  started() {
    this.#focus.set(this.#focus.find(this.#wanted) ?? this.#focus.first());
  }

  stop() {}

  tick(moment) {
    this.#top.tick(moment);
  }

  place() {
    return { screen: "apps", focus: this.#focus.current?.dataset.focus };
  }

  key(key) {
    if (key === "ok") this.#tv.open({ screen: "app", package: this.#focus.current?.dataset.focus });
    else this.#focus.move(key);
  }
}

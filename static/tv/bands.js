// The bands of a screen, kept in step with what is on: a band that has not changed runs on.

import { Band, keyOf } from "./marquee.js";

export class Bands {
  #stage;
  #lead;
  #className;
  #shown = new Map();

  constructor(stage, lead, className) {
    this.#stage = stage;
    this.#lead = lead;
    this.#className = className;
  }

  /** Shows these messages, each at its edge; the stage learns by a class which edges are taken. */
  show(messages) {
    for (const edge of ["top", "bottom"]) {
      const own = messages.filter((message) => message.edge === edge);
      const band = this.#shown.get(edge);
      if (band && own.length > 0 && band.key === keyOf(own)) continue;
      band?.stop();
      this.#shown.delete(edge);
      this.#stage.classList.toggle(`has-${edge}-band`, own.length > 0);
      if (own.length === 0) continue;
      const next = new Band(own, edge, this.#lead, this.#className);
      this.#shown.set(edge, next);
      this.#stage.append(next.root);
      if (next.root.isConnected) next.start();
    }
  }

  /** The stage has come into the page: what waited for that starts to run. */
  start() {
    for (const band of this.#shown.values()) band.start();
  }

  stop() {
    for (const band of this.#shown.values()) band.stop();
    this.#shown.clear();
  }
}

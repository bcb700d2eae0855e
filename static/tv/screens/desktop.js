// The desktop: logo, menu, clock, ten slots, running messages.

import { Bands } from "../bands.js";
import { placeOf } from "../content.js";
import { h } from "../dom.js";
import { Focus } from "../focus.js";
import { operatorTile } from "../operator.js";
import { actionBadge, tile, Top } from "../parts.js";
import { ambient } from "../pictures.js";
import { marqueesOn } from "../resolve.js";

const POSITIONS = 10;

export class Desktop {
  name = "desktop";
  #tv;
  #focus;
  #top;
  #bands;
  #slots;
  #wanted;

  constructor(tv, place = {}) {
    this.#tv = tv;
    this.#slots = new Map(tv.document.desktop.slots.map((slot) => [slot.position, slot]));
    this.#top = new Top(tv, this.#menu());
    const tiles = Array.from({ length: POSITIONS }, (_, index) => this.#tile(index + 1));
    const canvas = h("canvas", { class: "ambient", width: 192, height: 108 });
    this.root = h("section", "screen desktop", canvas, this.#top.root, h("div", "slots", tiles.map((one) => one.root)));
    this.#bands = new Bands(this.root, tv.words.notice);
    this.#focus = new Focus(this.root);
    const ground = this.#slots.get(1)?.image ?? tv.document.splash.frames[0]?.image;
    this.arrived = Promise.all([this.#top.arrived, ...tiles.map((one) => one.arrived), ambient(tv.files, ground, canvas)]);
    this.#wanted = place.focus ?? "slot-1";
    this.tick(tv.clock.now());
  }

  #menu() {
    const { document, words } = this.#tv;
    const entries = [["home", words.home]];
    if (document.zone.columns.length > 0) entries.push(["zone", words.zone]);
    if (document.apps.length > 0) entries.push(["apps", words.apps]);
    entries.push(["settings", words.settings]);
    return h("nav", "menu", entries.map(([name, text]) => h("span", { class: name === "home" ? "on" : null, "data-focus": name }, text)));
  }

  #tile(position) {
    const { files, document, words } = this.#tv;
    const slot = this.#slots.get(position);
    const about = { focus: `slot-${position}`, className: `p${position}` };
    if (!slot) return tile(files, { ...operatorTile(position, document.lang), ...about });
    return tile(files, { ...slot, badge: actionBadge(slot.action, words), ...about });
  }

  started() {
    this.#focus.set(this.#focus.find(this.#wanted) ?? this.#focus.first());
    this.#bands.start();
  }

  stop() {
    this.#bands.stop();
  }

  tick(moment) {
    this.#top.tick(moment);
    this.#bands.show(marqueesOn(this.#tv.document.marquee, moment));
  }

  place() {
    return { screen: "desktop", focus: this.#focus.current?.dataset.focus ?? this.#wanted };
  }

  key(key) {
    if (/^[0-9]$/.test(key)) this.#focus.set(this.#focus.find(`slot-${Number(key) || POSITIONS}`));
    else if (key === "ok") this.#open(this.#focus.current.dataset.focus);
    else this.#focus.move(key);
  }

  #open(name) {
    if (name === "home") return;
    if (["zone", "apps", "settings"].includes(name)) {
      this.#tv.open({ screen: name });
      return;
    }
    const position = Number(name.slice("slot-".length));
    const slot = this.#slots.get(position);
    const { document, words } = this.#tv;
    if (!slot) {
      this.#tv.say(words.operatorTile(operatorTile(position, document.lang).title));
      return;
    }
    const place = placeOf(slot.action, document);
    if (place) this.#tv.open({ ...place, title: slot.title });
    else this.#tv.say(words.gone);
  }
}

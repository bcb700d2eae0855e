// One focus on a screen, always visible and never lost. It is a mark of ours and not the document's focus, because the same player
// stands in a frame beside an editor, where typing must not be interrupted.

import { named } from "./dom.js";

const AXIS = { left: ["x", -1], right: ["x", 1], up: ["y", -1], down: ["y", 1] };

export class Focus {
  #root;
  #current = null;

  /** `root` holds the elements with data-focus among which the focus moves. */
  constructor(root) {
    this.#root = root;
  }

  get current() {
    return this.#current;
  }

  set(element) {
    if (element === null || element === this.#current) return;
    this.#current?.classList.remove("focus");
    this.#current = element;
    element.classList.add("focus");
    this.#root.closest(".stage")?.setAttribute("aria-activedescendant", element.id || named(element, "at").id);
  }

  /** The element of this name, or the first there is. */
  find(name) {
    return this.#all().find((one) => one.dataset.focus === name) ?? null;
  }

  first() {
    return this.#all()[0] ?? null;
  }

  /** Moves to the nearest element in a direction; false where there is none. */
  move(direction) {
    if (!AXIS[direction]) return false;
    const next = this.#current === null ? this.first() : nearest(this.#current, this.#all(), direction);
    if (next === null) return false;
    this.set(next);
    return true;
  }

  #all() {
    return [...this.#root.querySelectorAll("[data-focus]")].filter((one) => one.offsetParent !== null);
  }
}

/** The element that a viewer expects: ahead, overlapping if any does, near along the axis, then across it; or null. */
export function nearest(from, all, direction) {
  const [axis, sign] = AXIS[direction];
  const here = box(from);
  let best = null;
  for (const element of all) {
    if (element === from) continue;
    const there = box(element);
    const ahead = sign * (there[axis].middle - here[axis].middle);
    if (ahead <= 1 || sign * (there[axis][sign > 0 ? "start" : "end"] - here[axis][sign > 0 ? "end" : "start"]) < -slack(here[axis])) continue;
    const across = axis === "x" ? "y" : "x";
    const aside = gap(here[across], there[across]);
    if (axis === "x" && aside > 0) continue; // left and right stay in their row
    const exact = ahead + aside * 4 + Math.abs(there[across].middle - here[across].middle) * 0.2 + (aside > 0 ? 1000 : 0);
    const cost = Math.round(exact / SAME); // of two that are as near the first one wins
    if (best === null || cost < best.cost) best = { element, cost };
  }
  return best?.element ?? null;
}

const SAME = 8; // pixels that nobody sees

function slack(side) {
  return (side.end - side.start) / 3; // a focused tile is drawn a little larger and may reach over its neighbour
}

function gap(a, b) {
  return Math.max(0, b.start - a.end, a.start - b.end);
}

function box(element) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const side = (start, end) => ({ start, end, middle: (start + end) / 2 });
  return { x: side(left, right), y: side(top, bottom) };
}

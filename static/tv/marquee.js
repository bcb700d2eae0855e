// The running band (跑马灯): messages of one edge, one after another in one transform. Messages of one speed share a train; where
// speeds differ, train follows train.

import { h, icon } from "./dom.js";

const SPEED = { slow: 60, normal: 120, fast: 200 }; // pixels a second on a screen 1920 pixels wide
const STILL_SECONDS = 8;
const COLOUR = /^#[0-9a-f]{6}$/i;

export class Band {
  #run;
  #animation = null;
  #stopped = false;

  /** `messages` in the order they run; `lead` is the word in front of them. */
  constructor(messages, edge, lead, className = "marquee") {
    this.key = keyOf(messages);
    this.#run = h("div", "run");
    this.root = h("div", `${className} is-${edge}`, h("div", "lead", icon("horn"), lead), this.#run);
    this.messages = messages;
  }

  /** Starts to run; to be called when the band stands in the page, since widths are measured. */
  async start() {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const trains = still ? this.messages.map((one) => [one]) : bySpeed(this.messages);
    for (let turn = 0; !this.#stopped; turn += 1) {
      const went = await (still ? this.#showStill(trains[turn % trains.length]) : this.#send(trains[turn % trains.length], trains.length === 1));
      if (!went) return;
    }
  }

  stop() {
    this.#stopped = true;
    this.#animation?.cancel();
    this.root.remove();
  }

  /** One train through the band; a single one goes round without a gap. */
  async #send(train, alone) {
    const track = h("p", {}, cars(train, alone));
    this.#run.replaceChildren(track);
    const width = this.#run.clientWidth;
    const length = track.scrollWidth;
    if (width === 0 || length === 0) return false;
    if (alone) for (let copy = 0; copy < Math.ceil(width / length); copy += 1) track.append(...cars(train, alone));
    const [from, to] = alone ? [0, -length] : [width, -length];
    const perSecond = (SPEED[train[0].speed] ?? SPEED.normal) * (innerWidth / 1920);
    return this.#animate(track, from, to, ((from - to) / perSecond) * 1000, alone ? Infinity : 1);
  }

  #animate(track, from, to, duration, iterations) {
    const frames = [{ transform: `translateX(${from}px)` }, { transform: `translateX(${to}px)` }];
    this.#animation = track.animate(frames, { duration, iterations, fill: "both" });
    return this.#animation.finished.then(() => true, () => false); // cancelled: the band is gone
  }

  #showStill(train) {
    const track = h("p", "still", cars(train, false));
    this.#run.replaceChildren(track);
    this.#animation = track.animate([{ opacity: 1 }, { opacity: 1 }], { duration: STILL_SECONDS * 1000 });
    return this.#animation.finished.then(() => true, () => false);
  }
}

/** Equal for messages that look alike, so that a band in motion is left alone. */
export function keyOf(messages) {
  return JSON.stringify(messages.map(({ id, text, colour, speed }) => [id, text, colour, speed]));
}

function bySpeed(messages) {
  const trains = [];
  for (const message of messages) {
    const last = trains.at(-1);
    if (last && last[0].speed === message.speed) last.push(message);
    else trains.push([message]);
  }
  return trains;
}

function cars(train, closed) {
  const mark = () => h("i", {}, "◆");
  return train.flatMap((message, index) => {
    const car = h("span", {}, message.text);
    if (COLOUR.test(message.colour)) car.style.color = message.colour;
    return index < train.length - 1 || closed ? [car, mark()] : [car];
  });
}

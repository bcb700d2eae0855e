// The player: a stack of screens over the desktop, above it what rests there when nobody touches the box, above all the dark of timed
// power. It knows a zone document and its files and nothing of where they come from.

import { h } from "./dom.js";
import { isOff, restsAt } from "./idle.js";
import { build, exists } from "./screens.js";
import { realTimers } from "./timing.js";
import { words } from "./words.js";

const TICK = 1000;
const TOAST = 4000;
const ARRIVES_WITHIN = 1500;
const HOME = { screen: "desktop" };
const NO_SHELL = { saysWhyDark: false, openApp: () => false, openLive: () => false, attachLive: () => Promise.reject(new Error("no HLS here")), service: null, facts: () => [] };
/** What a box calls the screens in its reports. */
const REPORTED = { viewer: "zone", rotation: "zone", url: "app", video: "zone", apps: "desktop", settings: "desktop" };

export class Player {
  #stage;
  #stack = [];
  #rest = null;
  #off = null;
  #toast = h("p", { class: "toast is-hidden", role: "status" });
  #toastTimer = null;
  #ticker = null;
  #touchedAt;
  #turn = 0;
  #waiting = null;
  #opening = null;

  /** `stage` is the element it fills; `shell` is the box around it, which starts apps, plays what a browser cannot, and reports. */
  constructor({ stage, clock, timers = realTimers, shell = {} }) {
    this.#stage = stage;
    this.clock = clock;
    this.timers = timers;
    this.shell = { ...NO_SHELL, ...shell };
    this.document = null;
    this.files = null;
    this.#touchedAt = timers.now();
    stage.append(this.#toast);
    this.#tick();
  }

  /** What a box reports as its screen: desktop zone ads splash live app off. */
  get showing() {
    const name = (this.#off ?? this.#rest ?? this.#top)?.name ?? "off";
    return REPORTED[name] ?? name;
  }

  get place() {
    return (this.#rest ?? this.#top)?.place() ?? null;
  }

  /** Where the viewer is, from the desktop upwards. */
  get places() {
    return this.#stack.map((screen) => screen.place());
  }

  /** Shows a document: from the splash at a start, else from where the viewer is. Answers when it is on the screen. */
  async show(document, files, places = null) {
    if (this.#top?.inUse && places === null) {
      await new Promise((go) => (this.#waiting = go)); // a film is not cut off by a release
    }
    this.#giveUpOpening();
    this.#turn += 1;
    const turn = this.#turn;
    const first = this.document === null;
    const wanted = places ?? (first ? start(document) : this.places);
    this.document = document;
    this.files = files;
    this.words = words(document.lang);
    const kept = wanted.filter((place) => exists(place, document));
    const built = (kept.length > 0 ? kept : [HOME]).map((place) => build(this, place));
    await arrived(built, this.timers);
    if (turn !== this.#turn) return built.forEach((screen) => screen.stop());
    this.#replace(built);
    if (this.#rest) this.#restOn(this.#rest.place());
    this.#tick();
    return undefined;
  }

  /** One key of the remote control, by its name in `keys.js`. Who presses another one does not want what is being opened. */
  key(key) {
    this.#touchedAt = this.timers.now();
    this.#giveUpOpening();
    if (this.#off) this.#off.key(key);
    else if (this.#rest) this.restOver();
    else if (this.#top?.name === "splash") this.#top.key(key);
    else if (key === "home") this.home();
    else if (key === "back") this.#top?.key("back") === true || this.back();
    else this.#top?.key(key);
  }

  /** Opens a place over what shows; a picture or a film comes when it can be seen, so that there is no dark between. */
  open(place) {
    if (place.screen === "app") this.#openApp(place.package);
    else if (!exists(place, this.document)) this.say(this.words.gone);
    else this.#enter(build(this, place));
  }

  /** When what was opened last has come, or was given up. */
  get settled() {
    return this.#opening?.done ?? Promise.resolve();
  }

  back() {
    if (this.#stack.length <= 1) return;
    const left = this.#stack.pop();
    const place = left.place();
    this.#drop(left);
    this.#top.root.classList.remove("is-under");
    this.#top.returned?.(place);
  }

  home() {
    if (this.#top?.name === "desktop") return;
    const [base] = this.#stack;
    if (base?.name === "desktop") {
      while (this.#stack.length > 1) this.back();
      return;
    }
    const desktop = build(this, HOME);
    const turn = this.#turn;
    arrived([desktop], this.timers).then(() => (turn === this.#turn ? this.#replace([desktop]) : desktop.stop()));
  }

  /** As if nobody had touched it for a long time. */
  leaveAlone() {
    this.#touchedAt = -Infinity;
    this.#tick();
  }

  /** The clock was set: what depends on the moment is looked at now. */
  look() {
    this.#tick();
  }

  /** A resting screen that has nothing to show. */
  exhausted(screen) {
    if (this.#rest === screen) this.restOver();
    else this.fail(screen, this.words.nothingOn);
  }

  /** A screen that found it has nothing to show. */
  fail(screen, text) {
    if (this.#opening?.screen === screen) this.#giveUpOpening();
    else if (this.#top === screen) this.back();
    this.say(text);
  }

  say(text) {
    this.#toast.textContent = text;
    this.#toast.classList.remove("is-hidden");
    this.timers.cancel(this.#toastTimer);
    this.#toastTimer = this.timers.after(TOAST, () => this.#toast.classList.add("is-hidden"));
  }

  /** Back from resting to where one was. */
  restOver() {
    if (!this.#rest) return;
    this.#drop(this.#rest);
    this.#rest = null;
  }

  stop() {
    this.timers.cancel(this.#ticker);
    this.#giveUpOpening();
    this.#turn += 1;
    for (const screen of [...this.#stack, this.#rest, this.#off]) if (screen) this.#drop(screen);
    this.#stack = [];
  }

  #enter(screen) {
    if (!screen.comesWhenReady) return this.#push(screen);
    const done = arrived([screen], this.timers).then(() => {
      if (this.#opening?.screen !== screen) return;
      this.#opening = null;
      this.#push(screen);
    });
    this.#opening = { screen, done };
    return undefined;
  }

  #giveUpOpening() {
    this.#opening?.screen.stop();
    this.#opening = null;
  }

  #push(screen) {
    this.#top?.root.classList.add("is-under");
    this.#stack.push(screen);
    this.#put(screen);
  }

  get #top() {
    return this.#stack.at(-1);
  }

  #openApp(name) {
    const app = this.document.apps.find((one) => one.package === name);
    if (!this.shell.openApp(name)) this.say(this.words.appOnBox(app?.name ?? name));
  }

  #put(screen) {
    this.#stage.insertBefore(screen.root, this.#toast);
    screen.started();
  }

  #drop(screen) {
    screen.stop();
    screen.root.remove();
  }

  #replace(built) {
    const old = this.#stack;
    this.#stack = built;
    for (const screen of built) {
      screen.root.classList.toggle("is-under", screen !== this.#top);
      this.#put(screen);
    }
    for (const screen of old) this.#drop(screen);
  }

  /** Once a second: what the moment changes. */
  #tick() {
    this.timers.cancel(this.#ticker);
    this.#ticker = this.timers.after(TICK, () => this.#tick());
    if (this.document === null) return;
    const moment = this.clock.now();
    this.#power(moment);
    if (this.#off) {
      this.#off.tick(moment);
      return;
    }
    this.#top?.tick(moment);
    this.#rest?.tick(moment);
    this.#idle(moment);
  }

  #power(moment) {
    const off = isOff(this.document, moment);
    if (off === (this.#off !== null)) return;
    if (off) {
      this.restOver();
      if (this.#top?.inUse) this.home();
      this.#off = build(this, { screen: "off" });
      this.#put(this.#off);
    } else {
      this.#drop(this.#off);
      this.#off = null;
      this.#touchedAt = this.timers.now();
    }
  }

  #idle(moment) {
    if (!this.#top || this.#top.name === "splash" || this.#top.inUse) {
      this.#touchedAt = this.timers.now();
      return;
    }
    this.#waiting?.();
    this.#waiting = null;
    const idleSeconds = (this.timers.now() - this.#touchedAt) / 1000;
    const rests = restsAt(this.document, moment, { insideZone: this.#top.insideZone === true, idleSeconds });
    if (rests === null) this.restOver();
    else if (this.#rest?.name !== rests) this.#restOn({ screen: rests });
  }

  #restOn(place) {
    const before = this.#rest;
    this.#rest = exists(place, this.document) ? build(this, place) : null;
    if (this.#rest) this.#put(this.#rest);
    if (before) this.#drop(before);
  }
}

function start(document) {
  return [document.splash.frames.length > 0 ? { screen: "splash" } : HOME];
}

/** Waits for the pictures of screens, but not for ever: what is late comes when it comes. */
function arrived(screens, timers) {
  const late = new Promise((go) => timers.after(ARRIVES_WITHIN, go));
  return Promise.race([Promise.all(screens.map((screen) => screen.arrived)), late]);
}

// The television at /tv/: follows the channel that the address names or that was remembered, and goes on without a network.

import { Box } from "./box.js";
import { h } from "./dom.js";
import { emptyDocument } from "./empty.js";
import { Feed } from "./feed.js";
import { Files } from "./files.js";
import { keyOf } from "./keys.js";
import { Player } from "./player.js";
import { memory, rootOf, Store } from "./store.js";
import { Clock, realTimers } from "./timing.js";
import { words } from "./words.js";

const CHANNEL = /^[0-9a-f]{32}$/;
const BOUND_PAUSE = 3000;
const THEMES = new Set(["dark", "light"]);

const stage = document.querySelector(".stage");
const asked = new URLSearchParams(location.search);
const clock = new Clock();
const player = new Player({ stage, clock, timers: realTimers, shell: { setTheme, facts, service: boxService() } });
const channel = remembered("channel", (value) => CHANNEL.test(value));
const feed = channel ? follow(channel) : null;

setTheme(remembered("theme", (value) => THEMES.has(value)) ?? "dark");
addEventListener("keydown", (event) => {
  const key = keyOf(event);
  if (key === null) return;
  event.preventDefault();
  if (player.document) player.key(key);
});
addEventListener("contextmenu", (event) => event.preventDefault());

/** For the box around the player, and for whoever measures it. */
globalThis.tv = { player, clock, feed };

(feed ? feed.start() : showUnbound()).then(startWithoutNetworkNextTime);

/** What the address says is remembered; without it what was remembered counts. */
function remembered(name, isRight) {
  const value = asked.get(name);
  if (value !== null && isRight(value)) memory.set(name, value);
  const kept = memory.get(name);
  return kept !== null && isRight(kept) ? kept : null;
}

/** The root key by which a channel is judged: told at binding, else the one that its first start finds here, and from then on no other. */
function pinned(named) {
  const name = rootOf(named);
  if (memory.get(name) === null && stage.dataset.root) memory.set(name, stage.dataset.root);
  return JSON.parse(memory.get(name) ?? "null");
}

/** The box that this browser is: bound, it starts over with its channel. */
function boxService() {
  const box = new Box({ base: stage.dataset.base, memory, about: { model: "web-tv", firmware: "1" } });
  return {
    lookUp: (typed) => box.lookUp(typed),
    report: async (typed) => {
      const answer = await box.report(typed);
      if (answer.ok && answer.body.state === "bound") realTimers.after(BOUND_PAUSE, () => location.replace(location.pathname));
      return answer;
    },
  };
}

/** The worker fetches the whole player once more: that may wait until something is on the screen. */
function startWithoutNetworkNextTime() {
  navigator.serviceWorker?.register("/tv/worker.js", { scope: "/tv/" }).catch(() => {});
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  memory.set("theme", theme);
}

function facts(text) {
  const pointer = feed?.shown;
  const last = feed?.faults.at(-1);
  return [
    [text.group, pointer?.group.name ?? text.none],
    [text.release, pointer ? String(pointer.release_number) : text.none],
    [text.sequence, pointer ? String(pointer.sequence) : text.none],
    [text.publishedAt, pointer ? new Date(pointer.published_at).toLocaleString(document.documentElement.lang, { timeZone: "Asia/Shanghai" }) : text.none],
    [text.fault, last ? `${last.code} ${last.at.slice(0, 16).replace("T", " ")}` : text.none],
  ];
}

function follow(named) {
  const waiting = waitingScreen();
  stage.prepend(waiting.root);
  return new Feed({
    channel: named,
    store: new Store(named),
    clock,
    timers: realTimers,
    screenWidth: Math.round(screen.width * devicePixelRatio),
    root: pinned(named),
    pin: (root) => memory.set(rootOf(named), JSON.stringify(root)),
    progress: waiting.progress,
    show: async (zone, files) => {
      document.documentElement.lang = zone.lang;
      await player.show(zone, files);
      waiting.root.remove();
    },
  });
}

function waitingScreen() {
  const text = words(document.documentElement.lang);
  const bar = h("i");
  const root = h("div", "waiting", h("h1", {}, text.waiting), h("p", {}, text.waitingMore), h("div", "progress", bar));
  return { root, progress: (done) => bar.style.setProperty("--done", String(done)) };
}

async function showUnbound() {
  const zone = emptyDocument(document.documentElement.lang);
  await player.show(zone, new Files(zone, () => "", 1920), [{ screen: "desktop" }, { screen: "settings", pane: "industry" }]);
  player.say(player.words.unbound);
}

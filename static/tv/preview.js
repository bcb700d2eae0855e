// The same player on drafts: beside editors and on the preview page. It takes its document from the portal, as one of the tenant's
// group's boxes would after a publication, and its orders from the page around it.

import { Files } from "./files.js";
import { byScript } from "./hls.js";
import { KEYS, keyOf } from "./keys.js";
import { Player } from "./player.js";
import { Clock, realTimers } from "./timing.js";

const THEMES = new Set(["dark", "light"]);
const asked = new URLSearchParams(location.search);
const stage = document.querySelector(".stage");
const clock = new Clock();
const player = new Player({ stage, clock, timers: realTimers, shell: { setTheme, facts: () => [], attachLive: byScript } });

let group = asked.get("group");
let shown = null;
let turn = 0;

const ORDERS = {
  key: ({ key }) => {
    if (KEYS.has(key) && player.document) player.key(key);
    moved();
  },
  idle: () => {
    player.leaveAlone();
    moved();
  },
  theme: ({ theme }) => setTheme(theme),
  moment: ({ at }) => setMoment(at),
  place: ({ place }) => player.document && player.show(player.document, player.files, placesOf(place)),
  group: (order) => {
    group = order.group;
    refresh();
  },
  refresh: () => refresh(),
  draw: ({ text }) => draw(text),
};

setTheme(asked.get("theme"));
setMoment(asked.get("at"));
addEventListener("keydown", (event) => {
  const key = keyOf(event);
  if (key === null || !player.document) return;
  event.preventDefault();
  player.key(key);
});
addEventListener("message", (event) => {
  if (event.origin === location.origin && Object.hasOwn(ORDERS, event.data?.tv)) ORDERS[event.data.tv](event.data);
});

/** For whoever measures it. */
globalThis.tv = { player, clock, refresh };
refresh(placesOf(Object.fromEntries(asked)));

/** Fetches the drafts as they are now and shows them where the viewer is, or at `places`. */
async function refresh(places = null) {
  turn += 1;
  const mine = turn;
  const address = new URL(stage.dataset.document, location.href);
  if (group) address.searchParams.set("group", group);
  const answer = await fetch(address, { cache: "no-cache", headers: { Accept: "application/json" } });
  if (mine !== turn) return;
  if (!answer.ok) {
    tell({ tv: "failed", status: answer.status });
    return;
  }
  await show(await answer.text(), places);
  tell({ tv: "shown", tiles: tiles() });
}

/** Shows a document that the page around has: what somebody types there, whether it is saved or not. */
async function draw(text) {
  turn += 1;
  await show(text, null);
  tell({ tv: "shown", drawn: true, tiles: tiles() });
}

/** Where the tiles of the desktop stand, in parts of the screen; none while something else is in front. */
function tiles() {
  if (player.place?.screen !== "desktop") return {};
  const room = stage.getBoundingClientRect();
  const found = [...stage.querySelectorAll(".desktop .slots .tile")].map((tile) => {
    const box = tile.getBoundingClientRect();
    const at = { left: (box.left - room.left) / room.width, top: (box.top - room.top) / room.height, width: box.width / room.width, height: box.height / room.height };
    return [tile.dataset.focus, at];
  });
  return Object.fromEntries(found);
}

async function show(text, places) {
  if (text === shown && places === null) return;
  shown = text;
  const zone = JSON.parse(text);
  document.documentElement.lang = zone.lang;
  await player.show(zone, new Files(zone, (one) => one.url, innerWidth * devicePixelRatio), places ?? player.places);
}

/** Where somebody who edits wants to look: names of the address, as places of the player. */
function placesOf({ screen, column, item, frame, playlist, position }) {
  const desktop = { screen: "desktop", focus: position ? `slot-${position}` : undefined };
  if (screen === "splash") return [{ screen: "splash", frame: frame ? Number(frame) : undefined }];
  if (screen === "ads") return [desktop, { screen: "ads", playlist }];
  if (screen === "zone") return [desktop, { screen: "zone", column, focus: item }, ...(item ? [{ screen: "viewer", item }] : [])];
  return [desktop];
}

/** Another screen may be in front now. */
function moved() {
  requestAnimationFrame(() => tell({ tv: "moved", tiles: tiles() }));
}

function setTheme(theme) {
  document.documentElement.dataset.theme = THEMES.has(theme) ? theme : "dark";
}

/** `at` as people type it in China Standard Time, 2026-11-24T14:05; nothing is now. */
function setMoment(at) {
  const moment = at ? new Date(`${at}:00+08:00`) : null;
  clock.set(moment && !Number.isNaN(moment.getTime()) ? moment : null);
  player.look();
}

function tell(message) {
  if (parent !== window) parent.postMessage(message, location.origin);
}

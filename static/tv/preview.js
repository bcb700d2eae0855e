// The same player on what is not published: beside editors, on the preview page and twice on the review desk. It takes its document from
// the portal, as one of the tenant's group's boxes would after a publication, and its orders from the page around it. One of a pair hands
// the keys that are pressed in its frame to the page, which gives them to both.

import { Files } from "./files.js";
import { byScript } from "./hls.js";
import { whyNot } from "./hours.js";
import { KEYS, keyOf } from "./keys.js";
import { Player } from "./player.js";
import { Clock, realTimers } from "./timing.js";

const THEMES = new Set(["dark", "light"]);
const LOOKS_EVERY = 500;
const HOURS_EVERY = 1000;
const asked = new URLSearchParams(location.search);
const stage = document.querySelector(".stage");
const clock = new Clock();
const player = new Player({ stage, clock, timers: realTimers, shell: { saysWhyDark: true, setTheme, facts: () => [], attachLive: byScript } });

const paired = asked.has("paired");
let group = asked.get("group");
let about = aboutOf(Object.fromEntries(asked));
let shown = null;
let seen = null;
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
  moment: ({ at }) => {
    setMoment(at);
    moved();
  },
  place: ({ place }) => {
    about = aboutOf(place);
    goTo(placesOf(place));
  },
  places: ({ places }) => goTo(places),
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
  if (paired && key === null) tell({ tv: "typed", key: event.key, plain: !(event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) });
  if (key === null || !player.document) return;
  event.preventDefault();
  if (paired) tell({ tv: "pressed", key });
  else player.key(key);
});
if (paired) setInterval(look, LOOKS_EVERY);
else setInterval(lookAtHours, HOURS_EVERY);
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
  tell({ tv: "shown", ...told() });
}

/** Shows a document that the page around has: what somebody types there, whether it is saved or not. */
async function draw(text) {
  turn += 1;
  await show(text, null);
  tell({ tv: "shown", drawn: true, ...told() });
}

async function goTo(places) {
  if (!player.document) return;
  await player.show(player.document, player.files, places);
  moved();
}

/** Where the viewer is, where what one may point at stands on the screen in front, and why what is edited is not on it. */
function sight() {
  return { places: player.places, tiles: tiles(), missing: missing() };
}

/** What the page is told of it, remembered. */
function told() {
  const now = sight();
  seen = now;
  return now;
}

/** What the page is about does not show at this moment: why, and the moment at which it does next, as people type it. */
function missing() {
  if (!player.document) return null;
  const found = whyNot(player.document, clock.now(), about);
  return found && { about: about.what, why: found.why, next: found.next && typed(found.next) };
}

/** The parts of the screen in front, by their names, each in parts of the whole; what is scrolled out of sight is not among them. */
function tiles() {
  const front = [...stage.querySelectorAll(":scope > .screen:not(.is-under)")].at(-1);
  if (!front) return {};
  const room = stage.getBoundingClientRect();
  const named = [...front.querySelectorAll("[data-focus]")].map((one) => [one.dataset.focus, one]);
  for (const [name, selector] of OTHERS) named.push([name, front.querySelector(selector)]);
  return Object.fromEntries(named.filter(([, one]) => one && one.offsetParent !== null && !one.closest(".outside")).map(([name, one]) => [name, part(one, room)]));
}

const OTHERS = [["logo", ".top > .logo"], ["marquee-top", ".marquee.is-top"], ["marquee-bottom", ".marquee.is-bottom"]];

function part(one, room) {
  const box = one.getBoundingClientRect();
  return { left: (box.left - room.left) / room.width, top: (box.top - room.top) / room.height, width: box.width / room.width, height: box.height / room.height };
}

async function show(text, places) {
  if (text === shown && places === null) return;
  shown = text;
  const zone = JSON.parse(text);
  document.documentElement.lang = zone.lang;
  await player.show(zone, new Files(zone, (one) => one.url, innerWidth * devicePixelRatio), places ?? player.places);
}

/** Where somebody who edits wants to look: names of the address, as places of the player. */
function placesOf({ screen, column, item, focus, frame, playlist, position }) {
  const desktop = { screen: "desktop", focus: position ? `slot-${position}` : undefined };
  if (screen === "splash") return [{ screen: "splash", frame: frame ? Number(frame) : undefined }];
  if (screen === "ads") return [desktop, { screen: "ads", playlist }];
  if (screen === "zone") return [desktop, { screen: "zone", column, focus: focus ?? item }, ...(item ? [{ screen: "viewer", item }] : [])];
  if (screen === "apps") return [desktop, { screen: "apps" }];
  return [desktop];
}

/** What somebody looks at: what the page says, else the screen where that may have nothing to show. */
function aboutOf({ about: what, id, screen, playlist }) {
  if (what) return { what, id };
  return { what: (screen === "ads" && !playlist) || screen === "splash" ? screen : null };
}

/** Another screen may be in front now. */
function moved() {
  requestAnimationFrame(() => tell({ tv: "moved", ...told() }));
}

/** Time goes on: what was on may be over. */
function lookAtHours() {
  if (player.document && !same(missing(), seen?.missing ?? null)) moved();
}

/** What a screen turns to by itself, or slides to, the page around has to hear of too. */
function look() {
  if (player.document && !same(sight(), seen)) moved();
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function setTheme(theme) {
  document.documentElement.dataset.theme = THEMES.has(theme) ? theme : "dark";
}

/** A moment as people type it in China Standard Time. */
function typed(moment) {
  return new Date(moment.getTime() + 8 * 3_600_000).toISOString().slice(0, "2026-11-24T14:05".length);
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

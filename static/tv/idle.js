// What a box turns to by itself: after the idle time, by the schedule, and by the hours of timed power. Pure.

import { rotation } from "./content.js";
import { isOn, showsWhenIdle } from "./resolve.js";

const SCREENS = { ads: "ads", zone: "rotation" };

/** Whether timed power has the box off at a moment; without hours it is always on. */
export function isOff(document, moment) {
  return document.power.length > 0 && !isOn(document.power, moment);
}

/** The resting screen for a box untouched for `idleSeconds`, "ads" or "rotation", or null where it stays as it is. */
export function restsAt(document, moment, { insideZone, idleSeconds }) {
  const zoneShows = rotation(document, moment).length > 0;
  const show = showsWhenIdle({ ads: document.ads, zoneShows, insideZone }, moment);
  if (show === "desktop" || (show === "zone" && !zoneShows)) return null;
  const patience = show === "ads" ? document.ads.idle_seconds : document.zone.idle_seconds;
  return idleSeconds >= patience ? SCREENS[show] : null;
}

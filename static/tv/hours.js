// Why what somebody edits does not show at a moment, and when it does again. Pure; the preview tells its page, which has the sentences.

import { shelfFor, shelfOf } from "./content.js";
import { isOff } from "./idle.js";
import { isOn, nextChange, playlistsOn } from "./resolve.js";

/** What a page may be about, and the windows of which one has to be open: one list of windows for each thing that could show. */
const WINDOWS = {
  marquee: ({ marquee }, id) => marquee.filter((one) => one.id === id).map((one) => one.windows),
  marquees: ({ marquee }) => marquee.map((one) => one.windows),
  item: (document, id) => (shelfOf(document, id)?.second.items ?? []).filter((one) => one.id === id).map((one) => one.windows),
  column: (document, id) => (shelfFor(document, id)?.second.items ?? []).map((one) => one.windows),
  entry: ({ ads }, id) => ads.schedule.filter((one) => one.id === id).map((one) => one.windows),
  ads: ({ ads }) => ads.schedule.map((one) => one.windows),
};
/** Without it there is nothing to say: a column may be empty. What is about one object says that its boxes do not have it. */
const SINGLE = new Set(["marquee", "item", "entry"]);

/** `about` is `{what, id}`. Null where it shows; else `{why, next}`: "dark" (timed power), "off" (its hours are others), "over" (they do
 * not come again), "absent" (not in this document), and the moment at which it shows next, or null. */
export function whyNot(document, moment, { what, id }) {
  if (isOff(document, moment)) return { why: "dark", next: nextChange(document.power, moment) };
  if (what === "splash") return document.splash.frames.length > 0 ? null : { why: "absent", next: null };
  if (what === "ads" && playlistsOn(document.ads, moment).length > 0) return null;
  const lists = WINDOWS[what]?.(document, id) ?? [];
  if (lists.length === 0) return SINGLE.has(what) || what === "ads" ? { why: "absent", next: null } : null;
  if (lists.some((windows) => isOn(windows, moment))) return null;
  const next = soonest(lists.map((windows) => nextChange(windows, moment)));
  return { why: next ? "off" : "over", next };
}

function soonest(moments) {
  return moments.filter((one) => one !== null).sort((a, b) => a - b)[0] ?? null;
}

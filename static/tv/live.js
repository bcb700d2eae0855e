// Live channels over https (HLS): by the browser's own player, as boxes have one, else by another that the shell brings along.

import { bySource, playable } from "./video.js";

const HLS = "application/vnd.apple.mpegurl";
const FETCHES = new Set(["media-src", "connect-src"]);

/** The page may not fetch from that host: a box may. */
export class NotHere extends Error {}

/** A <video> that plays the channel; rejects where there is no picture, or nothing here may play it. `attachLive` is the shell's. */
export async function liveChannel(url, attachLive) {
  const own = document.createElement("video").canPlayType(HLS) !== "";
  let refused = false;
  const note = (event) => (refused ||= FETCHES.has(event.effectiveDirective));
  document.addEventListener("securitypolicyviolation", note);
  try {
    return await playable(url, { attach: own ? bySource : attachLive });
  } catch (reason) {
    throw refused ? new NotHere(url) : reason;
  } finally {
    document.removeEventListener("securitypolicyviolation", note);
  }
}

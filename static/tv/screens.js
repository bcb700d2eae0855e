// From a place, which is plain data, to a screen. A place names what is shown, not how: it outlives a release.

import { shelfOf } from "./content.js";
import { Apps } from "./screens/apps.js";
import { Desktop } from "./screens/desktop.js";
import { Live, Video } from "./screens/playing.js";
import { Ads, Off, Rotation } from "./screens/resting.js";
import { Settings } from "./screens/settings.js";
import { Splash } from "./screens/splash.js";
import { Viewer } from "./screens/viewer.js";
import { Web } from "./screens/web.js";
import { Zone } from "./screens/zone.js";

const SCREENS = {
  desktop: Desktop,
  zone: Zone,
  viewer: Viewer,
  video: Video,
  live: Live,
  url: Web,
  apps: Apps,
  settings: Settings,
  splash: Splash,
  ads: Ads,
  rotation: Rotation,
  off: Off,
};

export function build(tv, place) {
  return new SCREENS[place.screen](tv, place);
}

/** Whether a place still exists in a document. */
export function exists(place, document) {
  if (!place || !SCREENS[place.screen]) return false;
  switch (place.screen) {
    case "viewer":
      return shelfOf(document, place.item) !== null;
    case "video":
      return document.assets.some((asset) => asset.sha256 === place.asset);
    case "splash":
      return document.splash.frames.length > 0;
    case "apps":
      return document.apps.length > 0;
    case "ads":
      return !place.playlist || document.ads.playlists.some((list) => list.id === place.playlist);
    default:
      return true;
  }
}

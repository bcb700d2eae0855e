// The document of a box that has none: the operator's own desktop.

export function emptyDocument(lang) {
  return {
    schema: "zone/1",
    enterprise: { id: "", name: lang.startsWith("en") ? "Television" : "天翼高清" },
    lang,
    features: ["base"],
    desktop: { logo: null, slots: [] },
    splash: { frames: [] },
    zone: { idle_seconds: 300, columns: [] },
    marquee: [],
    ads: { idle_seconds: 300, playlists: [], schedule: [], default: null, marquee: [] },
    apps: [],
    power: [],
    assets: [],
  };
}

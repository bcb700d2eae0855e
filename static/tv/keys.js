// The keys of a remote control, whatever the device calls them. Everything else (Tab, letters) is left to the device.

const NAMES = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Enter: "ok",
  Select: "ok",
  Backspace: "back",
  Escape: "back",
  GoBack: "back",
  BrowserBack: "back",
  Home: "home",
  BrowserHome: "home",
};

/** The name of the key pressed: left right up down ok back home 0..9, or null. */
export function keyOf(event) {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return null;
  const key = event.key.normalize("NFKC");
  return NAMES[key] ?? (/^[0-9]$/.test(key) ? key : null);
}

export const KEYS = new Set([...Object.values(NAMES), ..."0123456789"]);

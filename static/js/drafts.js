// What a form kept in this tab is settled when the next page has come: accepted and forgotten, or not and kept.

export const PREFIX = "draft:";
const SENT = ":sent";

/** Remembers that the form of this key was sent; the next page tells what became of it. */
export function markSent(key) {
  sessionStorage.setItem(key + SENT, "1");
}

/** Looks at the page that has come: sign-in and errors accept nothing, an ordinary page without the form has accepted it. */
export function settle() {
  const [visit] = performance.getEntriesByType("navigation");
  const refused = (visit?.responseStatus ?? 200) >= 400 || document.querySelector(".gate, .plain, .errors, [aria-invalid=true]") !== null;
  for (const name of Object.keys(sessionStorage)) {
    if (!name.startsWith(PREFIX) || !name.endsWith(SENT)) continue;
    const key = name.slice(0, -SENT.length);
    sessionStorage.removeItem(name);
    if (!refused && (formOf(key) === null || acceptedHere(key))) sessionStorage.removeItem(key);
  }
}

function formOf(key) {
  return document.querySelector(`form[data-key="${CSS.escape(key.slice(PREFIX.length))}"]`);
}

// The server showed the same form again: with another version, or with a word of success, it has taken what was sent.
function acceptedHere(key) {
  const kept = read(key);
  const version = formOf(key).elements.version?.value ?? "";
  return kept === null || version !== kept.version || document.querySelector(".flashes .is-ok") !== null;
}

/** What is kept under the key: the version it was typed on, and name, value and tick of each field; null if there is nothing. */
export function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

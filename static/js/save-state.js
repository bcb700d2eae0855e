// How saving stands, in the draft bar: one icon and one sentence, which a screen reader hears.

const ICONS = { saving: "cloud-upload", saved: "cloud-check", conflict: "git-merge", failed: "cloud-x", asks: "alert-circle" };
const CLASSES = { saving: "is-saving", conflict: "is-conflict", failed: "is-failed", asks: "is-conflict" };

/** The sentences of a form, which the server wrote in the reader's language. */
export function words(form) {
  return JSON.parse(form.dataset.words);
}

export function say(text, state, offer = null) {
  const place = document.querySelector("[data-saved]");
  if (!place || (place.dataset.saved === state && place.dataset.text === text)) return;
  place.dataset.saved = state;
  place.dataset.text = text;
  place.className = `saved ${CLASSES[state] ?? ""}`;
  place.replaceChildren(icon(ICONS[state]), text);
  if (offer) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = offer.label;
    button.addEventListener("click", offer.act);
    place.append(button);
  }
}

export function icon(name) {
  const sprite = document.querySelector("svg.i use")?.getAttribute("href")?.replace(/#.*/, "") ?? "/static/icons.svg";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "i i-s");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

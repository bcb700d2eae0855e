// Says every ten seconds that somebody edits here, and shows who else does. Asking counts as no activity of the person; a tab that is
// not looked at asks no more, and is forgotten by the others half a minute later.

import { words } from "./save-state.js";

const PAUSE = 10_000;

export function start(form) {
  const told = words(form);
  const page = crypto.randomUUID();
  let timer = null;

  const body = (more = {}) => {
    const data = new FormData();
    for (const [name, value] of Object.entries({ csrf_token: form.elements.csrf_token.value, page, ...more })) data.set(name, value);
    return data;
  };

  async function ask() {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
    if (form.dataset.new !== undefined || document.hidden) return;
    const answer = await fetch(form.dataset.presence, { method: "POST", body: body(), headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const { people, version } = await answer.json();
    show(people, told);
    form.dispatchEvent(new CustomEvent("zone:newer", { detail: { version, name: people.find((one) => !one.own)?.name ?? (people.length > 0 ? told.you : "") } }));
  }

  form.addEventListener("zone:adopted", ask);
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  addEventListener("pagehide", () => {
    if (form.dataset.new === undefined) navigator.sendBeacon(form.dataset.presence, body({ leave: "1" }));
  });
  ask();
}

function show(people, told) {
  const place = document.querySelector("[data-present]");
  if (!place) return;
  const others = people.filter((one) => !one.own);
  const names = [...new Set(others.map((one) => one.name))];
  const text = names.length > 0 ? told.since.replace("{names}", names.join("、")).replace("{at}", others[0].since) : people.length > 0 ? told.own : "";
  if (place.dataset.present === text) return;
  place.dataset.present = text;
  const faces = document.createElement("span");
  faces.className = "faces";
  names.slice(0, 3).forEach((name, index) => {
    const face = document.createElement("span");
    face.className = `who w${(index % 5) + 1} sz`;
    face.setAttribute("aria-hidden", "true");
    face.textContent = [...name][0] ?? "";
    faces.append(face);
  });
  const said = document.createElement("span");
  said.className = "who-says";
  said.textContent = text;
  place.title = text;
  place.replaceChildren(...(names.length > 0 ? [faces] : []), said);
}

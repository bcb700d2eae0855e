// Shows in the draft bar who else edits here, while this form says that somebody does.

import { keepPresent } from "./presence.js";
import { words } from "./save-state.js";

export function start(form) {
  const told = words(form);
  const ask = keepPresent(() => form.dataset.presence, {
    token: () => form.elements.csrf_token.value,
    there: () => form.dataset.new === undefined,
    heard: ({ people, version }) => {
      show(people, told);
      const name = people.find((one) => !one.own)?.name ?? (people.length > 0 ? told.you : "");
      form.dispatchEvent(new CustomEvent("zone:newer", { detail: { version, name } }));
    },
  });
  form.addEventListener("zone:adopted", ask);
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

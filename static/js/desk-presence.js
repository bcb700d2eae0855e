// Says every ten seconds that this page of the desk is looked at, and shows in the queue and beside the title who looks at what. Once somebody
// else has decided what this page shows, it says so, before a decision is refused.

import { announce, csrfToken } from "./shared.js";

const PAUSE = 10_000;

export function start(desk) {
  const page = crypto.randomUUID();
  const address = desk.dataset.presence;
  const shown = new Set(desk.dataset.waiting.split(" ").filter(Boolean));
  let timer = null;

  const body = (more = {}) => {
    const data = new FormData();
    for (const [name, value] of Object.entries({ csrf_token: csrfToken(), page, ...more })) data.set(name, value);
    return data;
  };

  async function ask() {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
    if (document.hidden) return;
    const answer = await fetch(address, { method: "POST", body: body(), headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const { looks, waiting, decided_by: by } = await answer.json();
    for (const place of desk.querySelectorAll("[data-looks]")) show(place, looks[place.dataset.looks], desk.dataset.says);
    const gone = [...shown].some((one) => !waiting.includes(one));
    const overtaken = desk.querySelector("[data-overtaken]");
    if (!gone || !overtaken?.hidden) return;
    overtaken.querySelector("[data-by]").textContent = by;
    overtaken.hidden = false;
    announce(overtaken.textContent.trim());
  }

  document.addEventListener("visibilitychange", () => document.hidden || ask());
  addEventListener("pagehide", () => navigator.sendBeacon(address, body({ leave: "1" })));
  ask();
}

function show(place, names, says) {
  place.hidden = !names?.length;
  const text = names?.length ? says.replace("{names}", names.join("、")) : "";
  if (place.textContent !== text) place.textContent = text;
}

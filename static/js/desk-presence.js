// Shows in the queue and beside the title who looks at what, while this page of the desk says that it is looked at. Once somebody else has
// decided what this page shows, it says so, before a decision is refused.

import { keepPresent } from "./presence.js";
import { announce, csrfToken } from "./shared.js";

export function start(desk) {
  const shown = new Set(desk.dataset.waiting.split(" ").filter(Boolean));

  keepPresent(() => desk.dataset.presence, {
    token: csrfToken,
    heard: ({ looks, waiting, decided_by: by }) => {
      for (const place of desk.querySelectorAll("[data-looks]")) show(place, looks[place.dataset.looks], desk.dataset.says);
      const gone = [...shown].some((one) => !waiting.includes(one));
      const overtaken = desk.querySelector("[data-overtaken]");
      if (!gone || !overtaken?.hidden) return;
      overtaken.querySelector("[data-by]").textContent = by;
      overtaken.hidden = false;
      announce(overtaken.textContent.trim());
    },
  });
}

function show(place, names, says) {
  place.hidden = !names?.length;
  const text = names?.length ? says.replace("{names}", names.join("、")) : "";
  if (place.textContent !== text) place.textContent = text;
}

// Several small submissions at once: what is ticked is sent enterprise by enterprise, each through the same door as its own button, and what
// became of each one stands beside it.

import { announce } from "./shared.js";

export function start(page) {
  const forms = [...page.querySelectorAll("form")];
  const ticks = () => [...page.querySelectorAll("[name=chosen]:not(:disabled)")];
  const chosen = () => ticks().filter((one) => one.checked);
  const all = page.querySelector("[data-all]");
  const buttons = [...page.querySelectorAll("[data-together]")];
  if (!all) return;

  const count = () => {
    const number = chosen().length;
    page.querySelector("[data-count]").textContent = page.dataset.one.replace("{n}", String(number));
    for (const button of buttons) button.disabled = number === 0;
    all.checked = number > 0 && number === ticks().length;
    all.indeterminate = number > 0 && !all.checked;
  };
  page.addEventListener("change", (event) => {
    if (event.target === all) for (const one of ticks()) one.checked = all.checked;
    count();
  });
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      for (const one of buttons) one.disabled = true;
      for (const form of forms.filter((one) => one.querySelector("[name=chosen]:checked:not(:disabled)"))) await send(form, button.dataset.together, page);
      count();
    });
  }
  count();
}

async function send(form, decision, page) {
  const body = new FormData(form);
  body.set("decision", decision);
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  const told = answer?.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
  if (told?.outcomes === undefined) {
    const why = answer?.status === 403 ? page.dataset.door : (told?.error?.message ?? page.dataset.lost);
    for (const one of form.querySelectorAll(".bulk-one:has(:checked)")) say(one, why, false);
    return;
  }
  for (const one of form.querySelectorAll(".bulk-one:has([name=chosen]:checked:not(:disabled))")) {
    const outcome = told.outcomes.find(({ id }) => id === one.dataset.submission);
    say(one, outcome?.says ?? told.problem, outcome?.approved ?? false);
  }
}

function say(one, text, approved) {
  const place = one.querySelector("[data-says]");
  place.textContent = text;
  place.hidden = false;
  place.classList.toggle("is-bad", !approved);
  one.classList.toggle("is-done", approved);
  const tick = one.querySelector("[name=chosen]");
  tick.checked = false;
  tick.disabled = approved || tick.disabled;
  announce(text);
}

// Sends the form of a list's order once the list has come to rest; several moves in a row are one change. Who moves rows by keyboard
// finds the focus where it was when the page is back.

const REST = 700;
const KEPT = "order-focus";
const STOPS = "a, summary, button, input:not([type=hidden])";

export function start(form) {
  const list = document.querySelector(`[data-form="${CSS.escape(form.id)}"]`);
  if (!list) return;
  giveBack(list);
  let timer = null;
  list.addEventListener("change", (event) => {
    if (event.target !== list) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (list.dataset.away !== undefined) return;
      keep(list);
      form.requestSubmit();
    }, REST);
  });
}

function keep(list) {
  const row = document.activeElement?.closest("[data-id]");
  if (!row || row.parentElement !== list) return;
  const stop = [...row.querySelectorAll(STOPS)].indexOf(document.activeElement);
  sessionStorage.setItem(KEPT, JSON.stringify({ id: row.dataset.id, stop }));
}

function giveBack(list) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  const row = kept && [...list.children].find((one) => one.dataset.id === kept.id);
  if (!row) return;
  sessionStorage.removeItem(KEPT);
  const stops = [...row.querySelectorAll(STOPS)];
  const stop = stops[kept.stop];
  (stop?.disabled ? stops.find((one) => one.parentElement === stop.parentElement && !one.disabled) : stop)?.focus();
}

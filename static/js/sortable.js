// A list put in order by dragging, by its buttons, or by Alt+Up and Alt+Down; hidden fields in the rows carry the order.
import { announce, changed } from "./shared.js";

export async function start(list) {
  const { default: Sortable } = await import("../vendor/sortable.esm.js");

  const refresh = () => {
    const rows = [...list.children];
    rows.forEach((row, index) => {
      const up = row.querySelector("[data-up]");
      const down = row.querySelector("[data-down]");
      if (up) up.disabled = index === 0;
      if (down) down.disabled = index === rows.length - 1;
    });
    changed(list);
  };
  const move = (row, step) => {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    refresh();
    announce(`${[...list.children].indexOf(row) + 1} / ${list.children.length}`);
  };

  Sortable.create(list, {
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
    handle: list.querySelector("[data-grip]") ? "[data-grip]" : undefined,
    onEnd: (event) => nested(list, event) || refresh(),
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-up], [data-down]");
    if (!button) return;
    event.preventDefault();
    move(button.closest("li, [data-id]"), button.matches("[data-up]") ? -1 : 1);
    if (button.disabled) button.closest("li, [data-id]").querySelector("[data-up]:enabled, [data-down]:enabled")?.focus();
    else button.focus();
  });
  list.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const row = event.target.closest("li, [data-id]");
    if (!row) return;
    event.preventDefault();
    const focused = document.activeElement;
    move(row, event.key === "ArrowUp" ? -1 : 1);
    focused.focus();
  });
}

// A row dropped on the heading of another list goes there: data-nests names the form that says so.
function nested(list, { item, originalEvent: at }) {
  const form = document.getElementById(list.dataset.nests ?? "");
  const under = at && form ? document.elementFromPoint(at.clientX, at.clientY)?.closest("[data-nest]") : null;
  if (!under || under.dataset.nest === list.dataset.parent) return false;
  const typed = { column: item.dataset.id, version: item.dataset.version, parent: under.dataset.nest, here: item.dataset.id };
  for (const [name, value] of Object.entries(typed)) form.elements[name].value = value;
  list.dataset.away = ""; // its own order is not to be sent any more
  form.requestSubmit();
  return true;
}

// `/` opens the search, `?` the list of keys, which shows those of the page at hand. Keys pressed in a field belong to the field.
import { typing } from "./shared.js";

export function start(dialog) {
  document.addEventListener("keydown", (event) => {
    if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "/" || event.key === "／") {
      const search = document.getElementById("palette");
      if (!search) return;
      event.preventDefault();
      search.showModal();
      search.querySelector("input").select();
    } else if (event.key === "?" || event.key === "？") {
      event.preventDefault();
      list(dialog);
      dialog.showModal();
    }
  });
  for (const opener of document.querySelectorAll(`[data-open="${dialog.id}"]`)) opener.addEventListener("click", () => list(dialog));
}

function list(dialog) {
  for (const row of dialog.querySelectorAll("[data-on]")) row.hidden = !document.querySelector(row.dataset.on);
  for (const row of dialog.querySelectorAll("[data-of-control]")) row.remove();
  const keys = new Set();
  for (const control of document.querySelectorAll("[data-shortcut]:not(:disabled)")) {
    const key = control.dataset.shortcut.toUpperCase();
    if (keys.has(key)) continue;
    keys.add(key);
    dialog.querySelector("dl").append(row(key, words(control)));
  }
}

function row(key, label) {
  const made = document.createElement("div");
  made.dataset.ofControl = "";
  const [term, pressed, told] = ["dt", "kbd", "dd"].map((name) => document.createElement(name));
  pressed.textContent = key;
  told.textContent = label;
  term.append(pressed);
  made.append(term, told);
  return made;
}

function words(control) {
  const copy = control.cloneNode(true);
  for (const key of copy.querySelectorAll("kbd")) key.remove();
  return (control.getAttribute("aria-label") ?? copy.textContent).trim();
}

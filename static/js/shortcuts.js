// `/` goes to the search box, `?` opens the list of keys. Keys pressed in a field belong to the field.
import { typing } from "./shared.js";

export function start(dialog) {
  document.addEventListener("keydown", (event) => {
    if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const search = [...document.querySelectorAll("[data-search]")].at(-1);
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "?" || event.key === "？") {
      event.preventDefault();
      dialog.showModal();
    }
  });
}

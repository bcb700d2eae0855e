// What a save found wrong, put at its fields without a new page; nothing typed is touched and the cursor stays where it is. A field whose
// file is still under way is not wrong yet: that is what stands there.

import { icon } from "./save-state.js";

/** `errors` are sentences with the id of their field, "" for those that fit none. */
export function showWrong(form, errors) {
  clearWrong(form);
  for (const { id, text } of errors) {
    const field = id ? document.getElementById(id) : null;
    const held = field?.closest("[data-held]")?.dataset.held;
    const place = field?.closest(".field, .sort-row .grow, .window") ?? form.querySelector(".fields") ?? form;
    const said = document.createElement("p");
    said.className = "field-error";
    said.dataset.found = "";
    const sentence = document.createElement("span");
    sentence.textContent = held ?? text;
    said.toggleAttribute("data-held-back", held !== undefined);
    said.append(icon("alert-circle"), sentence);
    if (field) {
      said.id = `${id}-found`;
      field.setAttribute("aria-invalid", "true");
      field.dataset.found = "";
    }
    place.append(said);
  }
}

/** Takes away what the last save, or the server's own page, had found wrong. */
export function clearWrong(form) {
  for (const said of form.querySelectorAll(".field-error, .errors")) said.remove();
  for (const field of form.querySelectorAll("[aria-invalid=true]")) field.removeAttribute("aria-invalid");
}

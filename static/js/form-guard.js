// Nothing typed is lost: warns before leaving, keeps what was typed in this tab until the server has accepted it, and puts it
// back when the same form is opened again, also after the session ran out. Passwords, files and tokens are never kept.

import { PREFIX, markSent, read } from "./drafts.js";

const NEVER = new Set(["password", "file", "hidden", "submit", "button"]);

export function start(form) {
  let key = PREFIX + form.dataset.key;
  const wrong = form.querySelector("[aria-invalid=true], .errors") !== null;
  let dirty = wrong;
  let leaving = false;

  if (!wrong && restore(form, key)) {
    dirty = true;
    form.dataset.unsaved = ""; // for the module that saves by itself
  }

  form.addEventListener("input", (event) => {
    if (event.isComposing) return;
    dirty = true;
    keep(form, key);
  });
  form.addEventListener("change", () => {
    dirty = true;
    keep(form, key);
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    leaving = true;
    markSent(key);
  });
  // A page that saves by itself has nothing to lose once all of it is saved, nor when what was typed is given up.
  form.addEventListener("zone:saved", ({ detail }) => {
    dirty = !detail.done;
    if (dirty) keep(form, key);
    else sessionStorage.removeItem(key);
  });
  form.addEventListener("zone:given-up", () => {
    leaving = true;
    sessionStorage.removeItem(key);
  });
  form.addEventListener("zone:adopted", ({ detail }) => {
    sessionStorage.removeItem(key);
    form.dataset.key = detail.key;
    key = PREFIX + detail.key;
  });
  addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
  for (const discard of form.querySelectorAll("[data-discard]")) {
    discard.addEventListener("click", () => {
      leaving = true;
      sessionStorage.removeItem(key);
    });
  }
}

function fields(form) {
  return [...form.elements].filter((field) => field.name && !NEVER.has(field.type) && field.autocomplete !== "one-time-code");
}

function keep(form, key) {
  const version = form.elements.version?.value ?? "";
  const values = fields(form).map((field) => [
    field.name,
    field.value,
    field.type === "checkbox" || field.type === "radio" ? field.checked : null,
  ]);
  try {
    sessionStorage.setItem(key, JSON.stringify({ version, values }));
  } catch {
    // A full store is no reason to stop a person from typing.
  }
}

// Puts kept values back where they differ; a form of another version is left alone, its conflict page shows both.
function restore(form, key) {
  const kept = read(key);
  if (!kept || kept.version !== (form.elements.version?.value ?? "")) return false;
  const left = fields(form);
  let restored = false;
  for (const [name, value, checked] of kept.values) {
    const at = left.findIndex((field) => field.name === name && (checked === null || field.value === value));
    if (at < 0) continue;
    const [field] = left.splice(at, 1);
    if (checked === null ? field.value === value : field.checked === checked) continue;
    if (checked === null) field.value = value;
    else field.checked = checked;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    restored = true;
  }
  return restored;
}

// An editor's form is not saved by its buttons while a file that belongs in it is still under way: "choose a video" is no answer to somebody
// who has. Everything stays as it is, and the sentence stands at the file's field. A picture is there in a moment: with it the form is sent.

import { announce } from "./shared.js";
import { showWrong } from "./wrong-fields.js";

/** `root` says by itself (data-held, the sentence) whether something is under way to it, and with data-then-saves that the form waits for it. */
export function holdBack(root) {
  const form = root.closest("form");
  if (form === root) return; // it is sent by what arrives
  const field = root.querySelector('input[type="file"]');
  let waiting = null;
  // Before the form's own listeners, which would take the page for left.
  document.addEventListener("submit", (event) => {
    const button = event.submitter?.name ?? "";
    if (event.target !== form || !["", "submit_now"].includes(button) || !root.dataset.held || root.offsetParent === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (root.dataset.thenSaves !== undefined) waiting = { button: event.submitter };
    showWrong(form, [{ id: field.id, text: root.dataset.held }]);
    announce(root.dataset.held);
    field.focus();
  }, true);
  root.addEventListener("zone:under-way", () => (waiting = null));
  root.addEventListener("zone:arrived", () => {
    const { button } = waiting ?? {};
    // Once the field has chosen it.
    if (waiting) setTimeout(() => form.requestSubmit(button ?? undefined));
    waiting = null;
  });
}

/** Says, or no longer says, that a form cannot be saved for now. */
export function hold(root, text) {
  if (text) return void (root.dataset.held = text);
  if (!root.dataset.held) return;
  delete root.dataset.held;
  for (const said of root.closest(".field")?.querySelectorAll(".field-error[data-held-back]") ?? []) {
    said.remove();
    root.querySelector('input[type="file"]').removeAttribute("aria-invalid");
  }
}

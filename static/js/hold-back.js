// An editor's form is not saved by its buttons while a file that belongs in it is still under way: leaving the page would break the upload off,
// and "choose a video" is no answer to somebody who has. Everything stays as it is; the sentence stands at the file's field.

import { announce } from "./shared.js";
import { showWrong } from "./wrong-fields.js";

/** `root` says by itself (data-held, the sentence) whether something is under way to it. */
export function holdBack(root) {
  const form = root.closest("form");
  if (form === root) return; // it is sent by what arrives
  const field = root.querySelector('input[type="file"]');
  // Before the form's own listeners, which would take the page for left.
  document.addEventListener("submit", (event) => {
    const button = event.submitter?.name ?? "";
    if (event.target !== form || !["", "submit_now"].includes(button) || !root.dataset.held || root.offsetParent === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    showWrong(form, [{ id: field.id, text: root.dataset.held }]);
    announce(root.dataset.held);
    field.focus();
  }, true);
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

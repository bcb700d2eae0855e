// Asks before a form is sent: data-confirm names the dialog that says what will happen.
import { composing } from "./shared.js";

export function start(form) {
  const dialog = document.getElementById(form.dataset.confirm);
  if (!dialog) return;
  const yes = dialog.querySelector("[data-yes]");
  const typed = dialog.querySelector("[data-type-this]");
  let submitter = null;
  let agreed = false;

  form.addEventListener("submit", (event) => {
    if (agreed || event.submitter?.dataset.unasked !== undefined) return;
    event.preventDefault();
    submitter = event.submitter;
    dialog.pending = form;
    if (typed) {
      typed.value = "";
      yes.disabled = true;
    }
    dialog.showModal();
  });
  typed?.addEventListener("input", (event) => {
    if (composing(event)) return;
    yes.disabled = typed.value.normalize("NFKC").trim() !== typed.dataset.typeThis.normalize("NFKC").trim();
  });
  yes.addEventListener("click", () => {
    if (dialog.pending !== form) return;
    agreed = true;
    dialog.close();
    form.requestSubmit(submitter ?? undefined);
  });
}

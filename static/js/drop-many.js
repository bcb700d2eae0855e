// Files dropped on it, or chosen in it, are sent at once. data-button names the submit button that says so in a larger form.
import { takeDropped } from "./shared.js";

export function start(box) {
  const input = box.querySelector('input[type="file"]');
  const form = box.closest("form");
  const button = box.dataset.button
    ? form.querySelector(`button[name="${CSS.escape(box.dataset.button)}"]`)
    : box.querySelector('button[type="submit"]');

  takeDropped(box, (files) => {
    input.files = files;
    form.requestSubmit(button);
  });
  input.addEventListener("change", () => {
    if (input.files.length > 0) form.requestSubmit(button);
  });
}

// Files dropped on it, or chosen in it, are sent at once. data-button names the submit button that says so in a larger form.

export function start(box) {
  const input = box.querySelector('input[type="file"]');
  const form = box.closest("form");
  const button = box.dataset.button
    ? form.querySelector(`button[name="${CSS.escape(box.dataset.button)}"]`)
    : box.querySelector('button[type="submit"]');

  for (const type of ["dragenter", "dragover"]) {
    box.addEventListener(type, (event) => {
      event.preventDefault();
      box.classList.add("is-over");
    });
  }
  for (const type of ["dragleave", "drop"]) box.addEventListener(type, () => box.classList.remove("is-over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit(button);
  });
  input.addEventListener("change", () => {
    if (input.files.length > 0) form.requestSubmit(button);
  });
}

// A native dialog: the cross and the veil close it, focus goes back to what opened it (the browser does that).

export function start(dialog) {
  for (const closer of dialog.querySelectorAll("[data-close]")) {
    closer.addEventListener("click", () => dialog.close());
  }
  dialog.addEventListener("pointerdown", (event) => {
    if (event.target !== dialog) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  });
  // A server that refused what the dialog sent shows the page again with the dialog open.
  if (dialog.dataset.openNow !== undefined || dialog.querySelector("[aria-invalid=true], .errors")) dialog.showModal();
}

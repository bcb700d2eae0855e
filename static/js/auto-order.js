// Sends the form of a list's order once the list has come to rest; several moves in a row are one change.

const REST = 700;

export function start(form) {
  const list = document.querySelector(`[data-form="${CSS.escape(form.id)}"]`);
  if (!list) return;
  let timer = null;
  list.addEventListener("change", (event) => {
    if (event.target !== list) return;
    clearTimeout(timer);
    timer = setTimeout(() => list.dataset.away === undefined && form.requestSubmit(), REST);
  });
}

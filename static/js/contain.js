// A sortable list inside another one keeps its moves to itself.

export function start(list) {
  list.addEventListener("click", (event) => {
    if (event.target.closest("[data-up], [data-down]")) event.stopPropagation();
  });
  list.addEventListener("keydown", (event) => {
    if (event.altKey) event.stopPropagation();
  });
}

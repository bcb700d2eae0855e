// Files that were dropped together are made into something as soon as all have come, in the order in which they were dropped. Where one was refused
// the page stays, so that the reason can be read, and a button goes on with the others.

export function start(form) {
  const come = new Map();
  form.addEventListener("zone:arrived", ({ detail }) => {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "asset";
    field.value = detail.file.sha256;
    come.set(detail.turn, field);
    form.append(...[...come].sort(([one], [other]) => one - other).map(([, each]) => each));
    if (detail.left > 0) return;
    const go = form.querySelector("[data-make]");
    go.classList.remove("no-js-only");
    if (form.querySelector("[data-state=refused]") === null) form.requestSubmit(go);
  });
}

// Files that were dropped on a column become its items as soon as all have come. Where one was refused the page stays, so that the reason can
// be read, and a button goes on with the others.

export function start(form) {
  form.addEventListener("zone:arrived", ({ detail }) => {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "asset";
    field.value = detail.file.sha256;
    form.append(field);
    if (detail.left > 0) return;
    const go = form.querySelector("[data-make]");
    go.classList.remove("no-js-only");
    if (form.querySelector("[data-state=refused]") === null) form.requestSubmit(go);
  });
}

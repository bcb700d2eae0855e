// Chooses rows of a table and shows the bar that acts on them. Shift selects a range.

export function start(form) {
  const bar = form.querySelector("[data-bulk]");
  const head = form.querySelector("[data-check-all]");
  const boxes = () => [...form.querySelectorAll(".row-check")];
  const all = bar.querySelector("[data-all]");
  const allField = bar.querySelector("[data-all-field]");
  let last = null;

  const show = () => {
    const rows = boxes();
    const chosen = rows.filter((box) => box.checked).length;
    const everything = allField && !allField.disabled;
    bar.hidden = chosen === 0;
    bar.querySelector("[data-count]").textContent = everything ? Number(all.dataset.all).toLocaleString("en") : String(chosen);
    if (head) {
      head.checked = chosen > 0 && chosen === rows.length;
      head.indeterminate = chosen > 0 && chosen < rows.length;
    }
    if (all) all.hidden = everything || chosen < rows.length;
  };
  const onlyThese = () => {
    if (allField) allField.disabled = true;
  };

  form.addEventListener("click", (event) => {
    const box = event.target.closest(".row-check");
    if (!box) return;
    if (event.shiftKey && last) {
      const rows = boxes();
      const [from, to] = [rows.indexOf(last), rows.indexOf(box)].sort((a, b) => a - b);
      for (const row of rows.slice(from, to + 1)) row.checked = box.checked;
    }
    last = box;
  });
  form.addEventListener("change", (event) => {
    if (event.target === head) for (const box of boxes()) box.checked = head.checked;
    onlyThese();
    show();
  });
  all?.addEventListener("click", () => {
    allField.disabled = false;
    show();
  });
  // A dialog that asks first says what is done with how many.
  form.addEventListener("submit", (event) => {
    for (const place of document.querySelectorAll("[data-chosen-count]")) place.textContent = bar.querySelector("[data-count]").textContent;
    for (const place of document.querySelectorAll("[data-chosen-act]")) place.textContent = event.submitter?.textContent.trim() ?? "";
  });
  bar.querySelector("[data-none]").addEventListener("click", () => {
    for (const box of boxes()) box.checked = false;
    onlyThese();
    show();
  });
  show();
}

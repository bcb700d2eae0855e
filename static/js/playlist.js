// Entries of a playlist come and go without the page being loaded anew, so that each is a step that can be taken back.

import { announce, changed, csrfToken } from "./shared.js";

export function start(box) {
  const { dataset } = box;
  const form = box.closest("form");
  const list = box.querySelector("ol");
  const none = box.querySelector("[data-none]");
  const say = (text) => announce(text);
  let queue = Promise.resolve(); // one after another, so that numbers stay apart

  const show = () => (none.hidden = list.children.length > 0);

  /** Rows keep the numbers of their fields' names; the order is that of the rows. */
  const next = () => 1 + Math.max(-1, ...[...list.querySelectorAll("[name=row]")].map((field) => Number(field.value)));

  async function append(shas) {
    if (list.children.length + shas.length > Number(dataset.most)) return say(dataset.full);
    const body = new FormData();
    for (const sha256 of shas) body.append("asset", sha256);
    body.set("number", String(next()));
    const headers = { "X-CSRFToken": csrfToken(), Accept: "text/html" };
    const answer = await fetch(dataset.rowsFrom, { method: "POST", body, headers }).catch(() => null);
    if (!answer?.ok) return say(dataset.failed);
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    list.append(...[...made.querySelectorAll("li.sort-row")].map((row) => document.importNode(row, true)));
    refreshed();
    return say(dataset.added);
  }

  function refreshed() {
    for (const [index, row] of [...list.children].entries()) {
      row.querySelector("[data-up]").disabled = index === 0;
      row.querySelector("[data-down]").disabled = index === list.children.length - 1;
    }
    show();
    changed(list);
  }

  const add = (shas) => (queue = queue.then(() => append(shas)));

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[name=remove_item]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    const beside = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    refreshed();
    (beside?.querySelector("[name=remove_item]") ?? box).focus();
    say(dataset.removed);
  });
  list.addEventListener("change", show); // a step was taken back
  form.addEventListener("zone:arrived", ({ detail }) => add([detail.file.sha256]));
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[name=add_files]");
    if (!button) return;
    event.preventDefault();
    const chosen = [...form.querySelectorAll("[name=added]:checked")];
    for (const one of chosen) one.checked = false;
    if (chosen.length > 0) add(chosen.map((one) => one.value));
  });
}

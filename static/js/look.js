// What is typed stands on the television at once, saved or not: the server draws the form as it is, by the rules of a publication. A form
// that could not be saved draws nothing; the television keeps what it shows.

const REST = 120;
const LONGEST = 240; // while somebody goes on typing

export function start(form) {
  let timer = null;
  let since = null;
  let under = false;

  const change = (event) => {
    if (event.isComposing || event.target.closest?.("[data-apart]") || event.target.type === "file") return;
    since ??= performance.now();
    clearTimeout(timer);
    timer = setTimeout(draw, Math.max(0, Math.min(REST, LONGEST - (performance.now() - since))));
  };

  async function draw() {
    if (under || since === null || !document.querySelector("[data-drafts]")) return;
    under = true;
    const at = since;
    since = null;
    const text = await drawn(form);
    under = false;
    if (text !== null) document.dispatchEvent(new CustomEvent("zone:look", { detail: { text, at } }));
    if (since !== null) draw();
  }

  form.addEventListener("input", change);
  form.addEventListener("compositionend", change);
  form.addEventListener("change", change);
  document.querySelector("[name=tv-group]")?.addEventListener("change", () => form.dataset.unsaved !== undefined && change({ target: form }));
}

async function drawn(form) {
  const body = new FormData(form);
  for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
  body.set("object_id", form.dataset.object);
  const address = new URL(form.dataset.look, location.href);
  const group = document.querySelector("[name=tv-group]")?.value ?? document.querySelector("[data-drafts]").dataset.group;
  if (group) address.searchParams.set("group", group);
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.status === 200 ? answer.text() : null;
}

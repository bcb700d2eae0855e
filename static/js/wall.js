// A wall of pictures that refreshes itself: tiles that changed are taken from the server, which counts it as no activity. A tile opens
// large over the wall; the arrows go on to the next one. Without scripts a tile leads to the page of its box.

const PAUSE = 15_000;
const SOON = 5_000;

export function start(root) {
  const dialog = root.querySelector("[data-wall-look]");
  const large = dialog.querySelector("[data-wall-large]");
  const links = () => [...root.querySelectorAll("[data-look]")];
  let timer = 0;
  let open = null;

  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, root.querySelector(".wall-asked .i-s") ? SOON : PAUSE);
  };

  async function refresh() {
    if (!document.hidden) {
      const page = await fetched(root.dataset.tiles);
      if (page) merge(root.querySelector("[data-wall-page]"), page.querySelector("[data-wall-page]"));
    }
    again();
  }

  async function show(link) {
    open = link.closest("[data-box]").dataset.box;
    const page = await fetched(link.dataset.look);
    if (!page) return;
    large.replaceChildren(...page.body.children);
    if (!dialog.open) dialog.showModal();
  }

  function step(by) {
    const all = links();
    const at = all.findIndex((link) => link.closest("[data-box]").dataset.box === open);
    if (all.length > 0) show(all[(at + by + all.length) % all.length]);
  }

  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-look]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    show(link);
  });
  dialog.querySelector("[data-before]").addEventListener("click", () => step(-1));
  dialog.querySelector("[data-after]").addEventListener("click", () => step(1));
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  // The tile may have been drawn anew meanwhile, and then the browser has nothing to give the focus back to.
  dialog.addEventListener("close", () => links().find((link) => link.closest("[data-box]").dataset.box === open)?.focus());
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  again();
}

// A page of the server, or null where there is none; a session that has ended is told to whoever asks to sign in again.
async function fetched(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, redirect: "manual" });
    if (answer.status === 401 || answer.type === "opaqueredirect") document.dispatchEvent(new CustomEvent("zone:session-over"));
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null; // no network: the wall stays as it is
  }
}

function merge(now, fresh) {
  if (!now || !fresh) return;
  const old = new Map([...now.querySelectorAll("[data-box]")].map((tile) => [tile.dataset.box, tile]));
  const list = now.querySelector("ul");
  const focused = document.activeElement?.closest?.("[data-box]")?.dataset.box;
  const tiles = [...fresh.querySelectorAll("[data-box]")].map((tile) => {
    const before = old.get(tile.dataset.box);
    if (before?.outerHTML === tile.outerHTML) return before;
    const [picture, same] = [before?.querySelector("img"), tile.querySelector("img")];
    if (picture && same && picture.getAttribute("src") === same.getAttribute("src")) same.replaceWith(picture);
    return document.importNode(tile, true);
  });
  list.replaceChildren(...tiles);
  if (focused && !document.activeElement?.closest?.("[data-box]")) list.querySelector(`[data-box="${focused}"] a`)?.focus();
  now.querySelector(".pager")?.replaceWith(fresh.querySelector(".pager") ?? "");
}

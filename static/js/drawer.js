// The menu on a phone: opens over the page, keeps focus inside, closes on Escape, on the veil, and on the way back.

export function start(rail) {
  const page = document.getElementById("main");
  const opener = document.querySelector("[data-drawer-open]");
  if (!opener) return;

  const toggle = (open) => {
    rail.classList.toggle("is-open", open);
    page.inert = open;
    if (open) rail.querySelector("[data-drawer-close]")?.focus();
    else opener.focus();
  };
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    toggle(true);
  });
  for (const closer of document.querySelectorAll("[data-drawer-close]")) {
    closer.addEventListener("click", (event) => {
      event.preventDefault();
      toggle(false);
    });
  }
  rail.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && rail.classList.contains("is-open")) toggle(false);
  });
  matchMedia("(min-width: 721px)").addEventListener("change", (event) => {
    if (event.matches && rail.classList.contains("is-open")) toggle(false);
  });
  const menu = rail.querySelector(".menu");
  const here = menu?.querySelector("[aria-current]");
  if (here) reveal(menu, here);
}

/** Scrolls the menu alone: scrollIntoView would take the page along and hide its heading under the bar. */
function reveal(menu, here) {
  const [frame, link] = [menu.getBoundingClientRect(), here.getBoundingClientRect()];
  if (link.bottom > frame.bottom) menu.scrollTop += link.bottom - frame.top - frame.height / 2;
}

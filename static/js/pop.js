// A menu made of <details>: closes on Escape, on a click elsewhere, and when focus leaves; arrows move inside. It opens above everything,
// beside its button and within the window: no panel, table or pane that it stands in cuts it off.

const GAP = 6;
const EDGE = 8;

export function start(menu) {
  const summary = menu.querySelector("summary");
  const body = menu.querySelector(".pop-body");
  if (body.showPopover) lift(menu, summary, body);
  const close = (focus) => {
    if (!menu.open) return;
    menu.open = false;
    if (focus) summary.focus();
  };
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) close(false);
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close(false);
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      event.stopPropagation();
      close(true);
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [...menu.querySelectorAll(".pop-body a, .pop-body button")].filter((one) => !one.closest("[hidden]"));
    if (!menu.open || stops.length === 0) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  });
}

/** Puts the menu into the top layer while it is open; a browser that has none leaves it where the style sheet says. */
function lift(menu, summary, body) {
  body.popover = "manual";
  const follow = () => place(summary, body, menu.classList.contains("is-up"));
  menu.addEventListener("toggle", () => {
    body.togglePopover(menu.open);
    const act = menu.open ? "addEventListener" : "removeEventListener";
    globalThis[act]("scroll", follow, { capture: true, passive: true });
    globalThis[act]("resize", follow);
    if (menu.open) follow();
  });
}

/** Below its button, or above where there is more room; never beyond an edge of the window, and scrolled where it is too high. */
function place(summary, body, up) {
  const { clientWidth, clientHeight } = document.documentElement;
  const at = summary.getBoundingClientRect();
  const below = clientHeight - at.bottom - GAP - EDGE;
  const above = at.top - GAP - EDGE;
  const width = body.offsetWidth;
  const height = body.scrollHeight;
  const over = up ? height <= above || above > below : height > below && above > below;
  const room = Math.max(over ? above : below, 0);
  const left = body.classList.contains("left") ? at.left : at.right - width;
  body.style.setProperty("left", `${Math.max(EDGE, Math.min(left, clientWidth - width - EDGE))}px`);
  body.style.setProperty("top", `${over ? at.top - GAP - Math.min(height, room) : at.bottom + GAP}px`);
  body.style.setProperty("max-height", `${room}px`);
}

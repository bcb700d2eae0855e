// A menu made of <details>: closes on Escape, on a click elsewhere, and when focus leaves; arrows move inside.

export function start(menu) {
  const summary = menu.querySelector("summary");
  const close = (focus) => {
    if (!menu.open) return;
    menu.open = false;
    if (focus) summary.focus();
  };
  menu.addEventListener("toggle", () => menu.open && keepInSight(menu.querySelector(".pop-body")));
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
    const stops = [...menu.querySelectorAll(".pop-body a, .pop-body button")];
    if (!menu.open || stops.length === 0) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  });
}

/** A menu at the left of a panel opens to the right, where nothing cuts it off. */
function keepInSight(body) {
  let frame = body.parentElement;
  while (frame !== document.documentElement && getComputedStyle(frame).overflowX === "visible") frame = frame.parentElement;
  if (body.getBoundingClientRect().left < frame.getBoundingClientRect().left) body.classList.add("left");
}

// Counts down and goes away; while it is pointed at or holds focus the clock stands still.

export function start(bar) {
  const out = bar.querySelector("[data-left]");
  let left = Number(bar.dataset.seconds);
  let paused = false;
  for (const type of ["pointerenter", "focusin"]) bar.addEventListener(type, () => (paused = true));
  for (const type of ["pointerleave", "focusout"]) bar.addEventListener(type, () => (paused = false));
  const timer = setInterval(() => {
    if (paused) return;
    left -= 1;
    out.textContent = String(left);
    if (left > 0) return;
    clearInterval(timer);
    bar.remove();
  }, 1000);
}

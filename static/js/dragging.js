// A drag by mouse, pen or finger. A mouse drags once it has moved a little, so that a click stays a click; a finger after it has rested,
// so that it scrolls the page otherwise.

const STARTS = 4; // pixels
const RESTS = 350; // milliseconds

/** Follows the pointer from `begin` (pointerdown) on: `start()` when it has become a drag, `move(event)`, `end(event, dropped)`. */
export function follow(begin, { start, move, end }) {
  const touch = begin.pointerType === "touch";
  const from = begin.target;
  let dragging = false;
  const go = () => {
    dragging = true;
    start();
    move(begin);
  };
  const timer = touch ? setTimeout(go, RESTS) : null;

  const moved = (event) => {
    if (event.pointerId !== begin.pointerId) return;
    const far = Math.hypot(event.clientX - begin.clientX, event.clientY - begin.clientY) >= STARTS;
    if (!dragging && touch && far) return finish(event); // it scrolls
    if (!dragging && !far) return;
    if (!dragging) go();
    else move(event);
  };
  const finish = (event) => {
    if (event.pointerId !== begin.pointerId) return;
    clearTimeout(timer);
    for (const [type, act] of heard) removeEventListener(type, act);
    for (const [type, act] of held) from.removeEventListener(type, act);
    if (!dragging) return;
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }));
    end(event, event.type === "pointerup");
  };
  const hold = (event) => dragging && event.cancelable && event.preventDefault();
  const heard = [["pointermove", moved], ["pointerup", finish], ["pointercancel", finish]];
  const held = [["touchmove", hold], ["contextmenu", hold]];
  for (const [type, act] of heard) addEventListener(type, act);
  for (const [type, act] of held) from.addEventListener(type, act, { passive: false });
}

function swallow(click) {
  click.preventDefault();
  click.stopPropagation();
}

// The review desk by keyboard: J and K go through the queue, M to the reason; any control with data-shortcut is pressed by its key (A, R, B,
// N, T). Returning asks for its reason first. Keys that are pressed on the television and mean nothing there count here too.
import { announce, typing } from "./shared.js";

export function start(desk) {
  const step = (by) => {
    const all = [...desk.querySelectorAll(".q-item")];
    const here = all.findIndex((item) => item.hasAttribute("aria-current"));
    all[here + by]?.click();
  };
  const press = (pressed) => {
    const key = pressed.toLowerCase();
    if (document.querySelector("dialog[open]")) return false;
    if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "m") desk.querySelector("#reason")?.focus();
    else {
      const control = desk.querySelector(`[data-shortcut="${CSS.escape(key)}"]:not(:disabled)`);
      if (!control || control.offsetParent === null) return false;
      control.click();
    }
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (press(event.key)) event.preventDefault();
  });
  document.addEventListener("desk:key", ({ detail }) => press(detail));
  desk.querySelector(".decide")?.addEventListener("submit", (event) => askForReason(event, desk), { capture: true });
  desk.addEventListener("keydown", returnFromReason, { capture: true });
  desk.querySelector(".q-item[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Ctrl+Enter in a reason returns, as Enter does in its line: what is sent needs a decision. */
function returnFromReason(event) {
  const { target, key, isComposing } = event;
  if (key !== "Enter" || !(event.ctrlKey || event.metaKey) || isComposing || target.name !== "reason") return;
  event.preventDefault();
  event.stopPropagation();
  target.form.requestSubmit(target.form.querySelector("[name=decision][value=return]"));
}

/** Nothing is returned without a word: the field is shown, and nothing is sent. */
function askForReason(event, desk) {
  const reason = desk.querySelector("#reason");
  if (event.submitter?.value !== "return" || !reason || reason.value.trim()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  reason.focus();
  announce(reason.placeholder);
}

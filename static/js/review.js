// The review desk by keyboard: J and K go through the queue; any control with data-shortcut is pressed by its key (A, R, B).
import { typing } from "./shared.js";

export function start(desk) {
  const items = () => [...desk.querySelectorAll(".q-item")];
  const step = (by) => {
    const all = items();
    const here = all.findIndex((item) => item.hasAttribute("aria-current"));
    all[here + by]?.click();
  };
  document.addEventListener("keydown", (event) => {
    if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key === "j") step(1);
    else if (key === "k") step(-1);
    else {
      const control = desk.querySelector(`[data-shortcut="${CSS.escape(key)}"]:not(:disabled)`);
      if (!control) return;
      event.preventDefault();
      control.click();
    }
  });
  desk.querySelector(".q-item[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

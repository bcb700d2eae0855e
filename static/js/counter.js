// Counts what is typed as the server will: code points after folding; says nothing while an input method composes.
import { countCharacters } from "./shared.js";

export function start(field) {
  const out = document.querySelector(`[data-counter-for="${CSS.escape(field.id)}"] [data-counter]`);
  const most = Number(field.dataset.max);
  if (!out || !most) return;
  const show = () => {
    const count = countCharacters(field.value);
    out.textContent = String(count);
    out.classList.toggle("is-over", count > most);
  };
  field.addEventListener("input", (event) => {
    if (!event.isComposing) show();
  });
  field.addEventListener("compositionend", show);
  show();
}

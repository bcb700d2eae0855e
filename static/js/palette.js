// The dialog that `/` opens: asks the server while one types, and walks through what it found with the arrow keys.
import { composing } from "./shared.js";

const REST = 120;

export function start(dialog) {
  const input = dialog.querySelector("input");
  const place = dialog.querySelector("[data-found]");
  let timer = null;
  let asked = null;

  const links = () => [...place.querySelectorAll("a")];
  const choose = (link) => {
    for (const each of links()) each.classList.toggle("is-chosen", each === link);
    link?.scrollIntoView({ block: "nearest" });
  };
  const chosen = () => place.querySelector("a.is-chosen");

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const address = new URL(dialog.dataset.href, location.href);
    address.searchParams.set("q", input.value);
    const { signal } = asked;
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal }).catch(() => null);
    if (signal.aborted || !answer) return;
    if (answer.redirected || answer.status !== 200) return void location.reload(); // signed out meanwhile: the page says so
    place.innerHTML = await answer.text();
    choose(links()[0]);
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, REST);
  };
  input.addEventListener("input", (event) => event.isComposing || soon());
  input.addEventListener("compositionend", soon);

  dialog.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const all = links();
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length > 0) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
    } else if (event.key === "Escape") {
      event.preventDefault(); // a search field would only empty itself
      dialog.close();
    } else if (event.key === "Enter" && event.target === input && chosen()) {
      event.preventDefault();
      chosen().click();
    }
  });
  dialog.addEventListener("close", () => clearTimeout(timer));
}

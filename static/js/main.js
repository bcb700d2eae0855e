// Binds behaviour to markup: each element with data-module="a b" gets start(element) of ./a.js and ./b.js, once.
// Pages work without scripts; a module only makes them better.

import { settle } from "./drafts.js";

const version = new URL(import.meta.url).search;
const bound = new WeakMap();

async function bind(element) {
  const names = element.dataset.module.split(/\s+/).filter(Boolean);
  const done = bound.get(element) ?? new Set();
  bound.set(element, done);
  for (const name of names) {
    if (done.has(name) || !/^[a-z-]+$/.test(name)) continue;
    done.add(name);
    const module = await import(`./${name}.js${version}`);
    module.start(element);
  }
}

function bindAll(root) {
  const found = [...(root.querySelectorAll?.("[data-module]") ?? [])];
  if (root.matches?.("[data-module]")) found.unshift(root);
  return Promise.all(found.map(bind));
}

// early.js has chosen a theme; a device that changes its own takes the page along.
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => {
  if (document.documentElement.dataset.themeChoice === "auto") {
    document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light";
  }
});

settle();
// From then on every control does what it promises: whoever drives the page by machine waits for it.
bindAll(document).then(() => document.documentElement.classList.add("is-bound"));
document.addEventListener("htmx:load", (event) => bindAll(event.target));
document.addEventListener("zone:added", (event) => bindAll(event.target));

// Any control with data-open="<id>" opens that dialog.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-open]");
  const dialog = opener && document.getElementById(opener.dataset.open);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
});

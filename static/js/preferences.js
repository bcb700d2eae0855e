// Theme and density change at once and are stored on the server; the language needs the page anew.

export function start(form) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name === "lang") return;
    event.preventDefault();
    const root = document.documentElement;
    if (button.name === "density") root.dataset.density = button.value;
    if (button.name === "theme") setTheme(root, button.value);
    for (const other of form.querySelectorAll(`button[name="${button.name}"]`)) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    const body = new FormData(form);
    body.set(button.name, button.value);
    fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
  });
}

function setTheme(root, value) {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.themeChoice = value;
  root.dataset.bsTheme = value === "auto" ? (dark ? "dark" : "light") : value;
}

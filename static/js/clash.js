// A conflict: editing pauses, both versions stand side by side over the page, and whoever sits here chooses. Escape chooses nothing.

/** Shows both sides and answers true for mine, false for theirs. */
export function clash(form, told, html) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog x-wide";
  dialog.setAttribute("aria-labelledby", "clash-title");
  const made = new DOMParser().parseFromString(html, "text/html").body;
  const heading = element("h2", told.clash);
  heading.id = "clash-title";
  const head = element("div", "", "dialog-head");
  const title = element("div", "", "grow");
  title.append(heading, element("p", told.both, "meta"));
  head.append(title);
  const body = element("div", "", "dialog-body");
  body.append(...[...made.childNodes].map((node) => document.importNode(node, true)));
  const buttons = element("div", "", "dialog-foot");
  dialog.append(head, body, buttons);
  document.body.append(dialog);
  form.dispatchEvent(new CustomEvent("zone:paused"));
  return new Promise((choose) => {
    for (const [label, kind, mine] of [[told.theirs, "", false], [told.mine, "btn-primary", true]]) {
      const button = element("button", label, `btn ${kind}`);
      button.type = "button";
      button.dataset.choose = mine ? "mine" : "theirs";
      button.addEventListener("click", () => {
        dialog.close();
        dialog.remove();
        choose(mine);
      });
      buttons.append(button);
    }
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.showModal();
  });
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

// Adds and removes time windows without a round trip. Rows are numbered anew so that the server reads them in order.
import { changed } from "./shared.js";

export function start(editor) {
  const rows = editor.querySelector("[data-rows]");
  const blank = editor.querySelector("template[data-blank]");
  const none = editor.querySelector("[data-none]");
  const name = editor.dataset.name;

  const renumber = () => {
    const all = [...rows.querySelectorAll("[data-row]")];
    all.forEach((row, index) => {
      const pattern = new RegExp(`^${name}-(\\d+|__n__)-`);
      for (const element of row.querySelectorAll("[name], [id], [for]")) {
        for (const attribute of ["name", "id", "for"]) {
          const value = element.getAttribute(attribute);
          if (value && pattern.test(value)) element.setAttribute(attribute, value.replace(pattern, `${name}-${index}-`));
        }
      }
      row.querySelector("[data-remove]").value = String(index);
    });
    none.hidden = all.length > 0;
  };

  editor.addEventListener("click", (event) => {
    if (event.target.closest("[data-add]")) {
      event.preventDefault();
      rows.append(blank.content.cloneNode(true));
      renumber();
      rows.lastElementChild.querySelector("input").focus();
      changed(editor);
      return;
    }
    const remove = event.target.closest("[data-remove]");
    if (remove) {
      event.preventDefault();
      remove.closest("[data-row]").remove();
      renumber();
      editor.querySelector("[data-add]").focus();
      changed(editor);
    }
  });
}

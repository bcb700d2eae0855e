// Steps of an editor that can be taken back: Ctrl+Z and Ctrl+Shift+Z (or Ctrl+Y), and two buttons. A step is a state of the whole form,
// rows included; going back is a change like any other, which is saved and shown on the television.

import { choosePicture, chosenIn } from "./picture-field.js";
import { words } from "./save-state.js";
import { announce, changed, composing } from "./shared.js";

const REST = 400; // what is typed without a pause is one step
const MOST = 100;
const NEVER = new Set(["hidden", "file", "submit", "button", "password", "search"]);

export function start(form) {
  const told = words(form);
  const [undo, redo] = ["undo", "redo"].map((name) => form.querySelector(`[data-${name}]`));
  if (!undo) return;
  let past = [];
  let future = [];
  let now = state(form, { first: true });
  let timer = null;
  let going = false;

  const show = () => {
    undo.disabled = past.length === 0;
    redo.disabled = future.length === 0;
  };
  const keep = () => {
    clearTimeout(timer);
    timer = null;
    const then = state(form);
    if (then.key === now.key) return;
    past = [...past, now].slice(-MOST);
    future = [];
    now = then;
    show();
  };
  const go = (from, to, said) => {
    keep();
    const wanted = from.pop();
    if (!wanted) return;
    to.push(now);
    going = true;
    restore(form, wanted);
    going = false;
    now = wanted;
    show();
    announce(said);
  };

  const noted = (event) => {
    if (going || event.isComposing || event.target.closest("[data-apart]")) return;
    clearTimeout(timer);
    if (event.type === "change" && !isText(event.target)) keep();
    else timer = setTimeout(keep, REST);
  };
  for (const type of ["input", "change", "compositionend"]) form.addEventListener(type, noted);
  undo.addEventListener("click", () => go(past, future, told.undone));
  redo.addEventListener("click", () => go(future, past, told.redone));
  document.addEventListener("keydown", (event) => {
    if (composing(event) || !(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const back = key === "z" && !event.shiftKey;
    const on = (key === "z" && event.shiftKey) || key === "y";
    if (!back && !on) return;
    if (event.target.closest("input, textarea, [contenteditable]") && !form.contains(event.target)) return;
    event.preventDefault();
    if (back) go(past, future, told.undone);
    else go(future, past, told.redone);
  });
  keep(); // somebody may have been quicker than the scripts
}

function isText(field) {
  return field.matches("textarea, input:not([type=checkbox], [type=radio], [type=color])");
}

function fields(form) {
  return [...form.elements].filter((field) => field.name && !NEVER.has(field.type) && !field.closest("[data-apart], .picks"));
}

/** Everything that can be changed: which rows there are in which order, what each field holds (`first`: as the server wrote it), which
    pictures are chosen. */
function state(form, { first = false } = {}) {
  const rows = [...form.querySelectorAll("[data-rows], ol.sortable")].map((list) => [list, [...list.children]]);
  const values = fields(form).map((field) => (first ? written(field) : [field, field.value, field.checked ?? false]));
  const pictures = [...form.querySelectorAll(".picture-field")].map((field) => [field.dataset.name, chosenIn(field)]);
  const key = JSON.stringify([rows.map(([, kept]) => kept.map(idOf)), values.map(([field, value, checked]) => [field.name, value, checked]), pictures]);
  return { rows, values, pictures, key };
}

function written(field) {
  const value = field.options ? ([...field.options].find((option) => option.defaultSelected)?.value ?? field.value) : field.defaultValue;
  const ticks = field.type === "checkbox" || field.type === "radio";
  return [field, ticks ? field.value : value, field.defaultChecked ?? false];
}

const ids = new WeakMap();
let last = 0;

function idOf(row) {
  if (!ids.has(row)) ids.set(row, ++last);
  return ids.get(row);
}

function restore(form, { rows, values, pictures }) {
  for (const [list, kept] of rows) {
    if (kept.length === list.children.length && kept.every((row, index) => row === list.children[index])) continue;
    list.replaceChildren(...kept);
    changed(list);
  }
  for (const [field, value, checked] of values) {
    const same = field.value === value && (field.checked ?? false) === checked;
    if (same) continue;
    field.value = value;
    if (field.type === "checkbox" || field.type === "radio") field.checked = checked;
    changed(field);
  }
  for (const [name, sha256] of pictures) {
    const field = form.querySelector(`.picture-field[data-name="${CSS.escape(name)}"]`);
    if (field && chosenIn(field) !== sha256) choosePicture(form, name, sha256);
  }
}

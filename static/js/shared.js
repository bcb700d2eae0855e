// What several modules need.

/** Characters as people count them: code points of the folded text, so that a full-width digit or an emoji is one. */
export function countCharacters(text) {
  return Array.from(text.normalize("NFKC")).length;
}

/** The token that a state-changing fetch must carry. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** True while an input method is composing: keys pressed now belong to it. */
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** True when a key press belongs to a field and not to the page. */
export function typing(event) {
  return composing(event) || event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
}

/** Tells a screen reader something, politely. */
export function announce(text) {
  let region = document.getElementById("announcer");
  if (!region) {
    region = document.createElement("div");
    region.id = "announcer";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = text;
}

/** Lets files be dropped on an element, which says so while they hover, and hands them over. */
export function takeDropped(box, take) {
  for (const type of ["dragenter", "dragover"]) {
    box.addEventListener(type, (event) => {
      event.preventDefault();
      box.classList.add("is-over");
    });
  }
  for (const type of ["dragleave", "drop"]) box.addEventListener(type, () => box.classList.remove("is-over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length > 0) take(event.dataTransfer.files);
  });
}

/** Announces a value of a form after a module changed it, as a person's input would. */
export function changed(element) {
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

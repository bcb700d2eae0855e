// Building elements without strings of HTML: what a document says is text wherever it stands.

/** An element with classes or attributes and children; null children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  const given = typeof attributes === "string" ? { class: attributes } : attributes;
  for (const [name, value] of Object.entries(given)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** One of the icons drawn by the style sheet. */
export function icon(name) {
  return h("span", { class: `icon i-${name}`, "aria-hidden": "true" });
}

/** A running number for elements that others point at. */
let last = 0;
export function named(element, prefix) {
  element.id = `${prefix}-${(last += 1)}`;
  return element;
}

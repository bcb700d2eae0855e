// The text of an item as elements: only what the contract allows is built, everything else is read as its text.

const TAGS = new Set("p br h2 h3 strong em u s ul ol li blockquote table tbody thead tr td th".split(" "));
const CLASSES = new Set(["c-red", "c-blue", "c-green", "c-grey", "a-center", "a-right"]);
const SILENT = new Set(["script", "style", "template", "iframe", "object"]);
const DEEPEST = 32;

export function markup(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const built = document.createDocumentFragment();
  copy(parsed.body, built, 0);
  return built;
}

function copy(from, into, depth) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) into.append(node.data);
    else if (node.nodeType === Node.ELEMENT_NODE && !SILENT.has(node.localName) && depth < DEEPEST) copy(node, target(node, into), depth + 1);
  }
}

function target(node, into) {
  if (!TAGS.has(node.localName)) return into;
  const element = document.createElement(node.localName);
  for (const name of node.classList) if (CLASSES.has(name)) element.classList.add(name);
  into.append(element);
  return element;
}

// A small editor for what a TV can show. It writes into the textarea, which is what is sent; the server cleans it once more.
import { changed } from "./shared.js";

const BLOCKS = new Set(["P", "H2", "H3", "UL", "OL", "LI", "BLOCKQUOTE", "TABLE", "TR", "TD", "TH"]);
const INLINE = new Set(["STRONG", "EM", "U", "S"]);
const SAME = { B: "STRONG", I: "EM", STRIKE: "S", DEL: "S", INS: "U", H1: "H2", H4: "H3", H5: "H3", H6: "H3", DIV: "P", PRE: "P" };
const COLOURS = ["c-red", "c-blue", "c-green", "c-grey"];
const ALIGNS = ["a-center", "a-right"];
const CLASSES = new Set([...COLOURS, ...ALIGNS]);
const SKIP = new Set(["SCRIPT", "STYLE", "TEMPLATE", "META", "LINK", "TITLE", "HEAD"]);

export function start(box) {
  const source = box.querySelector("textarea");
  const words = JSON.parse(box.dataset.words);
  const body = element("div", {
    className: "rt-body",
    contentEditable: "true",
    role: "textbox",
    ariaMultiLine: "true",
    ariaLabel: box.querySelector("label").textContent.trim(),
    id: source.id,
  });
  const bar = element("div", { className: "rt-bar", role: "toolbar", ariaLabel: words.toolbar });
  const frame = element("div", { className: "rt" });
  frame.classList.toggle("is-wrong", source.getAttribute("aria-invalid") === "true");
  source.removeAttribute("id");
  source.hidden = true;
  source.after(frame);
  frame.append(bar, body);
  if (source.closest("fieldset[disabled]")) body.contentEditable = "false";

  let writing = false;
  const write = () => {
    writing = true;
    source.value = cleaned(body);
    changed(source);
    writing = false;
    mark();
  };
  const read = () => {
    body.innerHTML = clean(source.value) || "<p><br></p>";
  };
  const run = (command, value) => {
    body.focus();
    document.execCommand("styleWithCSS", false, false);
    document.execCommand(command, false, value);
    write();
  };
  const mark = () => {
    for (const button of bar.querySelectorAll("[data-state]")) {
      button.setAttribute("aria-pressed", String(inside(body) && document.queryCommandState(button.dataset.state)));
    }
  };

  build(bar, words, { run, write, body });
  source.addEventListener("input", () => writing || read());
  body.addEventListener("input", write);
  body.addEventListener("paste", (event) => {
    event.preventDefault();
    const html = event.clipboardData.getData("text/html");
    if (html) run("insertHTML", clean(html));
    else run("insertText", event.clipboardData.getData("text/plain"));
  });
  document.addEventListener("selectionchange", mark);
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.target.tagName === "SELECT") return;
    const stops = [...bar.children];
    stops[(stops.indexOf(event.target) + step + stops.length) % stops.length].focus();
  });
  document.execCommand("defaultParagraphSeparator", false, "p");
  read();
}

function build(bar, words, { run, write, body }) {
  const styles = select(words.style, [["p", words.paragraph], ["h2", words.h2], ["h3", words.h3], ["blockquote", words.blockquote]]);
  styles.addEventListener("change", () => run("formatBlock", `<${styles.value}>`));
  bar.append(styles);
  const commands = [
    ["strong", "bold", "B"], ["em", "italic", "I"], ["u", "underline", "U"], ["s", "strikeThrough", "S"],
    ["ul", "insertUnorderedList", "•"], ["ol", "insertOrderedList", "1."],
  ];
  for (const [word, command, sign] of commands) {
    const button = key(bar, words[word], sign, () => run(command));
    button.dataset.state = command;
  }
  const colours = select(words.colour, [["", words.colour], ...COLOURS.map((name) => [name, words[name]])]);
  colours.addEventListener("change", () => {
    colour(body, colours.value);
    colours.value = "";
    write();
  });
  bar.append(colours);
  key(bar, words["a-center"], "≡", () => toggle(body, "a-center", ALIGNS, write));
  key(bar, words["a-right"], "⇥", () => toggle(body, "a-right", ALIGNS, write));
  key(bar, words.table, "▦", () => run("insertHTML", "<table><tr><th>&nbsp;</th><th>&nbsp;</th></tr><tr><td>&nbsp;</td><td>&nbsp;</td></tr></table><p><br></p>"));
  key(bar, words.row, "＋▭", () => addRow(body) && write());
  key(bar, words.column, "＋▯", () => addColumn(body) && write());
  key(bar, words.noTable, "▦×", () => {
    at(body, "TABLE")?.remove();
    write();
  });
  key(bar, words.clear, "⌫", () => {
    run("removeFormat");
    const block = blockAt(body);
    block?.removeAttribute("class");
    write();
  });
}

function element(name, properties) {
  const made = document.createElement(name);
  for (const [property, value] of Object.entries(properties)) {
    if (property.startsWith("aria")) made.setAttribute(`aria-${property.slice(4).toLowerCase()}`, value);
    else if (property === "role") made.setAttribute("role", value);
    else made[property] = value;
  }
  return made;
}

function key(bar, label, sign, act) {
  const button = element("button", { type: "button", ariaLabel: label, title: label, textContent: sign });
  // The selection in the text must survive the press.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", act);
  bar.append(button);
  return button;
}

function select(label, options) {
  const made = element("select", { ariaLabel: label, title: label });
  for (const [value, text] of options) made.append(element("option", { value, textContent: text }));
  // Never sent with the form.
  made.removeAttribute("name");
  return made;
}

function inside(body) {
  const selection = getSelection();
  return selection.rangeCount > 0 && body.contains(selection.anchorNode);
}

function at(body, name) {
  let node = inside(body) ? getSelection().anchorNode : null;
  while (node && node !== body && node.nodeName !== name) node = node.parentNode;
  return node && node !== body ? node : null;
}

function blockAt(body) {
  let node = inside(body) ? getSelection().anchorNode : null;
  while (node && node !== body && !BLOCKS.has(node.nodeName)) node = node.parentNode;
  return node && node !== body ? node : null;
}

function toggle(body, name, family, write) {
  const block = blockAt(body);
  if (!block) return;
  const had = block.classList.contains(name);
  block.classList.remove(...family);
  if (!had) block.classList.add(name);
  write();
}

// A piece of text gets its colour by its own element, everything else by its block: a TV knows no plain spans.
function colour(body, name) {
  const selection = getSelection();
  if (!inside(body)) return;
  const range = selection.getRangeAt(0);
  const block = blockAt(body);
  if (range.collapsed || !name || !block || range.toString() === block.textContent) {
    block?.classList.remove(...COLOURS);
    if (name) block?.classList.add(name);
    return;
  }
  const piece = document.createElement("strong");
  piece.className = name;
  piece.append(range.extractContents());
  for (const inner of piece.querySelectorAll("strong")) inner.replaceWith(...inner.childNodes);
  range.insertNode(piece);
  selection.selectAllChildren(piece);
}

function addRow(body) {
  const row = at(body, "TR");
  if (!row) return false;
  const made = row.cloneNode(true);
  for (const cell of made.children) cell.textContent = "\u00a0";
  row.after(made);
  return true;
}

function addColumn(body) {
  const cell = at(body, "TD") ?? at(body, "TH");
  if (!cell) return false;
  const index = cell.cellIndex;
  for (const row of cell.closest("table").rows) {
    const made = document.createElement(row.cells[index]?.nodeName ?? "td");
    made.textContent = "\u00a0";
    row.cells[index]?.after(made);
  }
  return true;
}

// What the page's policy would refuse anyway, taken out before parsing so that it is not reported as an attack.
const REFUSED = /<(script|style)\b[\s\S]*?<\/\1\s*>|\s(?:style|on[a-z]+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi;

/** HTML with nothing in it but what a TV can show. Parsed inertly: nothing in it runs or loads. */
function clean(html) {
  return cleaned(new DOMParser().parseFromString(html.replace(REFUSED, ""), "text/html").body);
}

function cleaned(root) {
  const text = [...root.childNodes].map(markup).join("");
  return /[^\s\u00a0]/.test(text.replace(/<[^>]*>/g, "")) ? text : "";
}

function markup(node) {
  if (node.nodeType === Node.TEXT_NODE) return escape(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE || SKIP.has(node.nodeName)) return "";
  if (node.nodeName === "BR") return "<br>";
  const name = SAME[node.nodeName] ?? node.nodeName;
  const inner = [...node.childNodes].map(markup).join("");
  const nested = name === "P" && [...node.children].some((child) => BLOCKS.has(SAME[child.nodeName] ?? child.nodeName));
  if (nested || !(BLOCKS.has(name) || INLINE.has(name)) || (INLINE.has(name) && !inner)) return inner;
  const classes = [...node.classList].filter((one) => CLASSES.has(one)).join(" ");
  const tag = name.toLowerCase();
  return `<${tag}${classes ? ` class="${classes}"` : ""}>${inner}</${tag}>`;
}

function escape(text) {
  return text.replace(/\u00a0/g, " ").replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

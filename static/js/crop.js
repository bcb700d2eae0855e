// Chooses the part of a picture that a place shows: in the place's ratio, moved by dragging or the arrow keys, enlarged by wheel, slider
// or + and -. The part is cut out of the original by the server, so that another one can be chosen later.
import { choosePicture, chosenIn } from "./picture-field.js";
import { csrfToken } from "./shared.js";

const MOST = 6; // times as large
const STEP = 0.02;

export function start(button) {
  const field = button.closest(".picture-field");
  const told = JSON.parse(button.dataset.words);
  // A file that is still on its way has no original to cut yet, and what was there before it is not what is seen.
  field.addEventListener("zone:under-way", ({ detail }) => (button.disabled = detail.file !== null));
  field.addEventListener("change", () => {
    button.hidden = !chosenIn(field);
    button.disabled = false;
  });
  button.addEventListener("click", () => {
    const sha256 = chosenIn(field);
    if (sha256) open(button, field, told, sha256);
  });
}

function open(button, field, told, sha256) {
  const ratio = Number(button.dataset.width) / Number(button.dataset.height);
  const view = build(told);
  const { dialog, frame, picture, zoom, note, use } = view;
  frame.style.setProperty("aspect-ratio", String(ratio));
  let widest = 1; // the widest part that still fills the place, of the picture's width
  let part = { x: 0.5, y: 0.5, width: 1 };

  const height = () => (part.width * picture.naturalWidth) / ratio / picture.naturalHeight;
  const show = () => {
    part.width = Math.min(Math.max(part.width, widest / MOST), widest);
    part.x = Math.min(Math.max(part.x, part.width / 2), 1 - part.width / 2);
    part.y = Math.min(Math.max(part.y, height() / 2), 1 - height() / 2);
    picture.style.setProperty("width", `${100 / part.width}%`);
    picture.style.setProperty("left", `${(-(part.x - part.width / 2) / part.width) * 100}%`);
    picture.style.setProperty("top", `${(-(part.y - height() / 2) / height()) * 100}%`);
    zoom.value = String(widest / part.width);
    note.textContent = part.width * picture.naturalWidth < Number(button.dataset.width) ? told.small : told.safe;
    note.classList.toggle("is-wrong", note.textContent === told.small);
  };
  const by = (x, y) => {
    part = { ...part, x: part.x + x * part.width, y: part.y + y * height() };
    show();
  };
  const scale = (times) => {
    part = { ...part, width: part.width / times };
    show();
  };

  picture.addEventListener("load", () => {
    widest = Math.min(1, (picture.naturalHeight * ratio) / picture.naturalWidth);
    part = { x: 0.5, y: 0.5, width: widest };
    use.disabled = false;
    show();
  });
  picture.src = button.dataset.original.replace(/0{64}/, sha256);
  frame.addEventListener("pointerdown", (begin) => {
    frame.setPointerCapture(begin.pointerId);
    let last = begin;
    const move = (event) => {
      by((last.clientX - event.clientX) / frame.clientWidth, (last.clientY - event.clientY) / frame.clientHeight);
      last = event;
    };
    frame.addEventListener("pointermove", move);
    frame.addEventListener("lostpointercapture", () => frame.removeEventListener("pointermove", move), { once: true });
  });
  frame.addEventListener("wheel", (event) => {
    event.preventDefault();
    scale(event.deltaY < 0 ? 1.08 : 1 / 1.08);
  });
  frame.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    const times = { "+": 1.08, "=": 1.08, "-": 1 / 1.08 }[event.key];
    if (!way && !times) return;
    event.preventDefault();
    if (way) by(...way);
    else scale(times);
  });
  zoom.addEventListener("input", () => {
    part = { ...part, width: widest / Number(zoom.value) };
    show();
  });
  use.addEventListener("click", async () => {
    use.disabled = true;
    const made = await cut(button, sha256, { left: part.x - part.width / 2, top: part.y - height() / 2, width: part.width });
    use.disabled = false;
    if (made === null) return void (note.textContent = told.failed);
    dialog.close();
    choosePicture(field.closest("form"), field.dataset.name, made);
  });
  document.body.append(dialog);
  dialog.showModal();
  frame.focus();
}

async function cut(button, sha256, part) {
  const body = new FormData();
  const typed = { csrf_token: csrfToken(), sha256, purpose: button.dataset.purpose, ...part };
  for (const [name, value] of Object.entries(typed)) body.set(name, typeof value === "number" ? Math.max(0, value).toFixed(5) : value);
  const answer = await fetch(button.dataset.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.ok ? (await answer.json()).sha256 : null;
}

function build(told) {
  const dialog = element("dialog", "dialog wide");
  dialog.setAttribute("aria-label", told.title);
  const head = element("div", "dialog-head");
  const title = element("div", "grow");
  title.append(element("h2", "", told.title), element("p", "meta", told.help));
  head.append(title);
  const body = element("div", "dialog-body");
  const frame = element("div", "crop-frame");
  frame.tabIndex = 0;
  frame.setAttribute("role", "application");
  frame.setAttribute("aria-label", told.help);
  const picture = element("img", "");
  picture.alt = "";
  picture.draggable = false;
  frame.append(picture, element("span", "crop-safe"));
  const row = element("label", "row-l");
  const zoom = element("input", "form-range grow");
  Object.assign(zoom, { type: "range", min: "1", max: String(MOST), step: "0.01", value: "1" });
  row.append(element("span", "meta", told.zoom), zoom);
  const note = element("p", "meta");
  note.setAttribute("role", "status");
  body.append(frame, row, note);
  const foot = element("div", "dialog-foot");
  const leave = element("button", "btn", told.leave);
  const use = element("button", "btn btn-primary", told.use);
  for (const button of [leave, use]) button.type = "button";
  use.disabled = true;
  leave.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  foot.append(leave, use);
  dialog.append(head, body, foot);
  return { dialog, frame, picture, zoom, note, use };
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

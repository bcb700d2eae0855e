// A file control that takes a dropped file, shows it at once, and says before the upload what the server would refuse.
import { changed, takeDropped } from "./shared.js";

export function start(box) {
  const input = box.querySelector('input[type="file"]');
  const preview = box.querySelector("[data-preview]");
  const picture = preview.querySelector("img, video");
  const say = box.querySelector("[data-say]");
  const most = Number(box.dataset.maxBytes ?? 0);
  const before = { text: say.textContent, src: picture.getAttribute("src"), hidden: preview.hidden };
  let url = null;

  const refuse = (text) => {
    input.value = "";
    say.textContent = text;
    preview.hidden = before.hidden;
    if (before.src) picture.src = before.src;
  };
  input.addEventListener("change", () => {
    const file = input.files[0];
    if (url) URL.revokeObjectURL(url);
    url = null;
    if (!file) return refuse(before.text);
    const kinds = input.accept.split(",").map((kind) => kind.trim()).filter(Boolean);
    if (kinds.length && file.type && !kinds.includes(file.type)) return refuse(box.dataset.wrongKind);
    if (most && file.size > most) return refuse(`${box.dataset.tooBig} (${megabytes(file.size)} > ${megabytes(most)})`);
    url = URL.createObjectURL(file);
    picture.src = url;
    preview.hidden = false;
    say.textContent = `${file.name} · ${megabytes(file.size)}`;
  });
  takeDropped(box, (files) => {
    input.files = files;
    changed(input);
  });
}

function megabytes(bytes) {
  return `${(bytes / 1048576).toFixed(1)} MB`;
}

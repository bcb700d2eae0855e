// A picture or video of a form: whatever was chosen, from the library or by going back a step, is what the field shows; a picture that is still on
// its way is seen before it has come.

export function start(field) {
  field.addEventListener("zone:arrived", ({ detail }) => choosePicture(field.closest("form"), field.dataset.name, detail.file.sha256));
  field.addEventListener("zone:under-way", ({ detail }) => lookAhead(field, detail.file));
  field.addEventListener("change", (event) => {
    if (event.target.name === field.dataset.name && event.target.value) show(field, event.target.value);
  });
}

/** Chooses a file of the library, "" for none, in the field `name` of a form. */
export function choosePicture(form, name, sha256) {
  const field = form.querySelector(`.picture-field[data-name="${CSS.escape(name)}"]`);
  if (!field) return;
  const picks = field.querySelector(".picks");
  const radio = picks.querySelector(`input[type=radio][value="${CSS.escape(sha256)}"]`);
  if (radio) {
    radio.checked = true;
  } else {
    for (const other of picks.querySelectorAll("input[type=radio]")) other.checked = false;
    const kept = picks.querySelector("input[type=hidden]") ?? document.createElement("input");
    kept.type = "hidden";
    kept.name = name;
    kept.value = sha256;
    picks.prepend(kept);
  }
  show(field, sha256);
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

/** The SHA-256 that a field holds now. */
export function chosenIn(field) {
  return field.querySelector(".picks input[type=radio]:checked")?.value ?? field.querySelector(".picks input[type=hidden]")?.value ?? "";
}

let ahead = "";

function lookAhead(field, file) {
  URL.revokeObjectURL(ahead);
  if (!file) return show(field, chosenIn(field));
  const picture = field.querySelector("[data-preview] img");
  if (!picture) return undefined; // of a video there is nothing to see before it is one that plays
  ahead = URL.createObjectURL(file);
  picture.src = ahead;
  field.querySelector("[data-preview]").hidden = false;
  return undefined;
}

function show(field, sha256) {
  const preview = field.querySelector("[data-preview]");
  const picture = preview.querySelector("img, video");
  const kept = field.querySelector(".picks input[type=hidden]");
  if (kept && kept.value !== sha256) kept.remove();
  preview.hidden = !sha256;
  const address = field.dataset.address.replace(/0{64}/, sha256);
  if (sha256 && picture.getAttribute("src") !== address) picture.src = address;
}

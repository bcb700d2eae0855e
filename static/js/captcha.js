// A page code: a click on the picture draws another; the loudspeaker plays one in its place, which is then the one to type.

import { announce } from "./shared.js";

export function start(root) {
  const picture = root.querySelector("img");
  const field = root.querySelector("input");
  const help = root.querySelector("[data-help]");
  const { redraw, speak, listen, read } = root.dataset;
  let sound = null;

  function begin(hint) {
    sound?.pause();
    help.textContent = hint;
    field.value = "";
    field.focus();
  }

  root.querySelector("[data-renew]").addEventListener("click", () => {
    picture.src = `${redraw}?${Date.now()}`;
    picture.classList.remove("is-void");
    begin(read);
  });

  root.querySelector("[data-speak]").addEventListener("click", (event) => {
    event.preventDefault();
    begin(listen);
    picture.classList.add("is-void"); // the picture's code is void once another is spoken
    announce(listen);
    sound = new Audio(`${speak}?${Date.now()}`);
    sound.play();
  });
}

// The ten tiles over the television: they change places, dragged with the mouse or with Alt and an arrow key while one holds focus;
// pictures dropped on one are put there and on those that follow.
import { announce } from "./shared.js";

export function start(board) {
  const tiles = [...board.querySelectorAll("[data-position]")];
  const position = (tile) => Number(tile.dataset.position);
  const formOf = (tile) => board.querySelector(`form[data-move="${position(tile)}"]`);
  const many = document.getElementById(board.dataset.many);
  const swap = (tile, to) => {
    const form = formOf(tile);
    if (!form || to < 1 || to > tiles.length || to === position(tile)) return;
    form.elements.to.value = String(to);
    announce(board.dataset.hint.replace("{n}", String(to)));
    form.requestSubmit();
  };
  const put = (tile, files) => {
    const input = many?.querySelector('input[type="file"]');
    if (!input) return;
    many.elements.position.value = String(position(tile));
    input.files = files;
    input.dispatchEvent(new Event("change"));
  };
  let dragged = null;

  // What is saved by itself stands in the strip below the television too.
  document.addEventListener("zone:saved", () => {
    const shown = document.querySelector(".picture-field[data-name=image] [data-preview] img");
    const small = document.querySelector(".strip10 [aria-current] img");
    if (shown && small) small.src = shown.src;
  });

  for (const tile of tiles) {
    tile.draggable = formOf(tile) !== null;
    tile.addEventListener("dragstart", (event) => {
      dragged = tile;
      tile.classList.add("is-dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", String(position(tile)));
    });
    tile.addEventListener("dragend", () => {
      tile.classList.remove("is-dragged");
      dragged = null;
    });
    tile.addEventListener("dragover", (event) => {
      const files = event.dataTransfer.types.includes("Files");
      if (!files && (!dragged || dragged === tile)) return;
      event.preventDefault();
      tile.classList.add("is-target");
    });
    tile.addEventListener("dragleave", () => tile.classList.remove("is-target"));
    tile.addEventListener("drop", (event) => {
      tile.classList.remove("is-target");
      if (event.dataTransfer.files.length > 0) {
        event.preventDefault();
        put(tile, event.dataTransfer.files);
      } else if (dragged && dragged !== tile) {
        event.preventDefault();
        swap(dragged, position(tile));
      }
    });
    tile.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!event.altKey || !step) return;
      event.preventDefault();
      swap(tile, position(tile) + step);
    });
  }
}

// The ten tiles change places: dragged with the mouse, or with Alt and an arrow key while one holds focus.
import { announce } from "./shared.js";

export function start(board) {
  const tiles = [...board.querySelectorAll("a.tile")];
  const position = (tile) => Number(/\bp(\d+)\b/.exec(tile.className)?.[1]);
  const formOf = (tile) => board.querySelector(`form[data-move="${position(tile)}"]`);
  const swap = (tile, to) => {
    const form = formOf(tile);
    if (!form || to < 1 || to > tiles.length || to === position(tile)) return;
    form.elements.to.value = String(to);
    announce(board.dataset.hint.replace("{n}", String(to)));
    form.requestSubmit();
  };
  let dragged = null;

  for (const tile of tiles) {
    for (const picture of tile.querySelectorAll("img")) picture.draggable = false;
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
      if (!dragged || dragged === tile) return;
      event.preventDefault();
      tile.classList.add("is-target");
    });
    tile.addEventListener("dragleave", () => tile.classList.remove("is-target"));
    tile.addEventListener("drop", (event) => {
      tile.classList.remove("is-target");
      if (!dragged || dragged === tile) return;
      event.preventDefault();
      swap(dragged, position(tile));
    });
    tile.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!event.altKey || !step) return;
      event.preventDefault();
      swap(tile, position(tile) + step);
    });
  }
}

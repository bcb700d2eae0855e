// The week of the ad loop: a block is dragged to another hour or day, or by its lower edge to another end; a playlist is dropped on an
// hour. Without a mouse: Alt and the arrow keys on a block, with Shift for its end. Everything goes in quarter hours.
import { follow } from "./dragging.js";
import { announce } from "./shared.js";

const QUARTERS = 96;
const MINUTES = 15;
const EDGE = 8; // pixels of a block that are its end
const KEPT = "calendar-focus"; // which block has the focus again when the page is back

export function start(week) {
  const days = [...week.querySelectorAll("[data-day]")];
  const form = document.getElementById(week.dataset.form);
  const dropForm = document.getElementById(week.dataset.drop);

  const send = (block, { to = block.closest("[data-day]"), startBy = 0, endBy = 0 }) => {
    if (!to || (startBy === 0 && endBy === 0 && to === block.closest("[data-day]"))) return;
    form.action = block.dataset.move;
    const typed = { version: block.dataset.version, day: block.closest("[data-day]").dataset.day, at: block.dataset.at, to_day: to.dataset.day, start_by: startBy, end_by: endBy };
    for (const [name, value] of Object.entries(typed)) form.elements[name].value = String(value);
    if (document.activeElement === block) sessionStorage.setItem(KEPT, JSON.stringify({ move: block.dataset.move, day: to.dataset.day }));
    form.requestSubmit();
  };
  giveBack(week);

  for (const block of week.querySelectorAll("[data-move]")) {
    block.draggable = false;
    block.addEventListener("pointerdown", (event) => event.button === 0 && drag(event, block));
    block.addEventListener("keydown", (event) => byKey(event, block));
    block.addEventListener("pointermove", (event) => block.classList.toggle("is-end", atEnd(event, block)));
  }

  function byKey(event, block) {
    if (!event.altKey) return;
    const step = { ArrowUp: -MINUTES, ArrowDown: MINUTES }[event.key];
    const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step && !side) return;
    event.preventDefault();
    if (step) send(block, { startBy: event.shiftKey ? 0 : step, endBy: step });
    else send(block, { to: days[days.indexOf(block.closest("[data-day]")) + side] });
  }

  function drag(begin, block) {
    const home = block.closest("[data-day]");
    const quarter = home.clientHeight / QUARTERS;
    const end = atEnd(begin, block);
    let ghost = null;
    let to = home;
    let by = 0;
    follow(begin, {
      start: () => (ghost = shade(block)),
      move: (event) => {
        by = Math.round((event.clientY - begin.clientY) / quarter) * MINUTES;
        if (!end) to = dayAt(event) ?? to;
        lay(ghost, block, to, by, end);
      },
      end: (event, dropped) => {
        ghost.remove();
        if (dropped) send(block, { to, startBy: end ? 0 : by, endBy: by });
      },
    });
    if (begin.pointerType === "touch") return;
    begin.preventDefault();
    block.focus();
  }

  const dayAt = (event) => days.find((day) => within(day, event.clientX));
  const mark = (day) => days.forEach((one) => one.classList.toggle("is-target", one === day));

  for (const list of document.querySelectorAll("[data-playlist]")) {
    list.addEventListener("dragstart", (event) => event.preventDefault()); // its picture is not what is dragged
    list.addEventListener("pointerdown", (event) => event.button === 0 && !event.target.closest("button, details, form") && carry(event, list));
  }

  /** A playlist on its way to an hour of the week. */
  function carry(begin, list) {
    let ghost = null;
    const under = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-day]");
    follow(begin, {
      start: () => {
        ghost = shade(list);
        ghost.classList.add("is-carried");
        document.body.append(ghost);
      },
      move: (event) => {
        ghost.style.translate = `${event.clientX + 8}px ${event.clientY + 8}px`;
        mark(under(event));
      },
      end: (event, dropped) => {
        const day = under(event);
        ghost.remove();
        mark(null);
        if (!dropped || !day) return;
        const typed = { playlist: list.dataset.playlist, day: day.dataset.day, start: Math.min(minuteAt(day, event.clientY), 24 * 60 - MINUTES) };
        for (const [name, value] of Object.entries(typed)) dropForm.elements[name].value = String(value);
        dropForm.requestSubmit();
      },
    });
    if (begin.pointerType !== "touch") begin.preventDefault();
  }
}

function atEnd(event, block) {
  return block.getBoundingClientRect().bottom - event.clientY <= EDGE;
}

function within(day, x) {
  const box = day.getBoundingClientRect();
  return x >= box.left && x < box.right;
}

function minuteAt(day, y) {
  const box = day.getBoundingClientRect();
  return Math.max(0, Math.floor(((y - box.top) / box.height) * QUARTERS)) * MINUTES;
}

function giveBack(week) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  if (kept) week.querySelector(`[data-day="${CSS.escape(kept.day)}"] [data-move="${CSS.escape(kept.move)}"]`)?.focus();
}

function shade(block) {
  const ghost = block.cloneNode(true);
  ghost.removeAttribute("href");
  ghost.classList.add("is-ghost");
  ghost.setAttribute("aria-hidden", "true");
  return ghost;
}

/** Where it would be: the hours stand in it, for the eye and for the ear. */
function lay(ghost, block, day, by, end) {
  const from = Number(block.dataset.from) + (end ? 0 : by);
  const until = Math.max(from + MINUTES, Number(block.dataset.until) + by);
  if (ghost.parentElement !== day) day.append(ghost);
  const row = (minute) => Math.min(Math.max(Math.round(minute / MINUTES), 0), QUARTERS) + 1;
  ghost.style.setProperty("grid-row", `${row(from)} / ${Math.max(row(until), row(from) + 1)}`);
  const text = `${clock(from)}–${clock(until)}`;
  const small = ghost.querySelector("small") ?? ghost.appendChild(document.createElement("small"));
  if (small.textContent !== text) {
    small.textContent = text;
    announce(text);
  }
}

function clock(minute) {
  const wrapped = ((minute % 1440) + 1440) % 1440;
  return `${String(Math.floor(wrapped / 60)).padStart(2, "0")}:${String(wrapped % 60).padStart(2, "0")}`;
}

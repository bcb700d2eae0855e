// How a file under way is drawn: its name, how far it is, and what one can do about it. The sentences stand on the tray, which every page has.

import { OPEN, giveUp, pause, resume } from "./transfers.js";

const ENDED = ["done", "waiting", "refused"];

const sizeOf = (bytes) => (bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`);

/** The tray's addresses, bounds and sentences, and those of a place in which files are dropped before them. */
export function toldBy(root) {
  return { ...document.querySelector("[data-module~=upload-tray]")?.dataset, ...root.dataset };
}

/** What takes up again, on the next page, the files that were dropped in a place. */
export function placeOf(root) {
  const form = root.closest("form");
  return `${form.dataset.key ?? form.getAttribute("action")}/${root.querySelector('input[type="file"]').name}`;
}

/** Gives a job its row in the list; `changed()` is called whenever the job has changed, `gone()` when somebody has removed it. */
export function drawRow(job, list, told, { changed, gone }) {
  job.row ??= list.parentElement.querySelector("template[data-upload]").content.firstElementChild.cloneNode(true);
  const part = (name) => job.row.querySelector(name);
  const [bar, say, toggle, remove, link] = ["progress", "[data-say]", "[data-toggle]", "[data-remove]", "[data-link]"].map(part);
  part("[data-name]").textContent = job.name;
  part("[data-size]").textContent = sizeOf(job.bytes);
  bar.setAttribute("aria-label", job.name);
  if (!job.row.isConnected) list.append(job.row);
  job.begin = told.address;
  job.most = Number(told.piece);
  job.show = (text) => {
    bar.value = job.bytes ? Math.floor((100 * job.offset) / job.bytes) : 0;
    job.row.dataset.state = job.state;
    say.textContent = text ?? told[`say${job.state[0].toUpperCase()}${job.state.slice(1)}`].replace("{n}", `${bar.value}%`);
    toggle.hidden = !["queued", "sending", "paused", "offline"].includes(job.state);
    toggle.textContent = job.state === "paused" ? told.resume : told.pause;
    bar.hidden = ENDED.includes(job.state);
    changed();
  };
  job.checking = () => job.show(told.sayChecking);
  job.lead = (href, words) => {
    Object.assign(link, { href, hidden: false });
    if (words) link.textContent = words;
  };
  toggle.addEventListener("click", () => (job.state === "paused" ? resume(job) : pause(job)));
  remove.addEventListener("click", () => {
    const beside = job.row.nextElementSibling ?? job.row.previousElementSibling;
    job.row.remove();
    giveUp(job);
    gone(beside?.querySelector("[data-remove]"));
  });
}

/** How many of the jobs are done, in words; "" without any. */
export function tallyOf(jobs, told) {
  const left = jobs.filter((job) => [...OPEN, "broken"].includes(job.state)).length;
  return jobs.length ? told.tally.replace("{done}", jobs.length - left).replace("{all}", jobs.length) : "";
}

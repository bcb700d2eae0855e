// Many files in pieces: dropped or chosen, sent two at a time, paused, resumed, and continued where they broke off, also after a reload
// once the same file is chosen again. The form around it works without any of this. In an editor (data-purpose) the file is wanted at
// once: `zone:arrived` says that one can be chosen, a video that has to be converted once that is done.

import { converted } from "./converting.js";
import { hold, holdBack } from "./hold-back.js";
import { announce, csrfToken, takeDropped } from "./shared.js";

const AT_ONCE = 2;
const LONGEST_WAIT = 30_000;

export function start(root) {
  const { dataset } = root;
  const list = root.querySelector("[data-uploads]");
  const pattern = root.querySelector("template[data-upload]");
  const input = root.querySelector('input[type="file"]');
  const drop = root.querySelector("[data-drop]");
  const tally = root.querySelector("[data-tally]");
  const jobs = [];

  const stampOf = (file) => `${file.lastModified}`;
  const sizeOf = (bytes) => (bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`);

  for (const row of list.querySelectorAll("[data-open-upload]")) {
    const { name, bytes, stamp, offset } = row.dataset;
    jobs.push(bind({ row, name, bytes: Number(bytes), stamp, offset: Number(offset), address: JSON.parse(row.dataset.openUpload), state: "broken" }));
  }

  function bind(job) {
    job.bar = job.row.querySelector("progress");
    job.say = job.row.querySelector("[data-say]");
    job.toggle = job.row.querySelector("[data-toggle]");
    job.remove = job.row.querySelector("[data-remove]");
    job.link = job.row.querySelector("[data-link]");
    job.toggle.addEventListener("click", () => (job.state === "paused" ? resume(job) : pause(job)));
    job.remove.addEventListener("click", () => give_up(job));
    show(job);
    return job;
  }

  function add(file) {
    const known = jobs.find((job) => job.name === file.name && job.bytes === file.size && job.stamp === stampOf(file) && !["done", "waiting", "refused"].includes(job.state));
    if (known) {
      if (known.file === undefined) Object.assign(known, { file, state: "queued" });
      show(known);
      return;
    }
    const row = pattern.content.firstElementChild.cloneNode(true);
    row.querySelector("[data-name]").textContent = file.name;
    row.querySelector("[data-size]").textContent = sizeOf(file.size);
    row.querySelector("progress").setAttribute("aria-label", file.name);
    list.append(row);
    const job = bind({ row, file, name: file.name, bytes: file.size, stamp: stampOf(file), offset: 0, state: "queued" });
    jobs.push(job);
    const most = /^image\//.test(file.type) ? Number(dataset.mostImage) : Number(dataset.most);
    if (file.size === 0 || file.size > most) refuse(job, file.size === 0 ? dataset.empty : dataset.tooLarge.replace("{n}", Math.floor(most / (1 << 20))));
  }

  function show(job, text) {
    const percent = job.bytes ? Math.floor((100 * job.offset) / job.bytes) : 0;
    job.bar.value = percent;
    job.row.dataset.state = job.state;
    job.say.textContent = text ?? dataset[`say${job.state[0].toUpperCase()}${job.state.slice(1)}`].replace("{n}", `${percent}%`);
    const open = ["queued", "sending", "paused", "offline"].includes(job.state);
    job.toggle.hidden = !open;
    job.toggle.textContent = job.state === "paused" ? dataset.resume : dataset.pause;
    job.bar.hidden = ["done", "waiting", "refused"].includes(job.state);
    const left = jobs.filter((one) => ["queued", "sending", "paused", "offline", "broken"].includes(one.state)).length;
    if (dataset.purpose) hold(root, holding());
    tally.textContent = jobs.length ? dataset.tally.replace("{done}", jobs.length - left).replace("{all}", jobs.length) : "";
  }

  /** Why the form around cannot be saved for now, "" where it can. Of several files one that is being converted comes later all the same. */
  function holding() {
    if (jobs.some((one) => ["queued", "sending", "paused", "offline"].includes(one.state))) return dataset.heldSending;
    return dataset.single !== undefined && jobs.some((one) => one.state === "waiting") ? dataset.heldConverting : "";
  }

  function refuse(job, message) {
    job.state = "refused";
    show(job, message);
    announce(`${job.name}: ${message}`);
    next();
  }

  function pause(job) {
    job.state = "paused";
    job.stop?.abort();
    show(job);
    next();
  }

  function resume(job) {
    job.state = "queued";
    show(job);
    next();
  }

  async function give_up(job) {
    const was = job.state;
    job.state = "gone";
    job.stop?.abort();
    clearTimeout(job.later);
    jobs.splice(jobs.indexOf(job), 1);
    const beside = job.row.nextElementSibling ?? job.row.previousElementSibling;
    job.row.remove();
    if (dataset.purpose) hold(root, holding());
    (beside?.querySelector("[data-remove]") ?? input).focus();
    if (job.address && !["done", "waiting", "refused"].includes(was)) await post(job.address.drop, {}).catch(() => undefined);
    next();
  }

  async function post(address, fields, stop) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    const answer = await fetch(address, { method: "POST", body, signal: stop?.signal, headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    return { status: answer.status, said: isJson ? await answer.json() : {} };
  }

  function next() {
    for (const job of jobs) {
      if (jobs.filter((one) => one.state === "sending").length >= AT_ONCE) return;
      if (job.state === "queued" && job.file) send(job);
    }
  }

  async function send(job) {
    job.state = "sending";
    job.stop = new AbortController();
    show(job);
    try {
      if (!job.address) await begin(job);
      while (job.state === "sending" && job.offset < job.bytes) await sendPiece(job);
      if (job.state === "sending") await finish(job);
      job.tries = 0;
    } catch (trouble) {
      if (job.state === "sending") wait(job);
      if (!(trouble instanceof TypeError || trouble.name === "AbortError" || trouble instanceof Later)) console.error(trouble);
    }
    next();
  }

  class Later extends Error {}

  async function begin(job) {
    const { status, said } = await post(dataset.address, { name: job.name, bytes: job.bytes, stamp: job.stamp, purpose: (dataset.purpose ?? root.elements.purpose.value) }, job.stop);
    if (status === 422) return refuse(job, said.message);
    if (status !== 201) throw new Later();
    job.address = said;
    job.offset = said.offset;
    show(job);
  }

  async function sendPiece(job) {
    const piece = job.file.slice(job.offset, job.offset + Number(dataset.piece));
    const { status, said } = await post(job.address.piece, { offset: job.offset, piece }, job.stop);
    job.tries = 0;
    if (status === 200 || (status === 409 && said.offset > job.offset)) job.offset = said.offset;
    else if (status === 409) {
      job.offset = said.offset;
      throw new Later();
    } else if (status === 404) {
      job.address = undefined; // it rested too long: from the beginning
      throw new Later();
    } else if (status === 422) refuse(job, said.message);
    else throw new Later();
    if (job.state === "sending") show(job);
  }

  async function finish(job) {
    show(job, dataset.sayChecking);
    const { status, said } = await post(job.address.finish, {}, job.stop);
    if (status === 422) return refuse(job, said.message);
    if (status !== 200) {
      if (said.offset !== undefined) job.offset = said.offset;
      throw new Later();
    }
    job.state = said.state === "ready" ? "done" : "waiting";
    job.link.href = said.href;
    job.link.hidden = false;
    show(job);
    announce(`${job.name}: ${job.say.textContent}`);
    if (dataset.purpose) return said.file ? arrived(job, said.file) : convert(job, said.follow);
    if (job.state === "waiting") htmx.ajax("GET", dataset.conversions, { target: "#conversions", swap: "outerHTML" });
  }

  async function convert(job, address) {
    const { stage, reason, file } = await converted(address, (percent) => job.state === "waiting" && show(job, percent === null ? undefined : dataset.sayConverting.replace("{n}", `${percent}%`)));
    if (job.state !== "waiting") return;
    if (file) arrived(job, file);
    else refuse(job, stage === "failed" ? reason : dataset.sayCancelled);
  }

  /** The file is in the library: whoever waits for it chooses it, and its row has nothing more to say. */
  function arrived(job, file) {
    jobs.splice(jobs.indexOf(job), 1);
    job.row.remove();
    tally.textContent = "";
    hold(root, holding());
    root.dispatchEvent(new CustomEvent("zone:arrived", { bubbles: true, detail: { file, left: jobs.filter((one) => one.state !== "refused").length } }));
  }

  function wait(job) {
    job.state = "offline";
    job.tries = (job.tries ?? 0) + 1;
    show(job);
    job.later = setTimeout(() => job.state === "offline" && resume(job), Math.min(LONGEST_WAIT, 1000 * 2 ** (job.tries - 1)));
  }

  addEventListener("online", () => {
    for (const job of jobs) if (job.state === "offline") resume(job);
  });
  if (dataset.purpose) holdBack(root);
  else root.addEventListener("submit", (event) => event.preventDefault());
  const take = (files) => {
    if (dataset.single !== undefined) for (const job of [...jobs]) give_up(job);
    for (const file of files) add(file);
    next();
  };
  // In an editor the files are no change of the form: what becomes of them is.
  for (const type of ["input", "change"]) input.addEventListener(type, (event) => event.stopPropagation());
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    take(files);
  });
  takeDropped(drop, take);
}

// Sends files in pieces, two at a time, and two more in the tray, behind which nobody's next file waits: paused, resumed, continued where they
// broke off, also by the next page. What a job looks like is not known here: it is told by `job.show(text)`, `job.refused(message)` and
// `job.finished(said)`. Only one page at a time sends a file.

import { find, forget, keep, note } from "./kept-files.js";
import { csrfToken } from "./shared.js";

const AT_ONCE = 2;
const LONGEST_WAIT = 30_000;

/** The states in which a file is still to be sent. */
export const OPEN = ["queued", "sending", "paused", "offline", "over"];

const jobs = new Set(); // of this page

class Later extends Error {}

/** A file that was chosen just now: it is kept, and sent as soon as it is its turn. */
export function begin(job, facts) {
  job.key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  claim(job);
  keep(job.key, { ...facts, name: job.name, bytes: job.bytes, stamp: job.stamp, purpose: job.purpose, place: job.place }, job.file).then((kept) => (job.lost = !kept));
  enter(job);
}

/** A file that is kept from another page, once no other page is at it; null where it is done meanwhile. */
export async function takeOver({ key }) {
  const job = { key };
  await claim(job);
  const { facts, file } = await find(key);
  if (facts === null) return void job.release();
  return Object.assign(job, { offset: 0 }, facts, { file, state: file ? "queued" : "broken" });
}

export function enter(job) {
  jobs.add(job);
  job.show();
  next();
}

export function pause(job) {
  job.state = "paused";
  job.stop?.abort();
  job.show();
  next();
}

export function resume(job) {
  job.state = "queued";
  job.show();
  next();
}

/** Nothing more is to become of it, here or on the portal. */
export async function giveUp(job) {
  const was = job.state;
  job.state = "gone";
  job.stop?.abort();
  clearTimeout(job.later);
  leave(job);
  if (job.address && [...OPEN, "broken"].includes(was)) await post(job.address.drop, {}).catch(() => undefined);
}

/** It has ended: no other page goes on with it. With an `outcome` the next pages tell it until somebody has seen it. */
export async function leave(job, outcome) {
  jobs.delete(job);
  next();
  if (job.key) await (outcome ? note(job.key, { outcome }) : forget(job.key));
  job.release?.();
}

/** The files that this page would lose if it were left now. */
export function lost() {
  return [...jobs].filter((job) => OPEN.includes(job.state) && job.lost);
}

/** Until `job.release()`, or the end of the page, no other page sends this file. */
function claim(job) {
  job.release = () => undefined;
  if (!navigator.locks) return Promise.resolve();
  return new Promise((claimed) => navigator.locks.request(`upload:${job.key}`, () => new Promise((release) => claimed((job.release = release)))));
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
    const beside = [...jobs].filter((one) => one.state === "sending" && one.inTray === job.inTray);
    if (job.state === "queued" && job.file && beside.length < AT_ONCE) send(job);
  }
}

async function send(job) {
  job.state = "sending";
  job.stop = new AbortController();
  job.show();
  try {
    if (!job.isOpen) await open(job);
    while (job.state === "sending" && job.offset < job.bytes) await sendPiece(job);
    if (job.state === "sending") await finish(job);
  } catch (trouble) {
    if (job.state === "sending") wait(job);
    if (!(trouble instanceof TypeError || trouble.name === "AbortError" || trouble instanceof Later)) console.error(trouble);
  }
  next();
}

/** Asks how much of it has arrived, which a page that was left may not have heard; what it has finished is taken once more, and stays one file. */
async function open(job) {
  const { status, said } = await post(job.begin, { name: job.name, bytes: job.bytes, stamp: job.stamp, purpose: job.purpose }, job.stop);
  if (status === 422) return refuse(job, said.message);
  if (status !== 201) return trouble(job, status);
  job.isOpen = true;
  job.address = { piece: said.piece, finish: said.finish, drop: said.drop };
  job.offset = said.offset;
  note(job.key, { address: job.address });
  if (job.state === "sending") job.show();
}

async function sendPiece(job) {
  const piece = job.file.slice(job.offset, job.offset + job.most);
  const { status, said } = await post(job.address.piece, { offset: job.offset, piece }, job.stop);
  if (status === 200 || (status === 409 && said.offset > job.offset)) {
    job.tries = 0;
    job.offset = said.offset;
    note(job.key, { offset: job.offset });
  } else if (status === 409) {
    job.offset = said.offset;
    throw new Later();
  } else if (status === 404) startAnew(job); // it rested too long
  else if (status === 422) refuse(job, said.message);
  else trouble(job, status);
  if (job.state === "sending") job.show();
}

async function finish(job) {
  job.checking();
  const { status, said } = await post(job.address.finish, {}, job.stop);
  if (status === 422) return refuse(job, said.message);
  if (status === 404) startAnew(job);
  if (status !== 200) {
    if (said.offset !== undefined) job.offset = said.offset;
    trouble(job, status);
  }
  job.state = said.state === "ready" ? "done" : "waiting";
  job.finished(said);
  next();
}

function startAnew(job) {
  job.isOpen = false;
  throw new Later();
}

function refuse(job, message) {
  job.state = "refused";
  job.refused(message);
}

/** The portal could not be asked, or the session has ended: the one passes, the other needs somebody. */
function trouble(job, status) {
  if (status === 401) {
    job.state = "over";
    job.show();
    document.dispatchEvent(new CustomEvent("zone:session-over"));
  }
  throw new Later();
}

function wait(job) {
  job.state = "offline";
  job.tries = (job.tries ?? 0) + 1;
  job.show();
  job.later = setTimeout(() => job.state === "offline" && resume(job), Math.min(LONGEST_WAIT, 1000 * 2 ** (job.tries - 1)));
}

const goOn = (state) => {
  for (const job of jobs) if (job.state === state) resume(job);
};
addEventListener("online", () => goOn("offline"));
document.addEventListener("zone:signed-in", () => goOn("over"));
addEventListener("beforeunload", (event) => lost().length > 0 && event.preventDefault());

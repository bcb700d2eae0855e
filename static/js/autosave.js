// An editor's form saves itself as a draft while somebody types, and says truly how that stands: saved only once the server has it.
// One save at a time, each names the version that the last one left, so that a page never comes into conflict with itself. What the
// server did not answer is sent again as it was; what is not right yet stays in this tab, its sentences at their fields.

import { clash } from "./clash.js";
import { clearWrong, showWrong } from "./wrong-fields.js";
import { say, words } from "./save-state.js";

const REST = 900; // after the last key
const LONGEST = 5000; // while somebody goes on typing
const PAUSES = [2000, 4000, 8000, 15_000, 30_000];

export function start(form) {
  const told = words(form);
  let timer = null;
  let since = null; // when the first change was made that is not saved
  let sending = null;
  let unheard = null; // sent, and no answer came
  let missed = 0;
  let stopped = false;
  let overAnother = false; // somebody saw both sides and chose the own one
  const heard = new WeakSet(); // fields whose change was taken in while it was typed
  const waited = new WeakSet(); // other forms that let a save go first, until they are sent again

  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(send, pause);
  };
  const change = () => {
    if (stopped) return;
    since ??= performance.now();
    if (!unheard) say(told.saving, "saving");
    later(Math.max(0, Math.min(REST, LONGEST - (performance.now() - since))));
  };

  async function send() {
    clearTimeout(timer);
    if (stopped || (since === null && !unheard)) return;
    if (sending) return void later(REST);
    const body = unheard ?? bodyOf(form);
    if (overAnother) body.set("over_another", "1");
    if (!unheard) since = null;
    sending = post(form, body);
    const answer = await sending;
    sending = null;
    unheard = null;
    take(answer, body);
  }

  function take({ status, told: answer }, body) {
    if (status === 0 || status === 429 || status >= 500) return again(status, body);
    missed = 0;
    if (status === 200) return answer.errors ? wrong(answer) : saved(answer);
    if (status === 401) return over(body);
    if (answer.code === "newer_version") return conflict(answer);
    stopped = true;
    if (answer.code === "approval_would_be_voided") return say(told.asks, "asks");
    return say(told.failed.replace("{why}", answer.detail ?? String(status)), "failed");
  }

  function saved(answer) {
    overAnother = false;
    clearWrong(form);
    form.elements.version.value = String(answer.version);
    for (const field of versionsBeside(form)) field.value = field.name === "chosen" ? `${form.dataset.object}:${answer.version}` : String(answer.version);
    if (form.dataset.new !== undefined) adopt(form, answer);
    redrawBar(answer.bar);
    showState(answer);
    showHeading(answer.title);
    delete form.dataset.unsaved;
    form.dispatchEvent(new CustomEvent("zone:saved", { bubbles: true, detail: { version: answer.version, done: since === null } }));
    if (since !== null) return later(REST);
    return say(told.saved.replace("{at}", answer.at), "saved");
  }

  function again(status, body) {
    unheard = body;
    say(status === 0 ? told.offline : told.busy, "failed");
    later(PAUSES[Math.min(missed++, PAUSES.length - 1)]);
  }

  function over(body) {
    unheard = body;
    say(told.over, "failed");
    document.dispatchEvent(new CustomEvent("zone:session-over"));
  }

  function wrong(answer) {
    showWrong(form, answer.errors);
    say(told.wrong.replace("{n}", String(answer.errors.length)), "failed");
  }

  async function conflict(answer) {
    stopped = true;
    say(told.conflict, "conflict");
    const mine = await clash(form, told, answer.clash);
    if (!mine) return leave();
    form.elements.version.value = String(answer.version);
    stopped = false;
    since = performance.now();
    overAnother = true;
    return send();
  }

  /** Somebody else saved meanwhile: what is not saved here comes into conflict now, else the new one can be loaded. */
  function newer({ detail }) {
    if (stopped || sending || detail.version <= Number(form.elements.version.value)) return;
    if (since !== null || unheard) return void send();
    stopped = true;
    form.dispatchEvent(new CustomEvent("zone:paused"));
    say(told.newer.replace("{name}", detail.name || told.someone), "conflict", { label: told.load, act: leave });
  }

  function leave() {
    form.dispatchEvent(new CustomEvent("zone:given-up"));
    location.reload();
  }

  form.addEventListener("input", (event) => {
    if (event.isComposing || ours(event)) return;
    heard.add(event.target);
    change();
  });
  form.addEventListener("compositionend", change);
  form.addEventListener("change", (event) => heard.delete(event.target) || ours(event) || change());
  form.addEventListener("zone:newer", newer);
  addEventListener("online", () => unheard && send());
  document.addEventListener("zone:signed-in", () => unheard && send());
  // A button of the form goes after what is under way, so that it names the version which that leaves.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!sending) return void (stopped = true);
    event.preventDefault();
    event.stopImmediatePropagation();
    sending.finally(() => setTimeout(() => form.requestSubmit(event.submitter ?? undefined)));
  }, true);
  // And so does one of another form about the same object, which takes along what was typed just before.
  document.addEventListener("submit", (event) => {
    const other = event.target;
    if (waited.delete(other) || stopped || (since === null && !sending) || !versionsBeside(form).some((field) => field.form === other)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waited.add(other);
    (sending ?? send()).finally(() => setTimeout(() => other.requestSubmit(event.submitter ?? undefined)));
  }, true);
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  if (form.dataset.unsaved !== undefined || typedBefore(form)) change();
}

/** Whether somebody was quicker than the scripts. */
function typedBefore(form) {
  return [...form.elements].some((field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    return field.matches("textarea, input:not([type=hidden], [type=file])") && field.value !== field.defaultValue;
  });
}

/** Controls that stand in the form and are no part of the object: files and choices that a button of their own takes in. */
function ours(event) {
  return event.target.closest("[data-apart]") !== null || event.target.type === "search";
}

function bodyOf(form) {
  const body = new FormData(form);
  for (const apart of form.querySelectorAll("[data-apart] [name]")) body.delete(apart.name);
  body.set("object_id", form.dataset.object);
  return body;
}

async function post(form, body) {
  body.set("csrf_token", form.elements.csrf_token.value);
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" });
    return { status: answer.status, told: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, told: {} };
  }
}

/** What names the version in other forms of the page that delete, discard, move or hide the same object. */
function versionsBeside({ dataset: { object } }) {
  return [...document.querySelectorAll("form input[name=version], form input[name=chosen]")].filter((field) =>
    field.name === "chosen" ? field.value.startsWith(`${object}:`) : field.form.getAttribute("action")?.includes(`/${object}/`),
  );
}

/** The object is there now: the page becomes the page of that object. */
function adopt(form, { address, history: revisions }) {
  const own = new URL(address, location.href);
  const group = new URLSearchParams(location.search).get("group");
  if (group) own.searchParams.set("group", group);
  delete form.dataset.new;
  form.setAttribute("action", own.pathname + own.search);
  form.dispatchEvent(new CustomEvent("zone:adopted", { detail: { key: `${form.dataset.kind}:${form.dataset.object}` } }));
  history.replaceState(null, "", own);
  showHistory(revisions);
}

/** Something new had no revisions to look at. */
function showHistory(address) {
  const link = document.querySelector("[data-history]");
  if (!link) return;
  link.href = address;
  link.hidden = false;
}

/** The word beside the title; the page of something new had none. */
function showState({ state, mark }) {
  const head = document.querySelector(".page-head .grow");
  if (head) (head.querySelector("p") ?? head.appendChild(document.createElement("p"))).textContent = state;
  document.querySelector(".insp-state")?.replaceChildren(...parsed(mark).childNodes);
  for (const act of document.querySelectorAll("[data-with-draft]")) act.hidden = false;
}

/** What the page is called, now that the object is there and called `title`: the heading says how, the tab follows it. */
function showHeading(title) {
  const head = document.querySelector("h1[data-then]");
  if (!head) return;
  const was = head.textContent;
  head.textContent = head.dataset.then.replace("{title}", () => title);
  if (document.title.startsWith(was)) document.title = head.textContent + document.title.slice(was.length);
}

function redrawBar(html) {
  const made = parsed(html);
  for (const part of [".track", ".draft-acts"]) {
    const [now, then] = [document.querySelector(`.draftbar ${part}`), made.querySelector(part)];
    if (now && then) now.replaceWith(then);
  }
}

function parsed(html) {
  return document.importNode(new DOMParser().parseFromString(html, "text/html").body, true);
}

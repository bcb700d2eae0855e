// The tray at the top of every page: files whose upload was begun on a page that has been left go on here. What becomes of one is told until
// somebody has seen it; one that belongs in an editor is chosen there when that is opened again.

import { forgetAll, keptOf } from "./kept-files.js";
import { announce } from "./shared.js";

const PATIENCE = 2000; // of somebody who signs out

export function start(tray) {
  const { person, space, signOut } = tray.dataset;
  // Whoever signs out leaves nothing behind.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.getAttribute("action") !== signOut) return;
    event.preventDefault();
    await Promise.race([forgetAll(), new Promise((go) => setTimeout(go, PATIENCE))]);
    form.submit();
  });
  keptOf(person, space).then((kept) => kept.length > 0 && goOn(tray, kept));
}

/** What sends files is fetched only where there is one. */
async function goOn(tray, kept) {
  const [{ enter, leave, takeOver }, { drawRow, placeOf, tallyOf }] = await Promise.all([import("./transfers.js"), import("./upload-rows.js")]);
  const told = tray.dataset;
  const list = tray.querySelector("[data-uploads]");
  const tally = tray.querySelector("[data-tally]");
  const summary = tray.querySelector("summary");
  const jobs = [];

  function changed() {
    tray.hidden = jobs.length === 0;
    tally.textContent = tallyOf(jobs, told);
    summary.title = tally.textContent;
    summary.classList.toggle("is-wrong", jobs.some((job) => ["broken", "refused", "over"].includes(job.state)));
  }

  function gone(job, beside) {
    jobs.splice(jobs.indexOf(job), 1);
    changed();
    (beside ?? document.getElementById("main")).focus();
  }

  /** `waits`: an editor at `page` waits for it; one of the library has nowhere else to be. */
  function adopt(job, { waits, page, title }) {
    jobs.push(job);
    job.inTray = true;
    drawRow(job, list, told, { changed, gone: (beside) => gone(job, beside) });
    const tell = (outcome) => {
      job.state = outcome.refusal ? "refused" : "done";
      if (!outcome.refusal) job.lead(waits ? page : outcome.href, waits ? told.back : "");
      job.show(outcome.refusal ?? (waits ? told.sayArrived.replace("{page}", title) : outcome.file ? told.sayDone : told.sayReceived));
    };
    const end = (outcome, kept) => {
      tell(outcome);
      announce(`${job.name}: ${job.row.querySelector("[data-say]").textContent}`);
      leave(job, kept);
    };
    job.refused = (message) => end({ refusal: message }, { refusal: message });
    job.finished = (said) => end(said, waits ? said : undefined);
    if (job.outcome) return tell(job.outcome);
    if (job.file) return enter(job);
    job.lead(page, told.again);
    return job.show(told.sayLost);
  }

  const here = new Set([...document.querySelectorAll("[data-module~=uploads]")].map(placeOf));
  for (const one of kept) if (!here.has(one.place)) takeOver(one).then((job) => job && adopt(job, one));
}

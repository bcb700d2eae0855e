// A place where files are dropped or chosen, many at once. They are sent in pieces; what was under way when the page was left goes on when it
// is opened again, and meanwhile in the tray. The form around works without any of this. In an editor (data-purpose) the file is wanted at once:
// `zone:under-way` says which one comes, null when it does not; `zone:arrived` that it can be chosen, a video that has to be converted once that is done.

import { converted } from "./converting.js";
import { hold, holdBack } from "./hold-back.js";
import { keptOf, note } from "./kept-files.js";
import { announce, takeDropped } from "./shared.js";
import { OPEN, begin, enter, giveUp, leave, takeOver } from "./transfers.js";
import { drawRow, placeOf, tallyOf, toldBy } from "./upload-rows.js";

const stampOf = (file) => `${file.lastModified}`;

export function start(root) {
  const told = toldBy(root);
  const list = root.querySelector("[data-uploads]");
  const input = root.querySelector('input[type="file"]');
  const tally = root.querySelector("[data-tally]");
  const single = told.single !== undefined;
  const form = root.closest("form");
  const jobs = [];
  let place = placeOf(root);
  let turn = 0;

  function bind(job) {
    jobs.push(job);
    drawRow(job, list, told, { changed, gone: (beside) => gone(job, beside) });
    job.refused = (message) => refused(job, message);
    job.finished = (said) => finished(job, said);
    job.show();
    return job;
  }

  function changed() {
    if (told.purpose) hold(root, holding());
    tally.textContent = single ? "" : tallyOf(jobs, told);
  }

  /** Why the form around cannot be saved for now, "" where it can. Of several files one that is being converted comes later all the same. */
  function holding() {
    if (jobs.some((one) => OPEN.includes(one.state))) return told.heldSending;
    return single && jobs.some((one) => one.state === "waiting") ? told.heldConverting : "";
  }

  function add(file) {
    const known = jobs.find((job) => same(job, file));
    if (known) {
      if (known.file) return void known.show();
      known.file = file;
      known.state = "queued";
      return known.key ? enter(known) : begin(known, facts());
    }
    const job = bind({ file, name: file.name, bytes: file.size, stamp: stampOf(file), purpose: purposeOf(turn), place, offset: 0, state: "queued", turn: turn++ });
    const wrong = wrongWith(file);
    if (!wrong) return begin(job, facts(job));
    job.state = "refused";
    return refused(job, wrong);
  }

  function same(job, file) {
    return job.name === file.name && job.bytes === file.size && job.stamp === stampOf(file) && [...OPEN, "broken"].includes(job.state);
  }

  /** What the portal would refuse is said before anything is sent. */
  function wrongWith(file) {
    const kinds = told.kind === "image" ? input.accept.split(",") : [];
    const most = file.type.startsWith("image/") || told.kind === "image" ? Number(told.mostImage) : Number(told.most);
    if (kinds.length && file.type && !kinds.includes(file.type)) return told.wrongKind;
    if (file.size === 0) return told.empty;
    return file.size > most ? told.tooLarge.replace("{n}", Math.floor(most / (1 << 20))) : "";
  }

  /** What a picture is made fit for: one place, or as many as there are from the chosen one on. */
  function purposeOf(index) {
    if (!told.purposes) return told.purpose ?? form.elements.purpose.value;
    const all = told.purposes.split(" ");
    return all[Number(form.elements.position.value) - 1 + index] ?? all.at(-1);
  }

  /** What the next page has to know to go on: whose it is, the order, and what else the form of the place says. */
  function facts({ turn: at = 0 } = {}) {
    const fields = form === root ? [...form.querySelectorAll("input[type=hidden]:not([name=csrf_token], [name=asset])")] : [];
    return {
      person: told.person, space: told.space, waits: Boolean(told.purpose), page: location.pathname + location.search, title: document.title.split(" · ")[0],
      turn: at, fields: fields.map(({ name, value }) => [name, value]),
    };
  }

  function adopt(job) {
    for (const [name, value] of job.fields ?? []) form.elements[name].value = value;
    turn = Math.max(turn, job.turn + 1);
    const { outcome } = job;
    if (outcome) job.state = outcome.refusal ? "refused" : outcome.file ? "done" : "waiting";
    bind(job);
    if (outcome?.refusal) refused(job, outcome.refusal);
    else if (outcome) became(job, outcome);
    else if (job.file) enter(job);
  }

  function refused(job, message) {
    job.show(message);
    announce(`${job.name}: ${message}`);
    leave(job);
    underWay(null);
  }

  function gone(job, beside) {
    jobs.splice(jobs.indexOf(job), 1);
    changed();
    underWay(null);
    (beside ?? input).focus();
  }

  function finished(job, said) {
    job.lead(said.href);
    job.show();
    announce(`${job.name}: ${job.row.querySelector("[data-say]").textContent}`);
    if (told.purpose) return became(job, said);
    leave(job);
    if (job.state === "waiting") htmx.ajax("GET", told.conversions, { target: "#conversions", swap: "outerHTML" });
  }

  function became(job, said) {
    if (said.file) return arrived(job, said.file);
    note(job.key, { outcome: said }); // whoever leaves now finds it here, or in the tray
    return convert(job, said.follow);
  }

  async function convert(job, address) {
    const { stage, reason, file } = await converted(address, (percent) => job.state === "waiting" && job.show(percent === null ? undefined : told.sayConverting.replace("{n}", `${percent}%`)));
    if (job.state !== "waiting") return;
    if (file) return arrived(job, file);
    job.state = "refused";
    refused(job, stage === "failed" ? reason : told.sayCancelled);
  }

  /** The file is in the library: whoever waits for it chooses it, and its row has nothing more to say. */
  function arrived(job, file) {
    if (told.kind && file.kind !== told.kind) {
      job.state = "refused";
      return refused(job, told.wrongKind);
    }
    jobs.splice(jobs.indexOf(job), 1);
    job.row.remove();
    leave(job);
    tally.textContent = "";
    hold(root, holding());
    const left = jobs.filter((one) => one.state !== "refused").length;
    root.dispatchEvent(new CustomEvent("zone:arrived", { bubbles: true, detail: { file, left, turn: job.turn } }));
  }

  function underWay(file) {
    if (single) root.dispatchEvent(new CustomEvent("zone:under-way", { bubbles: true, detail: { file } }));
  }

  function take(files) {
    if (single) {
      for (const job of jobs.filter((one) => !same(one, files[0]))) {
        jobs.splice(jobs.indexOf(job), 1);
        job.row.remove();
        giveUp(job);
      }
    }
    for (const file of single ? [files[0]] : files) add(file);
    if (single && holding()) underWay(files[0]);
  }

  if (told.purpose) holdBack(root);
  else root.addEventListener("submit", (event) => event.preventDefault());
  // In an editor the files are no change of the form: what becomes of them is.
  for (const type of ["input", "change"]) input.addEventListener(type, (event) => event.stopPropagation());
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    if (files.length > 0) take(files);
  });
  takeDropped(root.querySelector("[data-drop]"), (files) => take([...files]));
  // Something new that was saved meanwhile is found again under the name that it has now.
  form.addEventListener("zone:adopted", ({ detail }) => {
    place = `${detail.key}/${input.name}`;
    for (const job of jobs) note(job.key, { place, page: location.pathname + location.search });
  });

  for (const row of list.querySelectorAll("[data-open-upload]")) {
    const { name, bytes, stamp, offset } = row.dataset;
    bind({ row, name, bytes: Number(bytes), stamp, offset: Number(offset), purpose: purposeOf(0), place, address: JSON.parse(row.dataset.openUpload), state: "broken" });
  }
  keptOf(told.person, told.space).then((kept) => {
    for (const one of kept) {
      const row = jobs.findIndex((job) => job.state === "broken" && job.address.piece === one.address?.piece);
      if (row >= 0) jobs.splice(row, 1)[0].row.remove();
      if (one.place === place) takeOver(one).then((job) => job && adopt(job));
    }
  });
}

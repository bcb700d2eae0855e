// Following a channel: look at the pointer, judge it, fetch the document and every file, check all of it, and only then switch.
// Whatever goes wrong on the way, the release that shows goes on showing.

import { Files, rendition } from "./files.js";
import { fault } from "./judge.js";
import { BadSignature, followed, releaseKeys, sha256, verified } from "./verify.js";

const AT_ONCE = 6;
const SHOWN = /^(image|video)\//;
const FAULTS_KEPT = 20;

class Rejected extends Error {
  constructor(code, detail = "") {
    super(`${code} ${detail}`.trim());
    this.code = code;
  }
}

export class Feed {
  #channel;
  #store;
  #clock;
  #timers;
  #screenWidth;
  #root;
  #pin;
  #show;
  #progress;
  #pollSeconds = 30;
  #timer = null;
  #files = null;
  #shown = null;

  /** `show(document, files)` puts a release on the screen; `root` is the pinned root key (a JWK), or null where the portal has none yet: then hashes count alone; `pin(root)` keeps one that it leads to. */
  constructor({ channel, store, clock, timers, screenWidth, root = null, pin = () => {}, show, progress = () => {} }) {
    this.#channel = channel;
    this.#store = store;
    this.#clock = clock;
    this.#timers = timers;
    this.#screenWidth = screenWidth;
    this.#root = root;
    this.#pin = pin;
    this.#show = show;
    this.#progress = progress;
    this.faults = [];
  }

  /** The pointer of the release on the screen, or null. */
  get shown() {
    return this.#shown;
  }

  /** Shows what is kept, whether or not there is a network, and follows the channel from then on. */
  async start() {
    const kept = this.#store.pointer;
    if (kept) await this.#switch(kept, await this.#document(kept)).catch((reason) => this.#report(reason));
    await this.#round();
  }

  stop() {
    this.#timers.cancel(this.#timer);
  }

  /** Looks once, now; also what a push or a `resync` command asks for. */
  async look() {
    try {
      const pointer = await this.#pointer();
      const code = fault(pointer, this.#store.pointer, { channel: this.#channel, now: this.#clock.now() });
      if (code) throw new Rejected(code);
      if (this.#shown?.release === pointer.release) this.#keep(pointer);
      else await this.#switch(pointer, await this.#document(pointer));
    } catch (reason) {
      this.#report(reason);
    }
  }

  async #round() {
    await this.look();
    this.#timer = this.#timers.after(this.#pollSeconds * 1000, () => this.#round());
  }

  async #pointer() {
    const base = `/pub/channels/${this.#channel}/current`;
    if (this.#root === null) return json(await get(`${base}.json`));
    const { keys, version } = await this.#releaseKeys(await json(await get("/pub/keys.jws")));
    this.#store.keyVersion = version;
    return JSON.parse(new TextDecoder().decode(await verified(await json(await get(`${base}.jws`)), keys)));
  }

  /** Signed by the pinned root key, or by one that this leads to step by step. */
  async #releaseKeys(set) {
    try {
      return await releaseKeys(set, [this.#root], this.#store.keyVersion);
    } catch (reason) {
      const answer = await fetch("/pub/roots.json", { cache: "no-cache" }).catch(() => null);
      const root = answer?.ok ? await followed((await answer.json()).roots, this.#root) : this.#root;
      if (root === this.#root) throw reason;
      const found = await releaseKeys(set, [root], this.#store.keyVersion);
      this.#root = root;
      this.#pin(root);
      return found;
    }
  }

  async #document(pointer) {
    const bytes = await this.#checked({ sha256: pointer.release, bytes: pointer.bytes, url: pointer.url, type: "application/json" });
    const document = JSON.parse(new TextDecoder().decode(bytes));
    if (document.schema !== "zone/1" || document.enterprise.id !== pointer.enterprise_id) throw new Rejected("bad_document");
    return document;
  }

  async #switch(pointer, document) {
    const needed = document.assets.filter((asset) => SHOWN.test(asset.type)).map((asset) => rendition(asset, this.#screenWidth));
    await this.#fetchAll(needed);
    const before = this.#files;
    const files = new Files(document, (one) => this.#blob(one.sha256), this.#screenWidth);
    this.#keep(pointer);
    this.#files = files;
    await this.#show(document, files);
    await before?.close();
    await this.#store.prune(new Set([pointer.release, ...needed.map((one) => one.sha256)]));
  }

  async #fetchAll(needed) {
    const left = [...new Map(needed.map((one) => [one.sha256, one])).values()];
    const total = left.length;
    let done = 0;
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        if (!(await this.#store.has(next.sha256))) await this.#checked(next);
        done += 1;
        this.#progress(done / total);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** The bytes of a file from the store, or fetched, checked and kept. */
  async #checked({ sha256: digest, bytes: size, url, type }) {
    const kept = await this.#store.file(digest);
    if (kept) return kept.arrayBuffer();
    const bytes = await (await get(url, "no-store")).arrayBuffer(); // kept by us; a damaged copy in the browser's cache would stay
    if (bytes.byteLength !== size || (await sha256(bytes)) !== digest) throw new Rejected("bad_hash", url);
    await this.#store.put(digest, bytes, type);
    return bytes;
  }

  async #blob(digest) {
    const kept = await this.#store.file(digest);
    if (!kept) throw new Rejected("missing_file", digest);
    return URL.createObjectURL(await kept.blob());
  }

  #keep(pointer) {
    this.#store.pointer = pointer;
    this.#shown = pointer;
  }

  #report(reason) {
    const code = reason.code ?? (reason instanceof BadSignature ? "bad_signature" : "no_network");
    this.faults = [...this.faults, { code, detail: String(reason.message).slice(0, 500), at: this.#clock.now().toISOString() }].slice(-FAULTS_KEPT);
  }
}

async function get(url, cache = "no-cache") {
  const answer = await fetch(url, { cache });
  if (!answer.ok) throw new Rejected(answer.status === 404 ? "not_found" : "no_answer", `${answer.status} ${url}`);
  return answer;
}

function json(answer) {
  return answer.json();
}

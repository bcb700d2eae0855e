// The calls of a box to the portal (/box/v1/), each proved by the box's own key (DPoP, RFC 9449). The private key never leaves the
// browser's key store. Whoever runs the player hands it this as its `service`.

import { rootOf } from "./store.js";
import { base64url } from "./verify.js";

const STORE = "tv-box";
const SIGNING = { name: "ECDSA", namedCurve: "P-256" };

export class Box {
  #base;
  #memory;
  #about;
  #nonce = null;
  #keys = null;

  /** `base` is the portal's configured address, `memory` keeps words over a restart, `about` is what the device says of itself. */
  constructor({ base, memory, about }) {
    this.#base = base;
    this.#memory = memory;
    this.#about = about;
  }

  /** 查询: whose enterprise ID and phone number these are. */
  lookUp({ enterprise_id, installer_phone }) {
    return this.call("/box/v1/lookups", { enterprise_id, installer_phone });
  }

  /** 上报: binds the box; what is given back is remembered before anybody hears of it. */
  async report({ enterprise_id, installer_phone }) {
    const answer = await this.call("/box/v1/bindings", { enterprise_id, installer_phone, serial: this.#serial(), ...this.#about });
    if (answer.ok && answer.body.state === "bound") {
      this.#memory.set("token", answer.body.token);
      const { channel, root } = answer.body;
      const pinned = this.#pinned() ?? (root && JSON.stringify(root));
      if (pinned) this.#memory.set(rootOf(channel), pinned);
      this.#memory.set("channel", channel);
    }
    return answer;
  }

  /** The root key of the first binding, or what that one led to: another in an answer changes nothing by itself. */
  #pinned() {
    const channel = this.#memory.get("channel");
    return channel ? this.#memory.get(rootOf(channel)) : null;
  }

  /** One call, once more with a fresh nonce where the portal asks for it: `{ok, status, code, body}`. */
  async call(path, body, { token = null } = {}) {
    let answer = await this.#send(path, body, token);
    if (answer.code === "use_dpop_nonce") answer = await this.#send(path, body, token);
    return answer;
  }

  async #send(path, body, token) {
    const headers = { "Content-Type": "application/json", DPoP: await this.#proof("POST", path, token) };
    if (token) headers.Authorization = `DPoP ${token}`;
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store" });
    this.#nonce = answer.headers.get("DPoP-Nonce") ?? this.#nonce;
    const told = answer.status === 204 ? null : await answer.json().catch(() => null);
    return { ok: answer.ok, status: answer.status, code: answer.ok ? null : (told?.code ?? null), body: told };
  }

  async #proof(method, path, token) {
    const { privateKey, publicKey } = await this.#pair();
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
    const head = { typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } };
    const claims = { htm: method, htu: this.#base + path, iat: Math.floor(Date.now() / 1000), jti: crypto.randomUUID() };
    if (this.#nonce) claims.nonce = this.#nonce;
    if (token) claims.ath = base64url(await crypto.subtle.digest("SHA-256", encoded(token)));
    const signed = `${part(head)}.${part(claims)}`;
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, encoded(signed));
    return `${signed}.${base64url(signature)}`;
  }

  async #pair() {
    this.#keys ??= await kept("pair", () => crypto.subtle.generateKey(SIGNING, false, ["sign"]));
    return this.#keys;
  }

  /** A browser has no serial number: it makes one up and stays with it. */
  #serial() {
    const known = this.#memory.get("serial");
    if (known) return known;
    const made = `WEB${crypto.randomUUID().replaceAll("-", "").slice(0, 12).toUpperCase()}`;
    this.#memory.set("serial", made);
    return made;
  }
}

function encoded(text) {
  return new TextEncoder().encode(text);
}

function part(value) {
  return base64url(encoded(JSON.stringify(value)));
}

/** A value of the browser's database, made where there is none; keys stay what they are there and cannot be read out. */
async function kept(name, make) {
  const database = await opened();
  const found = await done(database.transaction(STORE).objectStore(STORE).get(name));
  if (found) return found;
  const made = await make();
  await done(database.transaction(STORE, "readwrite").objectStore(STORE).put(made, name));
  return made;
}

function opened() {
  const request = indexedDB.open(STORE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return done(request);
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

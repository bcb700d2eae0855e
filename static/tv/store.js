// What a box keeps over a restart: the pointer it follows, and its files by their hash. Everything in the cache has been checked.

const FILES = "tv-files";
const address = (sha256) => `/tv/kept/${sha256}`;

export class Store {
  #name;
  #keys;

  constructor(channel) {
    this.#name = `tv.pointer.${channel}`;
    this.#keys = `tv.keys.${channel}`;
  }

  /** The pointer of the last good release, or null. */
  get pointer() {
    return read(this.#name);
  }

  set pointer(pointer) {
    localStorage.setItem(this.#name, JSON.stringify(pointer));
  }

  /** The version of the key set seen last, which never goes back. */
  get keyVersion() {
    return read(this.#keys) ?? 0;
  }

  set keyVersion(version) {
    localStorage.setItem(this.#keys, JSON.stringify(version));
  }

  async has(sha256) {
    return (await this.file(sha256)) !== undefined;
  }

  async file(sha256) {
    return (await caches.open(FILES)).match(address(sha256));
  }

  async put(sha256, bytes, type) {
    await (await caches.open(FILES)).put(address(sha256), new Response(bytes, { headers: { "Content-Type": type } }));
  }

  /** Forgets every file that is not in `wanted` (a set of hashes). */
  async prune(wanted) {
    const cache = await caches.open(FILES);
    for (const request of await cache.keys()) {
      if (!wanted.has(request.url.slice(-64))) await cache.delete(request);
    }
  }
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

/** The name under which the root key of a channel is kept. */
export const rootOf = (channel) => `root.${channel}`;

/** What the viewer chose or the address said, kept: the channel, the theme, the root key. */
export const memory = {
  get: (name) => localStorage.getItem(`tv.${name}`),
  set: (name, value) => localStorage.setItem(`tv.${name}`, value),
};

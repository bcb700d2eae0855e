// The files of one release, by the hash under which the document names them, in the size that fits the screen.

/** The largest rendition not wider than the screen; where all are wider, the smallest. */
export function rendition(asset, screenWidth) {
  const all = [asset, ...asset.variants].sort((a, b) => (a.width ?? 0) - (b.width ?? 0));
  return all.filter((one) => (one.width ?? 0) <= screenWidth).pop() ?? all[0];
}

/** What `load` finds for a rendition stays good until `close`, where blob addresses are given back. */
export class Files {
  #assets;
  #load;
  #width;
  #found = new Map();

  /** `load(rendition)` gives an address, at once or as a promise: `/pub/...` of a server, or blob: of a kept file. */
  constructor(document, load, screenWidth) {
    this.#assets = new Map(document.assets.map((asset) => [asset.sha256, asset]));
    this.#load = load;
    this.#width = screenWidth;
  }

  about(sha256) {
    return this.#assets.get(sha256) ?? null;
  }

  async url(sha256) {
    const asset = this.about(sha256);
    if (asset === null) throw new Error(`no such file: ${sha256}`);
    if (!this.#found.has(sha256)) this.#found.set(sha256, Promise.resolve(this.#load(rendition(asset, this.#width))));
    return this.#found.get(sha256);
  }

  /** The still picture of a file: a video's is its poster; null where it has none. */
  still(sha256) {
    const asset = sha256 && this.about(sha256);
    if (!asset) return null;
    return asset.type.startsWith("video/") ? (asset.poster ?? null) : sha256;
  }

  async close() {
    for (const found of this.#found.values()) {
      const url = await found.catch(() => "");
      if (url.startsWith("blob:")) URL.revokeObjectURL(url);
    }
    this.#found.clear();
  }
}

// Whether a web page answers. A frame does not say: where nothing answers it loads the browser's own page about that.

const SCRIPT = "/tv/reach.js";

export class Reach {
  #worker = null;

  /** `answer` becomes true or false; true as well where nobody can ask. */
  constructor(url) {
    this.answer = new Promise((go) => {
      try {
        this.#worker = new Worker(SCRIPT);
      } catch {
        return go(true);
      }
      this.#worker.addEventListener("message", ({ data }) => go(data));
      this.#worker.addEventListener("error", () => go(true));
      return this.#worker.postMessage(url);
    }).finally(() => this.stop());
  }

  stop() {
    this.#worker?.terminate();
  }
}

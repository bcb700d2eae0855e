// Says every ten seconds that this page is open, and that it is no more once it is left. Asking counts as no activity of the person; a
// tab that is not looked at asks no more, and is forgotten by the others half a minute later.

const PAUSE = 10_000;

/**
 * Keeps the page present at an address from now on.
 *
 * Only while `there()`; `heard` gets each answer, `token()` is the form token of now. Returns a function that asks at once.
 */
export function keepPresent(address, { token, heard, there = () => true }) {
  const page = crypto.randomUUID();
  let timer = null;

  const body = (more = {}) => {
    const data = new FormData();
    for (const [name, value] of Object.entries({ csrf_token: token(), page, ...more })) data.set(name, value);
    return data;
  };

  async function ask() {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
    if (!there() || document.hidden) return;
    const answer = await fetch(address(), { method: "POST", body: body(), headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) heard(await answer.json());
  }

  document.addEventListener("visibilitychange", () => document.hidden || ask());
  addEventListener("pagehide", () => there() && navigator.sendBeacon(address(), body({ leave: "1" })));
  ask();
  return ask;
}

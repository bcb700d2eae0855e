// Says when the session is about to end. Asking how long it lasts does not extend it; 继续工作 loads this page's address, which does.
// After the end the page stays as it is: one signs in elsewhere, comes back, and goes on.

const WARN_BEFORE = 60;
const LONGEST_PAUSE = 300;

export function start(root) {
  const warning = root.querySelector("[data-session-warning]");
  const ended = root.querySelector("[data-session-ended]");
  const left = root.querySelector("[data-session-left]");
  let deadline = 0;
  let timer = 0;

  const remaining = () => Math.max(0, Math.round((deadline - Date.now()) / 1000));

  async function ask() {
    clearTimeout(timer);
    try {
      const answer = await fetch(root.dataset.status, { headers: { Accept: "application/json" }, redirect: "manual" });
      const seconds = answer.ok ? Number((await answer.json()).seconds_left) : 0;
      deadline = Date.now() + seconds * 1000;
      if (answer.ok || answer.status === 401 || answer.type === "opaqueredirect") show();
      else timer = setTimeout(ask, LONGEST_PAUSE * 1000);
    } catch {
      timer = setTimeout(ask, 30_000); // no network: that is not a session that has ended
    }
  }

  function show() {
    const seconds = remaining();
    if (seconds <= 0) {
      warning.close();
      if (!ended.open) ended.showModal();
      return;
    }
    ended.close();
    if (seconds > WARN_BEFORE) {
      warning.close();
      timer = setTimeout(ask, Math.min(seconds - WARN_BEFORE, LONGEST_PAUSE) * 1000);
      return;
    }
    left.textContent = String(seconds);
    if (!warning.open) warning.showModal();
    // Another tab may have gone on meanwhile: ask again at zero before saying that it is over.
    timer = seconds === 1 ? setTimeout(ask, 1100) : setTimeout(show, 1000);
  }

  root.querySelector("[data-session-stay]").addEventListener("click", async () => {
    await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => {});
    ask();
  });
  root.querySelector("[data-session-check]").addEventListener("click", ask);
  warning.addEventListener("cancel", (event) => event.preventDefault());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
  timer = setTimeout(ask, 15_000);
}

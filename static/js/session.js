// Says when the session is about to end. Asking how long it lasts does not extend it; 继续工作 does.
// After the end the page stays as it is: a dialog over it asks to sign in again, and whatever was typed goes on.

const WARN_BEFORE = 60;
const LONGEST_PAUSE = 300;

export function start(root) {
  const warning = root.querySelector("[data-session-warning]");
  const ended = root.querySelector("[data-session-ended]");
  const left = root.querySelector("[data-session-left]");
  const form = root.querySelector("[data-session-again]");
  let deadline = 0;
  let timer = 0;
  let missed = 0;

  const remaining = () => Math.max(0, Math.round((deadline - Date.now()) / 1000));

  async function ask() {
    clearTimeout(timer);
    try {
      const answer = await fetch(root.dataset.status, { headers: { Accept: "application/json" }, redirect: "manual" });
      const over = answer.status === 401 || answer.type === "opaqueredirect";
      // A request under way may have renewed the token meanwhile: what ended the session says so twice.
      if (over && missed++ === 0) return void (timer = setTimeout(ask, 500));
      if (!over) missed = 0;
      const seconds = answer.ok ? Number((await answer.json()).seconds_left) : 0;
      deadline = Date.now() + seconds * 1000;
      if (answer.ok || over) show();
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
      if (ended.contains(document.activeElement)) form.elements.password.focus();
      return;
    }
    if (ended.open) document.dispatchEvent(new CustomEvent("zone:signed-in"));
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
    const token = form.elements.csrf_token.value;
    await fetch(root.dataset.stay, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => {});
    ask();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signIn(root, form, false).then((done) => done && ask());
  });
  root.querySelector("[data-session-passkey]").addEventListener("click", () => signIn(root, form, true).then((done) => done && ask()));
  root.querySelector("[data-session-check]").addEventListener("click", ask);
  for (const dialog of [warning, ended]) dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
  document.addEventListener("zone:session-over", ask);
  timer = setTimeout(ask, 15_000);
}

// Sends the dialog's form, with a passkey's answer if that is how; says whether the session lives again.
async function signIn(root, form, byPasskey) {
  const problem = root.querySelector("[data-session-problem]");
  const buttons = form.querySelectorAll("[type=submit], [data-session-passkey]");
  const say = (text) => {
    problem.hidden = !text;
    problem.textContent = text;
  };
  for (const button of buttons) button.disabled = true;
  try {
    const body = new FormData(form);
    body.set("next", location.pathname);
    if (byPasskey) body.set("credential", await passkey(form, say));
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const told = await answer.json();
    say(answer.ok ? "" : told.detail);
    if (answer.ok) form.reset();
    if (told.choose) location.assign(told.choose);
    if (!answer.ok) askForPageCode(root, answer.headers.get("Portal-Captcha") !== null);
    return answer.ok;
  } catch {
    return false; // no network, or no passkey: the page stays, and so does what was typed
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

// Its module is big and seldom needed: it is fetched when somebody asks for it.
async function passkey(form, say) {
  const { ask } = await import(`./passkey.js${new URL(import.meta.url).search}`);
  try {
    return await ask(form);
  } catch (error) {
    say(error.message);
    throw error;
  }
}

function askForPageCode(root, due) {
  const part = root.querySelector("[data-session-captcha]");
  part.hidden = !due;
  if (due) part.querySelector("[data-renew]").click();
}

// What a drawn television needs at run time: the clock in China Standard Time, colours and speed of the marquee.
// Values come from the document, so they are set through the CSSOM: the page's policy allows no style attribute.

const SPEED = { slow: 60, normal: 120, fast: 200 }; // pixels a second on a screen 1920 pixels wide

export function start(set) {
  const screen = set.querySelector(".tv-screen");
  for (const message of set.querySelectorAll("[data-colour]")) {
    if (/^#[0-9a-f]{6}$/i.test(message.dataset.colour)) message.style.color = message.dataset.colour;
  }
  for (const run of set.querySelectorAll("[data-run]")) startRun(run, screen);
  for (const clock of set.querySelectorAll("[data-clock]:not([data-fixed])")) startClock(clock);
}

// It moves while it is pointed at or holds focus: text that never stops is a burden to those who read the page beside it.
function startRun(run, screen) {
  const box = run.parentElement;
  if (run.scrollWidth <= box.clientWidth) return;
  const width = run.scrollWidth;
  const again = [...run.childNodes].map((node) => node.cloneNode(true));
  const mark = document.createElement("i");
  mark.textContent = "◆";
  run.append(mark, ...again);
  const perSecond = (SPEED[run.dataset.speed] ?? SPEED.normal) * (screen.clientWidth / 1920);
  run.style.setProperty("--tv-run", `${Math.max(8, width / perSecond).toFixed(1)}s`);
  run.closest(".tv-marquee").classList.add("is-running");
}

function startClock(clock) {
  const [hour, weekday, day] = [clock.querySelector("b"), ...clock.querySelectorAll("span > span")];
  const lang = document.documentElement.lang;
  const zone = { timeZone: "Asia/Shanghai" };
  const show = () => {
    const now = new Date();
    hour.textContent = now.toLocaleTimeString("en-GB", { ...zone, hour: "2-digit", minute: "2-digit" });
    weekday.textContent = now.toLocaleDateString(lang, { ...zone, weekday: "long" });
    day.textContent = now.toLocaleDateString(lang, { ...zone, month: "long", day: "numeric" });
  };
  show();
  setInterval(show, 10_000);
}

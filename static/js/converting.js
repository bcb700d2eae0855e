// A video that is being converted, followed to its end.

const PAUSE = 1500;
const LONGEST = 15_000;

/** Asks again and again how far it is (`show(percent)`, null while it waits) and answers `{stage, reason, file}` when it has ended. */
export async function converted(address, show) {
  for (let missed = 0; ; ) {
    await new Promise((go) => setTimeout(go, Math.min(PAUSE * 2 ** missed, LONGEST)));
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.status === 404) return { stage: "cancelled", reason: "", file: null };
    if (!answer?.ok) {
      missed += 1;
      continue;
    }
    missed = 0;
    const told = await answer.json();
    if (told.stage !== "waiting") return told;
    show(told.percent);
  }
}

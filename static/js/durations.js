// How long one round of a playlist takes, while it is edited: what stands in the rows, or the film's own length, added up.

export function start(list) {
  const out = document.getElementById(list.dataset.total);
  const bar = document.getElementById(list.dataset.strip);
  const show = () => {
    const lengths = [...list.children].map((row) => {
      const field = row.querySelector(".secs");
      const typed = Number(field.value.normalize("NFKC").trim() || field.placeholder || 0);
      return Number.isFinite(typed) && typed > 0 ? typed : 0;
    });
    const total = lengths.reduce((sum, one) => sum + one, 0);
    out.textContent = list.dataset.words.replace("{n}", String(lengths.length)).replace("{time}", clock(total));
    draw(bar, lengths, total);
  };
  list.addEventListener("input", show);
  list.addEventListener("change", show);
  show();
}

/** The round as a strip: each entry as wide as it is long, with its number. */
function draw(bar, lengths, total) {
  const parts = lengths.map((seconds, index) => {
    const part = document.createElement("span");
    part.className = `f${(index % 5) + 1}`;
    part.style.setProperty("flex-grow", String(seconds / (total || 1)));
    part.title = `${index + 1} · ${clock(seconds)}`;
    part.textContent = String(index + 1);
    return part;
  });
  bar.replaceChildren(...parts);
  bar.hidden = total === 0;
}

function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

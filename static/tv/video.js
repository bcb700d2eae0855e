// Videos: ready to show their first frame before they are shown, and given back when they are not needed any more.

const READY_WITHIN = 8000;

/** A <video> that can show its first frame and has begun to play; rejects where it cannot. `attach` gives it what it plays. */
export async function playable(url, { muted = false, attach = bySource } = {}) {
  const video = document.createElement("video");
  video.playsInline = true;
  video.disableRemotePlayback = true;
  video.muted = muted;
  let detach = () => {};
  const close = () => {
    video.pause();
    detach();
  };
  try {
    detach = await attach(video, url);
    await ready(video);
    await begin(video);
  } catch (reason) {
    close();
    throw reason;
  }
  return { video, close };
}

/** The browser fetches it by itself; returns what lets go of it again. */
export function bySource(video, url) {
  video.src = url;
  return () => {
    video.removeAttribute("src");
    video.load();
  };
}

function ready(video) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("no frame in time")), READY_WITHIN);
    video.addEventListener("loadeddata", () => { clearTimeout(late); resolve(); }, { once: true });
    video.addEventListener("error", () => { clearTimeout(late); reject(new Error("not playable")); }, { once: true });
  });
}

/** A browser that wants a gesture before there is sound plays without; a box has no such rule. */
async function begin(video) {
  try {
    await video.play();
  } catch (reason) {
    if (reason.name !== "NotAllowedError") throw reason;
    video.muted = true;
    await video.play();
  }
}

/** Seconds as 03:26, over an hour as 1:02:03. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${two(minutes)}:${two(whole % 60)}`;
}

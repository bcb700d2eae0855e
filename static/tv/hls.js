// HLS for browsers that cannot play it themselves, where people edit: boxes and current browsers need nothing of it, so it is fetched
// only when a channel is opened.

/** Has `video` play the channel, and returns what lets go of it again; a channel that is lost is an error of the video. */
export async function byScript(video, url) {
  const { default: Hls } = await import("../vendor/hls.light.mjs");
  if (!Hls.isSupported()) throw new Error("no HLS here");
  const hls = new Hls({ enableWorker: false }); // a worker would come from a blob, which the page's policy forbids
  hls.on(Hls.Events.ERROR, (_name, { fatal }) => fatal && video.dispatchEvent(new Event("error")));
  hls.loadSource(url);
  hls.attachMedia(video);
  return () => hls.destroy();
}

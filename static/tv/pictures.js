// Pictures are decoded before they are shown, so that nothing flashes.

import { h } from "./dom.js";

/** A decoded <img> for a file, or null where it cannot be shown. */
export async function picture(files, sha256) {
  try {
    return await decoded(await files.url(sha256));
  } catch {
    return null;
  }
}

export async function decoded(url) {
  const image = new Image();
  image.alt = "";
  image.src = url;
  await image.decode();
  return image;
}

/** A box into which the still picture of a file comes as soon as it is decoded; `arrived` says when. */
export function framed(files, sha256, className = "pic") {
  const frame = h("div", className);
  const still = files.still(sha256);
  const arrived = still ? picture(files, still).then((image) => image && frame.append(image)) : Promise.resolve();
  return { frame, arrived };
}

/** The ground behind a screen: a picture blurred once on a small canvas and scaled up, since boxes are too slow to blur live. */
export async function ambient(files, sha256, canvas) {
  const still = files.still(sha256);
  const image = still ? await picture(files, still) : null;
  if (!image) return;
  const pen = canvas.getContext("2d");
  pen.filter = "blur(14px) saturate(0.9)";
  pen.drawImage(image, -24, -14, canvas.width + 48, canvas.height + 28);
}

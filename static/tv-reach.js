// Asks whether a web page answers at all, and reads nothing of what comes back. It runs under a policy of its own, since the player's page may
// fetch from nowhere but the portal and the live hosts.

const LIKE_A_STRANGER = { method: "HEAD", mode: "no-cors", credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" };

addEventListener("message", (event) => {
  if (event.origin) return; // only the page that made this worker speaks without one
  fetch(event.data, LIKE_A_STRANGER).then(
    () => postMessage(true),
    () => postMessage(false),
  );
});

// Lets the television start without a network: its page and files are kept under one version and answered from there. `SHELL`, in
// front of this text, names them. Content is not its business; the player keeps and checks that itself.

const KEPT = `tv-shell-${SHELL.version}`;

addEventListener("install", (event) => {
  const fresh = [SHELL.page, ...SHELL.files].map((url) => new Request(url, { cache: "reload" }));
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(fresh)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("tv-shell-") && name !== KEPT;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method === "GET" && origin === location.origin && (pathname === SHELL.page || SHELL.files.includes(pathname))) {
    event.respondWith(caches.open(KEPT).then((cache) => cache.match(pathname)).then((kept) => kept ?? fetch(event.request)));
  }
});

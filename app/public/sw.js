// Keeps the shell of the operator's page: the document `/camera/`, and what carries a hash in its name. It refuses
// everything else: answers of the server, sockets and pictures never pass through here.
//
// Invariant: while the server answers, the document is the server's own.

const SHELL = "shell-1";
const PAGE = "/camera/";
const ANSWERED_WITHIN_MS = 4000;
const ASSET = /(?:src|href)="(\/assets\/[^"]+)"/g;

self.addEventListener("install", (event) => {
  event.waitUntil(install().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname === PAGE && request.mode === "navigate") event.respondWith(page());
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
});

async function install() {
  await keep(await fetch(PAGE, { cache: "no-cache" }));
}

/** The server's document, or that which was kept when it does not answer. */
async function page() {
  try {
    const answer = await fetch(PAGE, { cache: "no-cache", signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) });
    if (answer.ok) await keep(answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept === undefined) throw error;
    return kept;
  }
}

/** Named by its content: what is kept is right for ever. */
async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** Keeps a document with all that it names, and nothing of the one before. */
async function keep(document) {
  const text = await document.clone().text();
  const names = [...text.matchAll(ASSET)].map(([, name]) => name);
  const shell = await caches.open(SHELL);
  const known = new Set((await shell.keys()).map((request) => new URL(request.url).pathname));
  await shell.addAll(names.filter((name) => !known.has(name)));
  await shell.put(PAGE, document);
  const stale = [...known].filter((path) => path !== PAGE && !names.includes(path));
  await Promise.all(stale.map((path) => shell.delete(path)));
}

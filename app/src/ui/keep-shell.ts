// Keeps this page's own files on the phone, so that a reload while the server is away still shows the page. What is
// kept is the page alone, never an answer of the server: see `public/sw.js`.

/** Whether it could be: a phone does so only over a certificate that it trusts. */
export async function keepShell(): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("/sw.js");
    return true;
  } catch {
    return false;
  }
}

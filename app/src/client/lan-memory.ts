// What a reloaded page needs to call its director's machine again without the relay: its name there, its certificate,
// and where and how that machine waits for it. It is kept in IndexedDB, which alone keeps a certificate without showing
// its key. It refuses to fail a page: what cannot be kept is not there after the reload.

import type { LanAnswer } from "../contract/protocol";

/** What is kept of one session. */
export interface LanKept {
  readonly peer: string;
  readonly certificate: RTCCertificate;
  /** How the machine waits for this page to come again; null until it said so. */
  readonly answer: Extract<LanAnswer, { state: "open" }> | null;
}

/** Where it is kept. */
export interface LanMemory {
  load(): Promise<LanKept | null>;
  save(kept: LanKept): Promise<void>;
}

const STORE = "lan";

/** In this browser, for one session. */
export function lanMemoryOfBrowser(session: string): LanMemory {
  return {
    load: async () => {
      try {
        const kept = await asked((await opened()).transaction(STORE).objectStore(STORE).get(session));
        return isKept(kept) ? kept : null;
      } catch {
        return null; // a private window, or a full disk
      }
    },
    save: async (kept) => {
      try {
        await asked((await opened()).transaction(STORE, "readwrite").objectStore(STORE).put(kept, session));
      } catch {
        // the same: a reload will need the relay
      }
    },
  };
}

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open("returnfeed", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return asked(request);
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function isKept(value: unknown): value is LanKept {
  return (
    typeof value === "object" &&
    value !== null &&
    "peer" in value &&
    typeof value.peer === "string" &&
    "certificate" in value &&
    value.certificate instanceof RTCCertificate &&
    value.certificate.expires > Date.now() &&
    "answer" in value
  );
}

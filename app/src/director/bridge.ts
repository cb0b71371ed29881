// The window's seam to its program: what it shows, what is asked of it, and the newest picture. It knows no screen.

import type { Figures, Intent, View } from "../contract/desktop";

/** What the program's web view lends to the page. */
interface Lent {
  readonly core: { invoke(command: string, facts?: unknown): Promise<unknown> };
  readonly event: {
    listen(name: string, heard: (event: { payload: unknown }) => void): Promise<() => void>;
  };
}

/** Where a picture lies in the mosaic, in pixels. */
export interface Tile {
  /** Which: a source's key, or one of the buses. */
  readonly of: number | "programme" | "preview" | "monitor";
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** One mosaic of every picture, as it came. */
export interface Mosaic {
  /** Counts them. */
  readonly n: number;
  readonly tiles: readonly Tile[];
  readonly figures: Figures | null;
  readonly jpeg: Blob;
}

/** The program, as the page sees it. */
export interface Bridge {
  /** Calls back with the view now and at each change. */
  follow(changed: (view: View) => void): void;
  ask(intent: Intent): Promise<void>;
  /** The next mosaic after this one; null: there is none for now. */
  mosaic(after: number): Promise<Mosaic | null>;
}

/** What the program says beside a mosaic. */
interface Said {
  readonly n: number;
  readonly tiles: readonly Painted[];
  readonly figures: Figures | null;
}

/** A tile as the program says it. */
interface Painted {
  readonly shows: "preview" | "programme" | "monitor" | { readonly source: number };
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function tile({ shows, x, y, width, height }: Painted): Tile {
  return { of: typeof shows === "string" ? shows : shows.source, x, y, w: width, h: height };
}

/** The bridge of the program that this page runs in. */
export function programBridge(): Bridge {
  const lent = (window as unknown as { __TAURI__?: Lent }).__TAURI__;
  if (lent === undefined) throw new Error("this page is the inside of the desktop program");
  const pictures = navigator.userAgent.includes("Windows")
    ? "http://pictures.localhost"
    : "pictures://localhost";
  return {
    follow(changed) {
      void lent.event.listen("view", (event) => changed(event.payload as View));
      void lent.core.invoke("view").then((view) => changed(view as View));
    },
    async ask(intent) {
      await lent.core.invoke("ask", { intent });
    },
    async mosaic(after) {
      const answer = await fetch(`${pictures}/mosaic?after=${after}`);
      const about = answer.headers.get("x-mosaic");
      if (!answer.ok || about === null) return null;
      const { n, tiles, figures } = JSON.parse(about) as Said;
      return { n, tiles: tiles.map(tile), figures, jpeg: await answer.blob() };
    },
  };
}

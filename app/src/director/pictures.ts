// Pulls the mosaic, newest only, and lends each picture of it to the canvas that shows it. The pull is the pace: the
// next one is asked for when this one is on the screen, so a slow window falls behind by nothing.

import { Value, type Watchable } from "../client/value";
import type { World } from "../client/world";
import type { Figures } from "../contract/desktop";
import type { Bridge, Tile } from "./bridge";

/** How long to wait where there is no picture, in ms. */
const QUIET_MS = 300;

/** Where a picture is drawn. */
export type Pane = Pick<CanvasRenderingContext2D, "drawImage" | "canvas">;

/** The pictures of the window. */
export class Pictures {
  readonly #bridge: Bridge;
  readonly #world: Pick<World, "after" | "now">;
  readonly #decode: (jpeg: Blob) => Promise<ImageBitmap>;
  readonly #panes = new Map<Tile["of"], Set<Pane>>();
  readonly #figures = new Value<Figures | null>(null);
  readonly #rate = new Value(0);
  #times: number[] = [];
  #last = 0;
  #ended = false;

  constructor(
    bridge: Bridge,
    world: Pick<World, "after" | "now">,
    decode: (jpeg: Blob) => Promise<ImageBitmap> = (jpeg) => createImageBitmap(jpeg),
  ) {
    this.#bridge = bridge;
    this.#world = world;
    this.#decode = decode;
  }

  /** What came with the newest picture. */
  get figures(): Watchable<Figures | null> {
    return this.#figures;
  }

  /** Pictures on the screen in the last second. */
  get rate(): Watchable<number> {
    return this.#rate;
  }

  /** Shows a picture in a pane until it is taken back. */
  show(of: Tile["of"], pane: Pane): () => void {
    const panes = this.#panes.get(of) ?? new Set();
    this.#panes.set(of, panes.add(pane));
    return () => panes.delete(pane);
  }

  start(): void {
    void this.#run();
  }

  end(): void {
    this.#ended = true;
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      const shown = await this.#next().catch(() => false);
      if (!shown) {
        this.#count();
        await new Promise<void>((go) => this.#world.after(QUIET_MS, go));
      }
    }
  }

  async #next(): Promise<boolean> {
    const mosaic = await this.#bridge.mosaic(this.#last);
    if (mosaic === null) return false;
    this.#last = mosaic.n;
    this.#figures.set(mosaic.figures);
    const bitmap = await this.#decode(mosaic.jpeg);
    for (const { of, x, y, w, h } of mosaic.tiles) {
      for (const pane of this.#panes.get(of) ?? []) {
        if (pane.canvas.width !== w) pane.canvas.width = w;
        if (pane.canvas.height !== h) pane.canvas.height = h;
        pane.drawImage(bitmap, x, y, w, h, 0, 0, w, h);
      }
    }
    bitmap.close();
    this.#times.push(this.#world.now());
    this.#count();
    return true;
  }

  #count(): void {
    const since = this.#world.now() - 1000;
    this.#times = this.#times.filter((time) => time > since);
    this.#rate.set(this.#times.length);
  }
}

import { describe, expect, it, vi } from "vitest";
import type { Bridge, Mosaic } from "./bridge";
import { type Pane, Pictures } from "./pictures";
import { FakeProgram } from "./testing";

const mosaic = (n: number): Mosaic => ({
  n,
  tiles: [
    { of: "programme", x: 0, y: 0, w: 640, h: 360 },
    { of: 2, x: 640, y: 0, w: 320, h: 180 },
  ],
  figures: null,
  jpeg: new Blob(),
});

describe("the pictures", () => {
  it("are cut out of the newest mosaic, one asked for after the other", async () => {
    const asked: number[] = [];
    const program: Bridge = Object.assign(new FakeProgram(), {
      async mosaic(after: number) {
        asked.push(after);
        if (asked.length > 2) return new Promise<null>(() => {});
        return mosaic(after + 5);
      },
    });
    const close = vi.fn();
    const bitmap = { close } as unknown as ImageBitmap;
    const world = { now: () => 0, after: () => () => {} };
    const pictures = new Pictures(program, world, async () => bitmap);
    const drawn = vi.fn();
    const pane = { canvas: { width: 0, height: 0 }, drawImage: drawn } as unknown as Pane;
    pictures.show(2, pane);
    pictures.start();
    await vi.waitFor(() => expect(asked).toEqual([0, 5, 10]));
    expect(drawn).toHaveBeenCalledTimes(2);
    expect(drawn).toHaveBeenCalledWith(bitmap, 640, 0, 320, 180, 0, 0, 320, 180);
    expect(pane.canvas).toEqual({ width: 320, height: 180 });
    expect(close).toHaveBeenCalledTimes(2);
  });
});

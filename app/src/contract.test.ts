// The other half of core/protocol's golden test: `tsc` proves that the samples have the generated types, this
// proves that they are the golden files, and that the client reads what the cloud really sends.

import { describe, expect, it } from "vitest";
import { readCloudToPage } from "./client/wire";
import { samples } from "./contract/samples";

const files = import.meta.glob<unknown>("../../tests/fixtures/protocol/*.json", {
  eager: true,
  import: "default",
});

const golden = new Map(
  Object.entries(files).map(([path, json]) => [path.replace(/^.*\/(.*)\.json$/, "$1"), json]),
);

describe("the contract", () => {
  it("has a typed sample for every golden message, and no other", () => {
    expect([...golden.keys()].sort()).toEqual(Object.keys(samples).sort());
    expect(golden.size).toBeGreaterThan(20);
  });

  it.each(Object.entries(samples))("%s is its golden file", (name, sample) => {
    expect(sample).toEqual(golden.get(name));
  });

  it("lets the client read every message of the cloud, and nothing that only a page says", () => {
    const named = (prefix: string) => [...golden].filter(([name]) => name.startsWith(prefix));
    for (const [name, json] of named("cloud_to_page.")) {
      expect(readCloudToPage(JSON.stringify(json)), name).toEqual(json);
    }
    for (const [name, json] of named("page_to_cloud.")) {
      expect(readCloudToPage(JSON.stringify(json)), name).toBeNull();
    }
  });

  it("lets the client refuse a tally in which one lamp is malformed", () => {
    const tally = samples["cloud_to_page.tally"];
    if (tally.type !== "tally") throw new Error("the sample is a tally");
    const [lamp] = tally.state.cameras;
    for (const broken of [
      { ...lamp, tally: "purple" },
      { ...lamp, camera: "1" },
      { ...lamp, reason: null },
    ]) {
      const message = { ...tally, state: { ...tally.state, cameras: [broken] } };
      expect(readCloudToPage(JSON.stringify(message))).toBeNull();
    }
  });
});

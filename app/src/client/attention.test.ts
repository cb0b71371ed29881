import { describe, expect, it } from "vitest";
import { attend } from "./attention";

class FakeWindow extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { visibilityState: "visible" });

  show(state: "visible" | "hidden"): void {
    this.document.visibilityState = state;
    this.document.dispatchEvent(new Event("visibilitychange"));
  }

  pageshow(persisted: boolean): void {
    this.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
  }
}

function open() {
  const page = new FakeWindow();
  const told: string[] = [];
  const tell = (what: string) => () => void told.push(what);
  const unbind = attend(page as unknown as Window, {
    seen: tell("seen"),
    reachable: tell("reachable"),
    hidden: tell("hidden"),
    left: tell("left"),
    returned: tell("returned"),
  });
  return { page, told, unbind };
}

describe("attention", () => {
  it("tells when the page is hidden and seen again", () => {
    const { page, told } = open();
    page.show("hidden");
    page.show("visible");
    expect(told).toEqual(["hidden", "seen"]);
  });

  it("tells when the network returned", () => {
    const { page, told } = open();
    page.dispatchEvent(new Event("online"));
    expect(told).toEqual(["reachable"]);
  });

  it("brings a page back that the browser had put aside, and only such a one", () => {
    const { page, told } = open();
    page.pageshow(false);
    expect(told).toEqual(["seen"]);
    page.dispatchEvent(new Event("pagehide"));
    page.pageshow(true);
    expect(told).toEqual(["seen", "left", "returned", "seen"]);
  });

  it("tells nothing more once unbound", () => {
    const { page, told, unbind } = open();
    unbind();
    page.show("hidden");
    expect(told).toEqual([]);
  });
});

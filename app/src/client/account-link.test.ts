import { describe, expect, it } from "vitest";
import { accountLink, desktopAddress } from "./account-link";

describe("a link into the account pages", () => {
  it("carries its secret in the fragment", () => {
    expect(accountLink("#signin/p0Vd2w")).toEqual({ kind: "signin", waiting: "p0Vd2w" });
    expect(accountLink("#refused/signin_unknown")).toEqual({ kind: "refused", code: "signin_unknown" });
  });

  it("is home where it is none of ours", () => {
    for (const fragment of [
      "",
      "#",
      "#signin",
      "#signin/",
      "#signin/<b>",
      "#else/abc",
      `#signin/${"x".repeat(201)}`,
    ]) {
      expect(accountLink(fragment), fragment).toEqual({ kind: "home" });
    }
  });

  it("leads a desktop's code to this machine, to a port that a program may open, and nowhere else", () => {
    const link = accountLink("#desktop/49152/E9Melhoa/xyz");
    expect(link).toEqual({ kind: "desktop", port: 49_152, challenge: "E9Melhoa", state: "xyz" });
    if (link.kind !== "desktop") throw new Error("it is the desktop's");
    expect(desktopAddress(link, "a&b")).toBe("http://127.0.0.1:49152/?code=a%26b&state=xyz");
    for (const wrong of ["80", "1e5", "65536", "-1", "evil.example", "49152@evil"]) {
      expect(accountLink(`#desktop/${wrong}/E9Melhoa/xyz`), wrong).toEqual({ kind: "home" });
    }
    expect(accountLink("#desktop/49152/E9Melhoa")).toEqual({ kind: "home" });
  });
});

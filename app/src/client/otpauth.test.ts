import { expect, it } from "vitest";
import { otpauth } from "./otpauth";

it("says whose secret it is, and at which server", () => {
  const made = new URL(otpauth("live.example.org:8443", "a+b@example.org", "GEZDGNBVGY3TQOJQ"));
  expect(made.protocol).toBe("otpauth:");
  expect(decodeURIComponent(made.pathname)).toContain("ReturnFeed live.example.org:8443:a+b@example.org");
  expect(made.searchParams.get("issuer")).toBe("ReturnFeed live.example.org:8443");
  expect(made.searchParams.get("secret")).toBe("GEZDGNBVGY3TQOJQ");
});

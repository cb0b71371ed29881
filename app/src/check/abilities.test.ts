import { expect, it } from "vitest";
import { type Bench, reportOf, tryAll } from "./abilities";

const IPHONE: Bench = {
  secure: true,
  userAgent: "an iPhone",
  videoCodecs: () => ["video/H264", "video/H264", "video/VP8"],
  vibrate: () => null,
  sound: async () => "running",
  lock: async () => "held",
  fullScreen: false,
  battery: async () => "",
  shell: async () => true,
  inApp: null,
};

it("asks a person only for what the phone says that it did", async () => {
  const tried = await tryAll(IPHONE);
  const verdicts = Object.fromEntries(tried.map(({ name, verdict }) => [name, verdict]));
  expect(verdicts).toMatchObject({
    vibration: "no",
    sound: "ask",
    h264: "yes",
    battery: "no",
    in_app: "yes",
  });
});

it("reports what was seen in words that fit a message", async () => {
  const report = reportOf(await tryAll({ ...IPHONE, inApp: "LINE" }), IPHONE.userAgent, "2026-11-23");
  expect(report.split("\n").slice(0, 4)).toEqual([
    "ReturnFeed check, 2026-11-23",
    "an iPhone",
    "secure: yes (https)",
    "h264: yes (video/H264 video/VP8)",
  ]);
  expect(report).toContain("in_app: no (LINE)");
});

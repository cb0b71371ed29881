import { expect, it } from "vitest";
import { wayOut } from "./inapp";

const LINK = "https://feed.test:8443/camera/#K7QM4XTP";
const KAKAO =
  "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36 KAKAOTALK 10.4.5";
const LINE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Safari Line/14.0.0";
const INSTAGRAM =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Instagram 300.0";
const CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36";

it("leads out of the apps that have a way, with the code of the link", () => {
  expect(wayOut(KAKAO, LINK)).toEqual({
    app: "KakaoTalk",
    link: `kakaotalk://web/openExternal?url=${encodeURIComponent(LINK)}`,
  });
  expect(wayOut(LINE, LINK)?.link).toBe("https://feed.test:8443/camera/?openExternalBrowser=1#K7QM4XTP");
});

it("names the app whose own menu is the way out, and leaves a browser alone", () => {
  expect(wayOut(INSTAGRAM, LINK)).toEqual({ app: "Instagram", link: null });
  expect(wayOut(CHROME, LINK)).toBeNull();
});

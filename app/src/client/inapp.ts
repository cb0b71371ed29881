// Recognises browsers inside other apps, which lack some of a browser's powers, and names the way out of each.
// Pure: a user agent in, a way out.

/** How a page gets into the phone's own browser. */
export interface WayOut {
  /** The app that the page was opened in, as it calls itself. */
  readonly app: string;
  /** An address that leads out by a tap; null: the app's own menu does. */
  readonly link: string | null;
}

const APPS: readonly (readonly [string, RegExp])[] = [
  ["KakaoTalk", /KAKAOTALK/i],
  ["LINE", /\bLine\//i],
  ["NAVER", /NAVER\(inapp/i],
  ["Daum", /DaumApps/i],
  ["Facebook", /FBAN|FBAV|FB_IAB/],
  ["Instagram", /Instagram/],
  ["WeChat", /MicroMessenger/],
  ["Slack", /Slack/],
  ["Teams", /TeamsMobile/],
];

/** The way out of the app that this page is in; null: it is in a browser. */
export function wayOut(userAgent: string, address: string): WayOut | null {
  const found = APPS.find(([, sign]) => sign.test(userAgent));
  if (found === undefined) return null;
  const [app] = found;
  if (app === "KakaoTalk") {
    return { app, link: `kakaotalk://web/openExternal?url=${encodeURIComponent(address)}` };
  }
  if (app === "LINE") {
    const out = new URL(address);
    out.searchParams.set("openExternalBrowser", "1");
    return { app, link: out.href };
  }
  return { app, link: null };
}

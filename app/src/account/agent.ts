// What a browser or a program says of itself, as its person knows it. Pure. It names and decides nothing: anybody can
// say anything there, so what it does not know is shown as it was said.

/** The more particular first: each of them also says to be those behind it. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Whale\//, "Whale"],
  [/KAKAOTALK/, "KakaoTalk"],
  [/Edg(?:e|A|iOS)?\//, "Edge"],
  [/OPR\//, "Opera"],
  [/(?:Firefox|FxiOS)\//, "Firefox"],
  [/(?:Headless)?Chrom(?:e|ium)\/|CriOS\//, "Chrome"],
  [/Version\/[\d.]+ .*Safari\//, "Safari"],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Macintosh/, "Mac"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** `Safari · iPhone`; what is no browser as it said itself. */
export function agentWords(agent: string): string {
  if (!agent.startsWith("Mozilla/")) return agent;
  const named = [BROWSERS, SYSTEMS].map((names) => names.find(([pattern]) => pattern.test(agent))?.[1]);
  return named.filter((name) => name !== undefined).join(" · ") || agent;
}

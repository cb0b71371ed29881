// What a show says of foreign switchers, changed. Pure.

import type { Mapped, SwitcherView } from "../contract/desktop";
import type { Show, ShowCamera, ShowSwitcher, SwitcherProtocol } from "../contract/protocol";

/** What a switcher is. */
export type Kind = SwitcherProtocol["kind"];

/** What each is called, and its usual port: TSL has none, and calls us. */
export const KINDS: Readonly<
  Record<Kind, { readonly name: string; readonly title: string; readonly port: number | null }>
> = {
  vmix: { name: "vMix", title: "vMix", port: 8099 },
  obs: { name: "OBS", title: "OBS Studio", port: 4455 },
  atem: { name: "ATEM", title: "ATEM", port: 9910 },
  tsl: { name: "TSL", title: "TSL UMD", port: null },
};

/** The port that is meant. */
export function portOf({ port, protocol }: ShowSwitcher): number | null {
  return port ?? KINDS[protocol.kind].port;
}

/** How an input is named in a feed: by its number, where it has one. */
const linkOf = (input: Mapped): string => (input.index === null ? input.input : String(input.index));

const isLink = (switcher: string, input: string) => (feed: ShowCamera["feeds"][number]) =>
  feed.links.length === 1 && feed.links[0]?.switcher === switcher && feed.links[0].input === input;

/** The camera of this number, made where there is none. */
function fed(cameras: readonly ShowCamera[], camera: number, switcher: string, input: string): ShowCamera[] {
  const feed = { links: [{ switcher, input }] };
  const known = cameras.find((one) => one.camera === camera) ?? { camera, name: "", feeds: [] };
  const others = cameras.filter((one) => one.camera !== camera);
  return [...others, { ...known, feeds: [...known.feeds, feed] }].sort((a, b) => a.camera - b.camera);
}

/** An input feeds this camera and no other by itself; 0: none. Where nothing was written before, what held by numbers is
 * written too: one written feed ends the rule for all. */
export function withCamera(
  show: Show,
  heard: readonly SwitcherView[],
  switcher: string,
  input: Mapped,
  camera: number,
): Show {
  let cameras: ShowCamera[] = [...show.cameras];
  if (cameras.every(({ feeds }) => feeds.length === 0))
    for (const one of heard)
      for (const each of one.inputs)
        for (const number of each.cameras) cameras = fed(cameras, number, one.name, linkOf(each));
  const link = linkOf(input);
  const is = isLink(switcher, link);
  cameras = cameras.map((one) => ({ ...one, feeds: one.feeds.filter((feed) => !is(feed)) }));
  if (camera >= 1 && camera <= 99) cameras = fed(cameras, camera, switcher, link);
  return { ...show, cameras };
}

/** Without this switcher, and without the feeds that went through it. */
export function withoutSwitcher(show: Show, name: string): Show {
  const through = (feed: ShowCamera["feeds"][number]) => feed.links.some((link) => link.switcher === name);
  return {
    ...show,
    switchers: show.switchers.filter((one) => one.name !== name),
    cameras: show.cameras.map((one) => ({ ...one, feeds: one.feeds.filter((feed) => !through(feed)) })),
  };
}

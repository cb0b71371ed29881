// The viewer's page: joining first, then the picture.

import type { ReturnFeed } from "../client/return-feed";
import type { ScreenLock } from "../client/wakelock";
import { Entrance } from "../ui/Entrance";
import { useRightPage } from "../ui/right-page";
import { useValue } from "../ui/use";
import { Watch } from "./Watch";

/** The page. */
export function ViewerPage({ feed, lock }: { feed: ReturnFeed; lock: ScreenLock }) {
  const membership = useValue(feed.member.state);
  const inside = useValue(feed.inside);
  useRightPage(inside?.me.role ?? null, "viewer");
  if (inside === null) return <Entrance membership={membership} use={(code) => feed.member.use(code)} />;
  return <Watch key={inside.me.participant} inside={inside} lock={lock} />;
}

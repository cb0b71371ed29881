// The camera operator's page: joining first, then the stage. A code of another role leads to its own page.

import type { Arms } from "../client/arms";
import type { Phone } from "../client/body";
import type { ReturnFeed } from "../client/return-feed";
import type { Value } from "../client/value";
import type { ScreenLock } from "../client/wakelock";
import { Entrance } from "../ui/Entrance";
import { Lamp } from "../ui/Lamp";
import { useRightPage } from "../ui/right-page";
import { useValue, useWords } from "../ui/use";
import { Stage } from "./Stage";
import type { Settings } from "./settings";

/** What the stage needs of this phone. */
export interface Device {
  readonly lock: ScreenLock;
  readonly phone: Phone;
  readonly settings: Settings;
  readonly arms: Arms;
  /** The page is in sight. */
  readonly visible: Value<boolean>;
  /** The phone plays the picture only after a tap. */
  readonly blocked: Value<boolean>;
}

/** The page. */
export function CameraPage({ feed, ...device }: { feed: ReturnFeed } & Device) {
  const membership = useValue(feed.member.state);
  const inside = useValue(feed.inside);
  useRightPage(inside?.me.role ?? null, "camera");
  const w = useWords();
  const invitation = { title: w.inviteCamera, detail: w.inviteCameraDetail, take: w.inviteCameraTake };
  if (inside === null) {
    return (
      <Entrance membership={membership} member={feed.member} invitation={invitation}>
        {membership.kind === "unreachable" && <NobodyKnows />}
      </Entrance>
    );
  }
  return <Stage key={inside.me.participant} inside={inside} device={device} />;
}

/** A page that was reloaded while the server is away: it shows no colour that it cannot know. */
function NobodyKnows() {
  const w = useWords();
  return (
    <div className="nobody-knows">
      <Lamp tally="unknown" camera="" why={w.unreachable} word="" freshForMs={null} />
    </div>
  );
}

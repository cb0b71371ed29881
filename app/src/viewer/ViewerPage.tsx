// The viewer's page: joining first, then the picture. Who cannot join is told what became of the link.

import type { Member, Membership } from "../client/membership";
import type { ReturnFeed } from "../client/return-feed";
import type { ScreenLock } from "../client/wakelock";
import { Entrance } from "../ui/Entrance";
import { LanguageButton } from "../ui/LanguageButton";
import { useRightPage } from "../ui/right-page";
import { useValue, useWords } from "../ui/use";
import { Card } from "./Card";
import { Drawing } from "./Drawing";
import { Watch } from "./Watch";

/** The page. */
export function ViewerPage({ feed, lock }: { feed: ReturnFeed; lock: ScreenLock }) {
  const membership = useValue(feed.member.state);
  const inside = useValue(feed.inside);
  useRightPage(inside?.me.role ?? null, "viewer");
  if (inside !== null) return <Watch key={inside.me.participant} inside={inside} lock={lock} />;
  return <Door membership={membership} member={feed.member} />;
}

const GONE: ReadonlySet<string> = new Set([
  "code_unknown",
  "invite_expired",
  "invite_used_up",
  "invite_revoked",
]);

function Door({ membership, member }: { membership: Membership; member: Member }) {
  const w = useWords();
  const refused = membership.kind === "code_needed" ? (membership.problem?.code ?? null) : null;
  if (refused === "session_ended") {
    return (
      <main className="entrance">
        <header className="entrance-head">
          <p className="entrance-brand">{w.appName}</p>
          <LanguageButton />
        </header>
        <div className="entrance-body">
          <Card drawing="ended" notice={{ title: w.ended, detail: w.endedDetail }} />
        </div>
      </main>
    );
  }
  const invitation = { title: w.inviteViewer, detail: w.inviteViewerDetail, take: w.inviteViewerTake };
  return (
    <Entrance membership={membership} member={member} invitation={invitation}>
      {(membership.kind === "joining" || membership.kind === "invited") && <Drawing name="opening" />}
      {membership.kind === "unreachable" && <Drawing name="unreachable" />}
      {membership.kind === "out" && <Drawing name="ended" />}
      {refused !== null && GONE.has(refused) && (
        <Card drawing="expired" notice={{ title: w.linkExpired, detail: w.linkExpiredDetail }} />
      )}
    </Entrance>
  );
}

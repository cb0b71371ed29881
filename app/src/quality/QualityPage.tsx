// The quality page: how a session fares, for its director and the host.

import type { QualityFacts, QualityFeed, QualityState } from "../client/quality";
import { LanguageButton } from "../ui/LanguageButton";
import { problemWords } from "../ui/sentences";
import { useValue, useWords } from "../ui/use";
import type { Words } from "../ui/words/words";
import { Plots } from "./Plots";
import { Pushes } from "./Pushes";
import { Switches } from "./Switches";
import { Viewers } from "./Viewers";
import "./quality.css";

/** The page; without a feed its link was not whole. */
export function QualityPage({ feed }: { feed: QualityFeed | null }) {
  const w = useWords();
  if (feed === null) {
    return (
      <main className="fare">
        <Head title={w.netTitle} status={w.netLinkWrong} />
        <p>{w.netLinkWrongDetail}</p>
      </main>
    );
  }
  return <Session feed={feed} />;
}

function Session({ feed }: { feed: QualityFeed }) {
  const w = useWords();
  const state = useValue(feed.state);
  const facts = useValue(feed.facts);
  return (
    <main className="fare">
      <Head title={facts?.session.name ?? w.netTitle} status={stateWords(state, w)} />
      {facts !== null && <Facts facts={facts} />}
    </main>
  );
}

function Facts({ facts }: { facts: QualityFacts }) {
  const now = facts.seconds.at(-1);
  return (
    <>
      <Plots seconds={facts.seconds} />
      <Pushes pushes={now?.pushes ?? []} />
      <Viewers viewers={facts.viewers} more={facts.more} />
      <Switches switches={facts.switches} />
    </>
  );
}

function Head({ title, status }: { title: string; status: string }) {
  const w = useWords();
  return (
    <header className="fare-head">
      <h1>{title}</h1>
      <p role="status" aria-label={w.status}>
        {status}
      </p>
      <LanguageButton />
    </header>
  );
}

function stateWords(state: QualityState, w: Words): string {
  switch (state.kind) {
    case "connecting":
      return w.connecting;
    case "open":
      return w.netLive;
    case "waiting":
      return w.reconnecting;
    case "over": {
      const { title, detail } = problemWords(state.problem, w);
      return `${title} ${detail}`.trim();
    }
  }
}

// A whole return feed: cloud, session on air, director pushing.

import { Cloud } from './cloud.mjs';
import { Director } from './director.mjs';
import { until } from './program.mjs';

export async function startFeed({ sources = ['test', 'test'], directorArgs = [], directorEnv = {}, cloudArgs = [], publicLayer = 'high', lan } = {}) {
  const cloud = await Cloud.start({ args: cloudArgs });
  try {
    const session = await cloud.session({ publicLayer });
    const director = new Director(cloud, session, { sources, args: directorArgs, env: directorEnv, lan });
    const feed = {
      cloud,
      session,
      director,
      cameraLink: session.cameraLink,
      viewerLink: session.viewerLink,
      async end() {
        await feed.director.end();
        await cloud.end();
      },
    };
    await until('both layers arrive at the cloud', async () => {
      if (!director.program.alive) throw new Error(`the director ended:\n${director.program.tail()}`);
      const metrics = await cloud.metrics();
      return ['high', 'low'].every((layer) => metrics.sum('ingest_bytes_total', { layer }) > 0);
    });
    return feed;
  } catch (error) {
    await cloud.end();
    throw error;
  }
}

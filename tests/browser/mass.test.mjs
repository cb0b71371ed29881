// Many operators at once, over server-sent events: each sees the newest tally, none ever sees an older one.
// 24 of them in the normal suite; 400 in `./dev test long`.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { startFeed } from './lib/feed.mjs';
import { until } from './lib/program.mjs';

const OPERATORS = process.env.RETURNFEED_LONG === '1' ? 400 : 24;
const CUTS = 12;

/** One operator without a browser: joins, opens the event stream, says hello, and keeps every tally it is sent. */
async function operator(cloud, code, camera) {
  const { token } = await cloud.join(code, `Operator ${camera}`);
  const abort = new AbortController();
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${cloud.plainOrigin}/api/events`, { headers, signal: abort.signal });
  assert.equal(answer.status, 200);
  const seen = [];
  let stream;
  const read = async () => {
    let rest = '';
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const events = (rest + chunk).split('\n\n');
      rest = events.pop();
      for (const event of events) {
        const data = /^data: ?(.*)$/m.exec(event)?.[1];
        if (/^event: ?stream$/m.test(event)) stream = data;
        else if (data) {
          const message = JSON.parse(data);
          if (message.type === 'tally') seen.push(message.state);
        }
      }
    }
  };
  const reading = read().catch((error) => {
    if (error.name !== 'AbortError') throw error;
  });
  await until('the stream’s own name', () => stream);
  await cloud.api('POST', `/api/events/${stream}`, { token, body: { type: 'hello', protocol: 1, camera } });
  return {
    seen,
    async leave() {
      abort.abort();
      await reading;
    },
  };
}

const onAir = (state) => state?.cameras.find((lamp) => lamp.tally === 'program')?.camera;

describe('many operators', () => {
  test('each sees the newest tally and none an older one', { timeout: 600_000 }, async () => {
    const feed = await startFeed({ sources: ['test', 'test'] });
    const operators = [];
    try {
      while (operators.length < OPERATORS) {
        const batch = Array.from({ length: Math.min(8, OPERATORS - operators.length) }, (_, i) =>
          operator(feed.cloud, feed.session.cameraCode, (i % 2) + 1),
        );
        operators.push(...(await Promise.all(batch)));
      }
      for (let cut = 0; cut < CUTS; cut += 1) {
        const camera = 2 - (cut % 2);
        feed.director.cut(camera);
        await until(`all ${OPERATORS} see camera ${camera} on air`, () =>
          operators.every(({ seen }) => onAir(seen.at(-1)) === camera),
        );
      }
      for (const { seen } of operators) {
        for (let i = 1; i < seen.length; i += 1) {
          const [before, after] = [seen[i - 1], seen[i]];
          assert.ok(
            after.epoch > before.epoch || (after.epoch === before.epoch && after.seq > before.seq),
            `word ${after.epoch}.${after.seq} came after ${before.epoch}.${before.seq}`,
          );
        }
      }
    } finally {
      await Promise.all(operators.map((one) => one.leave()));
      await feed.end();
    }
  });
});
